//! The error answers of each dialect, with an example of each code, in the words that they are rendered with.

use serde_json::{Map, Value, json};
use trunkline_domain::{Error, FieldError, error::Kind};

use super::facts;
use crate::{Dialect, Failure, names::name, render::error_body};

const DIALECTS: [Dialect; 5] = [
    Dialect::VoiceEra,
    Dialect::Dialer,
    Dialect::AiCaller,
    Dialect::Platform,
    Dialect::V1,
];

/// A failure of each kind that a client can meet anywhere.
fn failures() -> Vec<Failure> {
    let conflict = |kind, what: &str| Error::Conflict {
        kind,
        what: what.to_owned(),
    };
    let errors = vec![
        Error::Malformed("the body is not JSON: expected value at line 1 column 10".to_owned()),
        Error::BadCredentials,
        Error::TokenExpired,
        Error::TokenInvalid("no token: send it as `Authorization: Bearer <token>`".to_owned()),
        Error::Forbidden("this needs the role manager".to_owned()),
        Error::NotFound(Kind::VoiceAgent),
        Error::NotFound(Kind::Campaign),
        Error::NotFound(Kind::Call),
        conflict(Kind::VoiceAgent, "an agent with this name already exists"),
        conflict(Kind::Campaign, "a campaign that is active cannot be launched"),
        Error::invalid("max_concurrent_calls", "must be from 1 to 1000"),
        Error::Invalid(vec![FieldError::phone(
            "phone_numbers[0]",
            "`555` is not a phone number in E.164 form, such as +14155550123",
        )]),
        Error::TooLarge {
            limit_bytes: 1_048_576,
        },
        Error::UnsupportedMedia("this route reads application/json, not text/plain".to_owned()),
        Error::RateLimited {
            limit: 100,
            retry_after_s: 12,
        },
        Error::internal("never shown"),
    ];
    let closed = Failure::Maintenance {
        message: "The platform is under maintenance".to_owned(),
    };
    let stale = Failure::Stale {
        now: "\"3\"".to_owned(),
    };
    let errors = errors.into_iter().map(Failure::Domain);
    errors.chain([stale, closed]).collect()
}

/// The response of each status in each dialect, by its name among the components; [`reference`] points to one.
pub(super) fn responses() -> Map<String, Value> {
    let mut responses = Map::new();
    for dialect in DIALECTS {
        for failure in failures() {
            let named = name(&failure, dialect);
            let response = responses
                .entry(response_name(dialect, named.status.as_str()))
                .or_insert_with(|| {
                    let words = named.status.canonical_reason().unwrap_or("Refused");
                    let schema = json!({ "$ref": format!("#/components/schemas/{}", schema_name(dialect)) });
                    json!({ "description": words, "content": { "application/json": { "schema": schema, "examples": {} } } })
                });
            // The first of a code is the one that its table shows.
            let examples = &mut response["content"]["application/json"]["examples"];
            if examples.get(&named.code).is_none() {
                let body = error_body(&failure, &named, &facts(dialect));
                examples[&named.code] = json!({ "summary": named.message, "value": body });
            }
        }
    }
    responses
}

/// The schema of each dialect's error body, by its name among the components.
pub(super) fn schemas() -> Map<String, Value> {
    let named = DIALECTS.map(|dialect| (schema_name(dialect).to_owned(), schema(dialect)));
    named.into_iter().collect()
}

/// Points to the response of a status.
pub(super) fn reference(dialect: Dialect, status: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", response_name(dialect, status)) })
}

fn response_name(dialect: Dialect, status: &str) -> String {
    format!("{}{status}", schema_name(dialect))
}

const fn schema_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::VoiceEra => "VoiceEraError",
        Dialect::Dialer => "DialerError",
        Dialect::AiCaller => "AiCallerError",
        Dialect::Platform => "PlatformError",
        Dialect::V1 => "V1Error",
    }
}

fn schema(dialect: Dialect) -> Value {
    let text = json!({ "type": "string" });
    let failed = json!({ "type": "boolean", "const": false });
    let fields = json!({ "type": "object", "additionalProperties": text });
    let error = |details: &Value| json!({ "type": "object", "properties": { "code": text, "message": text, "details": details }, "required": ["code", "message", "details"] });
    let properties = match dialect {
        Dialect::VoiceEra => json!({
            "success": failed, "data": { "type": "null" }, "error": error(&text), "timestamp": { "type": "string", "format": "date-time" },
        }),
        Dialect::Dialer => json!({ "success": failed, "error": text }),
        Dialect::Platform => json!({ "success": failed, "message": text, "error": error(&text) }),
        Dialect::AiCaller | Dialect::V1 => {
            json!({ "success": failed, "message": text, "error": error(&fields) })
        }
    };
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}
