//! Routers, asked without sockets.

use std::{fmt, net::SocketAddr};

use aide::axum::ApiRouter;
use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use trunkline_http::{HttpOptions, finish};
use trunkline_service::Ctx;

/// Whoever asks, where a test does not say.
const PEER: &str = "203.0.113.7:999";

/// An id that nothing has.
pub const NO_ID: &str = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";

/// Texts that are no ids, as they may stand in a path.
pub const NOT_IDS: [&str; 6] = [
    "42",
    "6f1c2f0e5a534b7e9d1c0f6a3c1b2d4e",
    "%7B6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e%7D",
    "..%2F..%2Fetc",
    "%00",
    "%27%20OR%201=1",
];

/// The header of a token, none if it is empty.
#[must_use]
pub fn bearer(token: &str) -> Vec<String> {
    if token.is_empty() {
        Vec::new()
    } else {
        vec![format!("authorization: Bearer {token}")]
    }
}

/// A router under all of its layers, as one process serves it.
#[derive(Clone)]
pub struct Instance {
    router: Router,
    /// Its OpenAPI document.
    pub document: Value,
}

impl Instance {
    /// Puts the layers around a router.
    #[must_use]
    pub fn new(ctx: Ctx, options: HttpOptions, router: ApiRouter<Ctx>) -> Self {
        let (router, document) = finish(ctx, options, vec![router]);
        Self {
            router,
            document: serde_json::to_value(document).unwrap(),
        }
    }

    pub(crate) fn router(&self) -> &Router {
        &self.router
    }

    /// `ask` is method and path; headers are `name: value`.
    pub async fn send(&self, ask: &str, headers: &[String], body: impl Into<Body>) -> Answer {
        self.send_from(PEER, ask, headers, body).await
    }

    /// The same from another address, `ip:port`.
    pub async fn send_from(
        &self,
        peer: &str,
        ask: &str,
        headers: &[String],
        body: impl Into<Body>,
    ) -> Answer {
        self::ask(&self.router, peer, ask, headers.iter().map(String::as_str), body).await
    }

    /// JSON (nothing when null) with a token (none when empty).
    pub async fn json(&self, ask: &str, token: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(ask, &bearer(token), body).await
    }
}

/// Asks a router from the usual address.
pub(crate) async fn ask_of<'a>(
    router: &Router,
    ask: &str,
    headers: impl Iterator<Item = &'a str>,
    body: impl Into<Body>,
) -> Answer {
    self::ask(router, PEER, ask, headers, body).await
}

async fn ask<'a>(
    router: &Router,
    peer: &str,
    ask: &str,
    headers: impl Iterator<Item = &'a str>,
    body: impl Into<Body>,
) -> Answer {
    let (method, path) = ask.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let mut request = request.body(body.into()).unwrap();
    let peer = ConnectInfo(peer.parse::<SocketAddr>().unwrap());
    request.extensions_mut().insert(peer);
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        bytes,
    }
}

/// An answer, read whole.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is something else.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.bytes);
        write!(f, "{} {body} with {:?}", self.status, self.headers)
    }
}

impl Answer {
    /// A header's text, empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// An error's code, in the dialects that have one.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// An error's details.
    #[must_use]
    pub fn details(&self) -> &str {
        self.body["error"]["details"].as_str().unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// The id of what was answered with.
    #[must_use]
    pub fn id(&self) -> String {
        self.body["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id in {self:?}"))
            .to_owned()
    }

    /// A field of each row of a list.
    #[must_use]
    pub fn column(&self, field: &str) -> Vec<&str> {
        let items = self.body["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no items in {self:?}"));
        items
            .iter()
            .map(|item| item[field].as_str().unwrap_or_default())
            .collect()
    }
}
