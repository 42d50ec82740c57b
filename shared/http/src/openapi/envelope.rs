//! Answers in their dialect's envelope: the schema, and the example as it would be rendered.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::facts;
use crate::{
    Dialect,
    render::enveloped,
    reply::{Payload, Shape},
};

/// What an answer has besides its data.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// Its sentence.
    pub(super) says: Option<String>,
    /// Schema and example of what stands beside `data`.
    pub(super) beside: Option<(Value, Map<String, Value>)>,
}

/// The schema of an answer around that of its data; data that is only null is left away where the dialect can.
pub(super) fn schema(dialect: Dialect, data: Value, status: &str, around: &Around) -> Value {
    let said = data["type"] == "null";
    let mut fields = json!({ "success": { "type": "boolean" }, "message": { "type": "string" } });
    let mut required = vec!["success"];
    let mut parts = Vec::new();
    match dialect {
        Dialect::VoiceEra => {
            if !said && status != "201" && around.says.is_none() {
                fields = json!({ "success": { "type": "boolean" } });
            }
            fields["data"] = data.clone();
            fields["error"] = json!({ "type": "null" });
            fields["timestamp"] = json!({ "type": "string", "format": "date-time" });
            required.extend(["data", "error", "timestamp"]);
            parts.push(data);
        }
        Dialect::Dialer => parts.push(data),
        Dialect::AiCaller if !said => return data,
        Dialect::AiCaller => {}
        Dialect::Platform | Dialect::V1 if !said => {
            fields["data"] = data;
            required.push("data");
        }
        Dialect::Platform | Dialect::V1 => {}
    }
    if said {
        required.push("message");
        parts.clear();
    }
    parts.extend(around.beside.iter().map(|(schema, _)| schema.clone()));
    let envelope = json!({ "type": "object", "properties": fields, "required": required });
    if parts.is_empty() {
        return envelope;
    }
    parts.push(envelope);
    json!({ "allOf": parts })
}

/// The answer with this data, as it is rendered.
pub(super) fn example(dialect: Dialect, data: Value, status: &str, around: &Around) -> Value {
    let status = status.parse().unwrap_or(StatusCode::OK);
    let done = data.is_null().then(|| "Deleted successfully".to_owned());
    let payload = Payload {
        status: status.as_u16(),
        data: Some(data).filter(|data| !data.is_null()),
        message: around.says.clone().or(done),
        beside: around
            .beside
            .as_ref()
            .map(|(_, fields)| fields.clone())
            .unwrap_or_default(),
        shape: Shape::Enveloped,
        unavailable: None,
        headers: Vec::new(),
    };
    enveloped(payload, status, &facts(dialect))
}
