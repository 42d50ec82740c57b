//! The one place where answers and failures get their dialect's body.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use trunkline_domain::{Error, Instant};

use crate::{
    Dialect, Failure,
    failure::Unrendered,
    names::{Named, name},
    reply::{Payload, Shape, object},
    when::Seconds,
};

/// What is known of a request before its answer.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) dialect: Dialect,
    pub(crate) request_id: String,
    pub(crate) now: Instant,
}

/// Fills in the body of an answer or failure that has none yet; any other response passes.
pub(crate) fn render(mut response: Response, facts: &Facts) -> Response {
    if let Some(Unrendered(failure)) = response.extensions_mut().remove::<Unrendered>() {
        let named = name(&failure, facts.dialect);
        log(&failure, &named);
        return failed(response, &failure, &named, facts);
    }
    match response.extensions_mut().remove::<Payload>() {
        Some(payload) => answered(response, payload, facts),
        None => response,
    }
}

/// Bad requests at INFO, without what they sent: that may be a phone number. Faults of ours at ERROR with their causes.
fn log(failure: &Failure, named: &Named) {
    let status = named.status.as_u16();
    if let Failure::Domain(Error::Internal(cause)) = failure {
        let mut causes = cause.to_string();
        let mut next = cause.source();
        for _ in 0..8 {
            let Some(inner) = next else { break };
            causes.push_str(": ");
            causes.push_str(&inner.to_string());
            next = inner.source();
        }
        tracing::error!(status, code = %named.code, error = %causes, "a request failed by a fault of ours");
        return;
    }
    let fields = named
        .fields
        .iter()
        .map(|field| field.field.as_str())
        .collect::<Vec<_>>()
        .join(",");
    tracing::info!(status, code = %named.code, fields, "a request was refused");
    tracing::debug!(reason = %failure, "why it was refused");
}

/// A failure's body in its dialect.
pub(crate) fn error_body(failure: &Failure, named: &Named, facts: &Facts) -> Value {
    let Named { code, message, .. } = named;
    match facts.dialect {
        Dialect::VoiceEra => json!({
            "success": false,
            "data": null,
            "error": { "code": code, "message": message, "details": details_text(failure, named, facts) },
            "timestamp": Seconds(facts.now),
        }),
        Dialect::Dialer => json!({ "success": false, "error": sentence(failure, named, facts) }),
        Dialect::Platform => json!({
            "success": false,
            "message": message,
            "error": { "code": code, "message": message, "details": details_text(failure, named, facts) },
        }),
        Dialect::AiCaller | Dialect::V1 => json!({
            "success": false,
            "message": message,
            "error": { "code": code, "message": message, "details": details_object(failure, named, facts) },
        }),
    }
}

fn failed(response: Response, failure: &Failure, named: &Named, facts: &Facts) -> Response {
    let body = error_body(failure, named, facts);
    let mut response = with_json(response, named.status, &body);
    if let Some(seconds) = named.retry_after_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if named.status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Failure::Range { total_bytes } = failure
        && let Ok(value) = HeaderValue::try_from(format!("bytes */{total_bytes}"))
    {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

fn details_text(failure: &Failure, named: &Named, facts: &Facts) -> String {
    if named.status.is_server_error() && matches!(failure, Failure::Domain(Error::Internal(_))) {
        return format!("request id {}", facts.request_id);
    }
    if named.fields.is_empty() {
        return named.message.clone();
    }
    named
        .fields
        .iter()
        .map(|field| format!("{}: {}", field.field, field.what))
        .collect::<Vec<_>>()
        .join("; ")
}

fn details_object(failure: &Failure, named: &Named, facts: &Facts) -> Value {
    if named.status.is_server_error() && matches!(failure, Failure::Domain(Error::Internal(_))) {
        return json!({ "request_id": facts.request_id });
    }
    Value::Object(
        named
            .fields
            .iter()
            .map(|field| (field.field.clone(), Value::from(field.what.clone())))
            .collect(),
    )
}

fn sentence(failure: &Failure, named: &Named, facts: &Facts) -> String {
    let details = details_text(failure, named, facts);
    if details == named.message {
        details
    } else {
        format!("{}: {details}", named.message)
    }
}

fn answered(response: Response, payload: Payload, facts: &Facts) -> Response {
    let status = StatusCode::from_u16(payload.status).unwrap_or(StatusCode::OK);
    if payload.shape == Shape::Deleted && facts.dialect == Dialect::VoiceEra {
        let (mut parts, _) = response.into_parts();
        parts.status = StatusCode::NO_CONTENT;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    let body = match payload.shape {
        Shape::Bare => payload.data.unwrap_or(Value::Null),
        Shape::Enveloped | Shape::Deleted => enveloped(payload, status, facts),
    };
    with_json(response, status, &body)
}

/// An answer's body in its dialect's envelope.
pub(crate) fn enveloped(payload: Payload, status: StatusCode, facts: &Facts) -> Value {
    let Payload {
        data,
        mut message,
        beside,
        unavailable,
        ..
    } = payload;
    if message.is_none() && status == StatusCode::CREATED {
        message = Some("Resource created successfully".to_owned());
    }
    let mut body = Map::new();
    match facts.dialect {
        Dialect::VoiceEra => {
            // The envelope's own names win, so they are put last.
            body.extend(object(data.clone()));
            body.extend(beside);
            body.insert("data".to_owned(), data.unwrap_or(Value::Null));
            let error = unavailable
                .as_ref()
                .map(|why| json!({ "code": "SERVER_002", "message": "Service unavailable", "details": why }));
            body.insert("error".to_owned(), error.unwrap_or(Value::Null));
            body.insert("timestamp".to_owned(), json!(Seconds(facts.now)));
        }
        Dialect::Dialer => {
            body.extend(object(data));
            body.extend(beside);
        }
        Dialect::AiCaller => match object(data) {
            fields if fields.is_empty() => {}
            mut fields => {
                if let Some(message) = message {
                    fields.entry("message").or_insert(Value::from(message));
                }
                fields.extend(beside);
                return Value::Object(fields);
            }
        },
        Dialect::Platform | Dialect::V1 => {
            body.extend(beside);
            if let Some(data) = data {
                body.insert("data".to_owned(), data);
            }
        }
    }
    body.insert("success".to_owned(), Value::Bool(unavailable.is_none()));
    if let Some(message) = message {
        body.insert("message".to_owned(), Value::from(message));
    }
    Value::Object(body)
}

fn with_json(response: Response, status: StatusCode, body: &Value) -> Response {
    let (mut parts, _) = response.into_parts();
    let Ok(bytes) = serde_json::to_vec(body) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.status = status;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Answers are one tenant's, at one moment.
    parts
        .headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(bytes))
}
