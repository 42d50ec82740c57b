//! What OpenAPI says of the carrier's webhooks: what the carrier sends, and what it is answered.

use aide::{
    axum::{ApiRouter, routing::ApiMethodDocs},
    openapi::{
        MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, QueryStyle, ReferenceOr,
        RequestBody, Response, SchemaObject, StatusCode,
    },
};
use schemars::{Schema, json_schema};
use serde_json::{Value, json};
use trunkline_http::{BY_CARRIER, example};
use trunkline_service::Ctx;

/// What a webhook's address says besides the call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// Which placing of it.
    Call,
    /// And which media stream of it.
    Stream,
    /// And which human agent's telephone, where it is about one.
    Leg,
    /// What the telephone of a human agent is asked with.
    Room,
}

/// A webhook of `functions/hook-twilio`.
struct Hook {
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    /// What the address says besides the call.
    about: About,
    /// What the carrier sends, by name: an example of each field that is read.
    fields: &'static [(&'static str, &'static str)],
    /// Whether it is answered by what to do next.
    instructs: bool,
}

const CALL: [(&str, &str); 2] = [
    ("AccountSid", "AC00000000000000000000000000005131"),
    ("CallSid", "CA1234567890abcdef1234567890abcdef"),
];

const HOOKS: [Hook; 7] = [
    Hook {
        path: "/webhooks/twilio/answer",
        summary: "Call answered (TwiML response)",
        description: "The call was answered: a media stream to the AI agent, the room where a human agent comes, or an end to the call.",
        about: About::Call,
        fields: &[("CallStatus", "in-progress"), ("AnsweredBy", "human")],
        instructs: true,
    },
    Hook {
        path: "/webhooks/twilio/amd",
        summary: "AMD result",
        description: "Who or what answered. A machine is left the campaign's message after its beep, or hung up on.",
        about: About::Call,
        fields: &[("AnsweredBy", "machine_end_beep")],
        instructs: false,
    },
    Hook {
        path: "/webhooks/twilio/status",
        summary: "Call status update",
        description: "Where the call stands. Late, repeated and reordered ones change nothing that is known better.",
        about: About::Leg,
        fields: &[("CallStatus", "completed"), ("CallDuration", "330")],
        instructs: false,
    },
    Hook {
        path: "/webhooks/twilio/recording",
        summary: "Recording status",
        description: "The carrier has recorded a call with a human agent: the recording is fetched, kept as the call's, and deleted at the carrier. Of \
                      calls by an AI agent ours is the one that is kept.",
        about: About::Call,
        fields: &[
            ("RecordingSid", "RE1234567890abcdef1234567890abcdef"),
            ("RecordingStatus", "completed"),
        ],
        instructs: false,
    },
    Hook {
        path: "/webhooks/twilio/stream-ended",
        summary: "Media stream ended (TwiML response)",
        description: "A media stream of the call has ended: what its session asked for follows, or, where the media server died, the next stream.",
        about: About::Stream,
        fields: &[("CallStatus", "in-progress")],
        instructs: true,
    },
    Hook {
        path: "/webhooks/twilio/agent-answer",
        summary: "Agent answer (TwiML response)",
        description: "A human agent's telephone was answered: it hears who is there and is asked for any key; with a key it goes to the caller's room, unless the caller has gone.",
        about: About::Room,
        fields: &[("CallStatus", "in-progress"), ("Digits", "1")],
        instructs: true,
    },
    Hook {
        path: "/webhooks/twilio/conference-status",
        summary: "Conference status",
        description: "Somebody came to the room where caller and human agent meet, or left it. Of a call that is over nothing changes.",
        about: About::Call,
        fields: &[
            ("ConferenceSid", "CF1234567890abcdef1234567890abcdef"),
            ("FriendlyName", "call_6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e"),
            ("StatusCallbackEvent", "participant-join"),
            ("ParticipantLabel", "leg-1"),
            ("SequenceNumber", "2"),
            ("Timestamp", "Thu, 15 Jan 2026 10:30:00 +0000"),
        ],
        instructs: false,
    },
];

/// The document's part of the carrier's webhooks; they are served beside the API, without token or limit.
pub(crate) fn docs() -> ApiRouter<Ctx> {
    HOOKS.iter().fold(ApiRouter::new(), |router, hook| {
        router.api_route_docs(hook.path, ApiMethodDocs::new("post", operation(hook)))
    })
}

fn operation(hook: &Hook) -> Operation {
    let mut parameters = vec![
        parameter(
            "callId",
            json_schema!({ "type": "string", "format": "uuid" }),
            json!(example::id("call_id")),
        ),
        parameter("e", json_schema!({ "type": "integer", "minimum": 1 }), json!(1)),
    ];
    let integer = |minimum: i64| json_schema!({ "type": "integer", "minimum": minimum });
    match hook.about {
        About::Call => {}
        About::Stream => parameters.push(parameter("gen", integer(0), json!(0))),
        About::Leg => parameters.push(optional(parameter("leg", integer(1), json!(1)))),
        About::Room => {
            let text = || json_schema!({ "type": "string" });
            let room = format!("call_{}", example::id("call_id"));
            parameters.push(optional(parameter("leg", integer(1), json!(1))));
            parameters.push(optional(parameter("conferenceName", text(), json!(room))));
            // Accepted as the document writes it, never sent: a person's name does not belong into an address.
            parameters.push(optional(parameter("leadName", text(), json!("John Doe"))));
        }
    }
    let description = format!(
        "{} Called by the carrier with the address that it was given: `X-Twilio-Signature` must be the call's own account's.",
        hook.description
    );
    let mut operation = Operation {
        summary: Some(hook.summary.to_owned()),
        description: Some(description),
        parameters,
        request_body: Some(ReferenceOr::Item(body(hook))),
        ..Operation::default()
    };
    operation.extensions.insert(BY_CARRIER.to_owned(), json!(true));
    let responses = &mut operation.responses.get_or_insert_default().responses;
    responses.insert(StatusCode::Code(200), ReferenceOr::Item(answer(hook.instructs)));
    for (status, why) in [
        (400, "Signed, but a field is missing or wrong; nothing was done"),
        (
            403,
            "Not signed by the call's own account, or altered; nothing was done",
        ),
        (413, "Larger than any webhook of the carrier"),
        (500, "Not done now; the carrier tells again"),
        (503, "Not done now; the carrier tells again"),
    ] {
        let response = Response {
            description: why.to_owned(),
            ..Response::default()
        };
        responses.insert(StatusCode::Code(status), ReferenceOr::Item(response));
    }
    operation
}

fn body(hook: &Hook) -> RequestBody {
    let fields = || CALL.iter().chain(hook.fields);
    let properties: serde_json::Map<String, Value> = fields()
        .map(|(name, _)| ((*name).to_owned(), json!({ "type": "string" })))
        .collect();
    let example: serde_json::Map<String, Value> = fields()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let media = MediaType {
        schema: Some(SchemaObject {
            json_schema: json_schema!({
                "type": "object", "properties": properties, "required": ["AccountSid", "CallSid"],
            }),
            example: None,
            external_docs: None,
        }),
        example: Some(Value::Object(example)),
        ..MediaType::default()
    };
    RequestBody {
        content: [("application/x-www-form-urlencoded".to_owned(), media)]
            .into_iter()
            .collect(),
        required: true,
        ..RequestBody::default()
    }
}

fn answer(instructs: bool) -> Response {
    if !instructs {
        return Response {
            description: "Noted, or known already; no body".to_owned(),
            ..Response::default()
        };
    }
    let media = MediaType {
        example: Some(json!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Hangup/></Response>"
        )),
        ..MediaType::default()
    };
    Response {
        description: "TwiML: what to do with the call".to_owned(),
        content: [("text/xml".to_owned(), media)].into_iter().collect(),
        ..Response::default()
    }
}

fn optional(mut parameter: ReferenceOr<Parameter>) -> ReferenceOr<Parameter> {
    if let ReferenceOr::Item(Parameter::Query { parameter_data, .. }) = &mut parameter {
        parameter_data.required = false;
    }
    parameter
}

fn parameter(name: &str, schema: Schema, example: Value) -> ReferenceOr<Parameter> {
    ReferenceOr::Item(Parameter::Query {
        parameter_data: ParameterData {
            name: name.to_owned(),
            description: None,
            required: true,
            deprecated: None,
            format: ParameterSchemaOrContent::Schema(SchemaObject {
                json_schema: schema,
                example: None,
                external_docs: None,
            }),
            example: Some(example),
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        },
        allow_reserved: false,
        style: QueryStyle::Form,
        allow_empty_value: None,
    })
}
