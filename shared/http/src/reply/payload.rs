//! An answer on its way from a handler to the layer that renders it.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

/// How it is to be dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// In the dialect's envelope.
    Enveloped,
    /// As it is.
    Bare,
    /// 204 at `/`, a message elsewhere.
    Deleted,
}

/// An answer that has not got its envelope yet.
#[derive(Debug, Clone)]
pub(crate) struct Payload {
    pub(crate) status: u16,
    pub(crate) data: Option<Value>,
    pub(crate) message: Option<String>,
    pub(crate) beside: Map<String, Value>,
    pub(crate) shape: Shape,
    /// Why this answer, though whole, is a 503.
    pub(crate) unavailable: Option<String>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl IntoResponse for Payload {
    fn into_response(self) -> Response {
        let mut response = StatusCode::from_u16(self.status)
            .unwrap_or(StatusCode::OK)
            .into_response();
        for (name, value) in &self.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}
