//! What OpenAPI can say of the sockets: how they are opened, and in words what is said on them.

use aide::{
    axum::{ApiRouter, routing::ApiMethodDocs},
    openapi::{
        MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, QueryStyle, ReferenceOr,
        Response, SchemaObject, StatusCode,
    },
};
use schemars::{Schema, json_schema};
use serde_json::json;
use trunkline_service::Ctx;

/// The document's part of the sockets; they are served beside the API, by the media server.
pub(crate) fn docs() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route_docs("/voice", ApiMethodDocs::new("get", voice()))
        .api_route_docs("/socket.io", ApiMethodDocs::new("get", desk()))
}

const DESK: &str = "\
A human agent's desk, by Socket.IO (version 5 of its protocol, so clients of version 3 and 4), over a WebSocket or by polling. The token comes in \
`auth.token`, in the Authorization header, or in the query.

The client sends, and each is answered by an ack `{success, error?}`
- `agent:join {agentId, tenantId, since?}`: open one's own desk, or as a manager any of the tenant's. `since` is the `cursor` of the last event that \
was heard, or a time: what was missed since (at most the last hour, and 100 events) is told first, with `replayed: true`; what rings now is told in \
any case. The ack also says how many (`replayed`) and whether there was more (`cut`);
- `agent:status {agentId, status}`: `available`, `busy`, `offline` or `break`.

The server sends
- `incoming:call {callId, leadId, first_name, last_name, phone, notes}` to the desk, as its telephone begins to ring;
- `call:ended {callId, leadId, disposition, duration}` to the desk: its part of the call is over; `disposition` is null when the call goes on without it;
- `agent:status:updated {agentId, status}` to all desks of the tenant;
- `session:ended {code: 4401, message}` when the token is not good any more, and closes the Socket.IO socket within a second: \
a client that does not close its connection then has an empty one.

Each of the first three also has `eventId`, `seq` and `cursor`. The same event may come again after a lost connection, with the same `eventId`.

A message of the client has at most 16 kB, a user at most 10 sockets on one instance of the server, a socket 60 requests a minute and 50 desks. Who does not read is dropped.";

fn desk() -> Operation {
    let mut operation = Operation {
        summary: Some("Open a human agent's desk".to_owned()),
        description: Some(DESK.to_owned()),
        parameters: vec![
            parameter(
                "EIO",
                "4, as clients send it",
                json_schema!({ "type": "string", "enum": ["4"] }),
            ),
            parameter(
                "transport",
                "How it is connected",
                json_schema!({ "type": "string", "enum": ["polling", "websocket"] }),
            ),
            parameter(
                "token",
                "An access token; without it the header or `auth` has one",
                json_schema!({ "type": "string" }),
            ),
        ],
        ..Operation::default()
    };
    let responses = &mut operation.responses.get_or_insert_default().responses;
    for (status, what) in [
        (101, "The socket is open"),
        (200, "A packet, or several, of a polling client"),
        (
            400,
            "This is no request of Socket.IO, or its session is not known",
        ),
        (
            401,
            "The token in header or query is not good; one in `auth` is refused by `connect_error`",
        ),
        (
            503,
            "Too many sockets wait to say who they are, or there is maintenance",
        ),
    ] {
        let mut response = Response {
            description: what.to_owned(),
            ..Response::default()
        };
        if status >= 400 {
            let example = json!({ "success": false, "error": what });
            response
                .content
                .insert("application/json".to_owned(), body("DialerError", example));
        }
        responses.insert(StatusCode::Code(status), ReferenceOr::Item(response));
    }
    operation
}

const VOICE: &str = "\
A call from a browser or an app, no carrier between: a WebSocket of JSON messages `{type, session_id, timestamp, …}`, `timestamp` in \
milliseconds. The call is logged, recorded and analysed like any other, with `direction: \"web\"` and the `session_id` as its id.

The client sends
- `auth {token, agent_id, campaign_id?}`: the first message, within 5 s, unless the query says it all;
- `audio {sequence, format: \"pcm_16k\", data}`: base64 of 16-bit little-endian mono PCM at 16 kHz, about 100 ms each, in real time;
- `metadata {…}`: kept as the call's notes, at most 10,000 characters;
- `control {action: pause | resume | end}`.

The server sends
- `auth_response {status: success | error, session_id, message}`; after an error it closes;
- `ready`: talk;
- `status {status: transcribing | processing | synthesizing}`;
- `transcript {partial}` while it listens, `transcript {complete, confidence, final: true}` when it has understood;
- `response {text, agent_id, emotion, sentiment}`: what the agent says next;
- `audio`: as above, what the agent says;
- `error {error_code, message, details}`: `STT_FAILED`, `LLM_FAILED` or `TTS_FAILED`, and the call goes on with what is left; \
`INVALID_MESSAGE`, and after 16 of those the call ends.

It is closed with 1000 when the call is over, 1008 when the agent or campaign is not the caller's or the role is below `user`, 1011 when the \
platform cannot say now, 1013 when all lines are busy or there is maintenance (`auth_response` has its message; admins are let in), and 4401 \
when nobody says in time who they are, or the token is not good, or not any more.";

fn voice() -> Operation {
    let id = json_schema!({ "type": "string", "format": "uuid" });
    let mut operation = Operation {
        summary: Some("Talk to a voice agent".to_owned()),
        description: Some(VOICE.to_owned()),
        parameters: vec![
            parameter(
                "token",
                "An access token; without it `auth` has one",
                json_schema!({ "type": "string" }),
            ),
            parameter(
                "agent_id",
                "The voice agent to talk to; without it `auth` has one",
                id.clone(),
            ),
            parameter("campaign_id", "The campaign that the call belongs to, if any", id),
        ],
        ..Operation::default()
    };
    let responses = &mut operation.responses.get_or_insert_default().responses;
    let switched = Response {
        description: "The socket is open".to_owned(),
        ..Response::default()
    };
    responses.insert(StatusCode::Code(101), ReferenceOr::Item(switched));
    for (status, code, why) in [
        (
            400,
            "REQUEST_001",
            "The request asks for no upgrade to a WebSocket, or not rightly",
        ),
        (
            401,
            "AUTH_003",
            "The query's token is not good, or has expired (`AUTH_002`)",
        ),
        (405, "REQUEST_001", "It is opened with GET"),
        (426, "REQUEST_001", "The connection cannot be upgraded"),
        (
            503,
            "SERVER_002",
            "Too many sockets wait to say who they are, or the media server is stopping",
        ),
    ] {
        responses.insert(StatusCode::Code(status), ReferenceOr::Item(refused(code, why)));
    }
    operation
}

fn refused(code: &str, why: &str) -> Response {
    let example = json!({
        "success": false, "data": null, "error": {"code": code, "message": why, "details": why},
        "timestamp": "2024-01-29T10:30:00Z",
    });
    Response {
        description: why.to_owned(),
        content: [("application/json".to_owned(), body("VoiceEraError", example))]
            .into_iter()
            .collect(),
        ..Response::default()
    }
}

/// A JSON body of a schema of the document.
fn body(schema: &str, example: serde_json::Value) -> MediaType {
    let place = format!("#/components/schemas/{schema}");
    MediaType {
        schema: Some(SchemaObject {
            json_schema: json_schema!({ "$ref": place }),
            example: None,
            external_docs: None,
        }),
        example: Some(example),
        ..MediaType::default()
    }
}

fn parameter(name: &str, description: &str, schema: Schema) -> ReferenceOr<Parameter> {
    ReferenceOr::Item(Parameter::Query {
        parameter_data: ParameterData {
            name: name.to_owned(),
            description: Some(description.to_owned()),
            required: false,
            deprecated: None,
            format: ParameterSchemaOrContent::Schema(SchemaObject {
                json_schema: schema,
                example: None,
                external_docs: None,
            }),
            example: None,
            examples: Default::default(),
            explode: None,
            extensions: Default::default(),
        },
        allow_reserved: false,
        style: QueryStyle::Form,
        allow_empty_value: None,
    })
}
