//! Answers. A handler gives its data; the outer layer puts them in the dialect's envelope.

mod file;
mod list;
mod payload;

pub use file::{ByteRange, File, disposition};
pub use list::{DialerCount, List, V1Pagination};
pub(crate) use payload::{Payload, Shape};

use std::marker::PhantomData;

use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{self, MediaType, SchemaObject},
};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use trunkline_domain::Error;

use crate::Failure;

/// An answer with a body of type `T`, which is what the OpenAPI document shows of it.
///
/// Each dialect shows the same reply in its own envelope:
///
/// | dialect | body |
/// |---|---|
/// | VoiceERA | `{success, data: T, error, timestamp, message?}` and the fields of `T` at the top too |
/// | Dialer | `{success, message?}` and the fields of `T`: name the resource by a field, `struct One { campaign: … }` |
/// | AI Caller | `T` |
/// | Calling Platform, the shared six | `{success, message?, data: T}` and whatever was put [`Reply::beside`] |
#[derive(Debug)]
#[must_use]
pub struct Reply<T, const STATUS: u16 = 200> {
    payload: Result<Payload, Error>,
    of: PhantomData<fn() -> T>,
}

/// 201: something was made.
pub type Created<T> = Reply<T, 201>;
/// 202: it will be done.
pub type Accepted<T> = Reply<T, 202>;

impl<T: Serialize, const STATUS: u16> Reply<T, STATUS> {
    /// With this body.
    pub fn new(data: T) -> Self {
        Self::shaped(data, Shape::Enveloped)
    }

    /// With this body and no envelope in any dialect: what a document shows as an array.
    pub fn bare(data: T) -> Self {
        Self::shaped(data, Shape::Bare)
    }

    fn shaped(data: T, shape: Shape) -> Self {
        let payload = serde_json::to_value(data).map_err(Error::internal);
        let payload = payload.map(|data| Payload {
            status: STATUS,
            data: Some(data),
            message: None,
            beside: Map::new(),
            shape,
            unavailable: None,
            headers: Vec::new(),
        });
        Self {
            payload,
            of: PhantomData,
        }
    }
}

impl<T, const STATUS: u16> Reply<T, STATUS> {
    /// With a sentence for a person. A 201 without one gets a general one.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        if let Ok(payload) = &mut self.payload {
            payload.message = Some(text.into());
        }
        self
    }

    /// With these fields beside `data`, at the top of the body: `pagination` of a bare array, `agent` and `access_token` of the
    /// shared six. The route is told of them by [`crate::beside`].
    pub fn beside(mut self, fields: impl Serialize) -> Self {
        self.payload = self.payload.and_then(|mut payload| {
            let fields = serde_json::to_value(fields).map_err(Error::internal)?;
            payload.beside.extend(object(Some(fields)));
            Ok(payload)
        });
        self
    }

    /// With an ETag: the record's version.
    pub fn etag(self, version: u64) -> Self {
        match HeaderValue::from_str(&crate::extract::tag_of(version)) {
            Ok(tag) => self.header(http::header::ETAG, tag),
            Err(_) => self,
        }
    }

    /// The same body as a 503 that says why: what a readiness probe answers while a part is down.
    pub fn unavailable(mut self, why: impl Into<String>) -> Self {
        if let Ok(payload) = &mut self.payload {
            payload.status = StatusCode::SERVICE_UNAVAILABLE.as_u16();
            payload.unavailable = Some(why.into());
        }
        self
    }

    /// With a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Ok(payload) = &mut self.payload {
            payload.headers.push((name, value));
        }
        self
    }
}

impl<T, const STATUS: u16> IntoResponse for Reply<T, STATUS> {
    fn into_response(self) -> Response {
        match self.payload {
            Ok(payload) => payload.into_response(),
            Err(error) => Failure::from(error).into_response(),
        }
    }
}

impl<T: JsonSchema, const STATUS: u16> OperationOutput for Reply<T, STATUS> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, _: &mut openapi::Operation) -> Option<openapi::Response> {
        let json_schema = ctx.schema.subschema_for::<T>();
        let schema = SchemaObject {
            json_schema,
            external_docs: None,
            example: None,
        };
        let media = MediaType {
            schema: Some(schema),
            ..MediaType::default()
        };
        Some(openapi::Response {
            description: describe(STATUS).to_owned(),
            content: [("application/json".to_owned(), media)].into_iter().collect(),
            ..openapi::Response::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        op: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        Self::operation_response(ctx, op)
            .map(|response| (Some(STATUS), response))
            .into_iter()
            .collect()
    }
}

/// The answer to a DELETE: 204 at `/`, 200 `{success, message}` elsewhere.
#[derive(Debug, Clone)]
#[must_use]
pub struct Deleted {
    message: String,
}

impl Deleted {
    /// Says what was deleted: `Agent deleted successfully`.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl IntoResponse for Deleted {
    fn into_response(self) -> Response {
        let payload = Payload {
            status: StatusCode::OK.as_u16(),
            data: None,
            message: Some(self.message),
            beside: Map::new(),
            shape: Shape::Deleted,
            unavailable: None,
            headers: Vec::new(),
        };
        payload.into_response()
    }
}

impl OperationOutput for Deleted {
    type Inner = ();

    fn operation_response(_: &mut GenContext, _: &mut openapi::Operation) -> Option<openapi::Response> {
        Some(openapi::Response {
            description: "Deleted".to_owned(),
            ..openapi::Response::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        op: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        Self::operation_response(ctx, op)
            .map(|response| (Some(204), response))
            .into_iter()
            .collect()
    }
}

/// An answer that is only a sentence: `{success, message}`, at `/` with `data: null`.
#[derive(Debug, Clone, Copy, JsonSchema)]
#[schemars(inline)]
pub struct Said;

impl Said {
    /// Says this.
    pub fn reply(text: impl Into<String>) -> Reply<Self> {
        let payload = Payload {
            status: 200,
            data: None,
            message: Some(text.into()),
            beside: Map::new(),
            shape: Shape::Enveloped,
            unavailable: None,
            headers: Vec::new(),
        };
        Reply {
            payload: Ok(payload),
            of: PhantomData,
        }
    }
}

const fn describe(status: u16) -> &'static str {
    match status {
        201 => "Created",
        202 => "Accepted: it will be done",
        _ => "OK",
    }
}

/// The JSON of a value that is known to be an object or nothing.
pub(crate) fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(fields)) => fields,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | None => {
            Map::new()
        }
    }
}
