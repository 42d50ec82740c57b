//! Who opens a socket: the token in `auth.token`, in the Authorization header or in the query.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::{sleep, timeout};

use super::port::DeskRefused;
use super::{ADMIT, CONNECT, DeskServer};

/// The most bytes of the protocol's own refusals.
const REFUSAL_MAX: usize = 4 * 1024;

/// What a client sends when it connects to the namespace.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Auth {
    #[serde(default)]
    token: Option<Value>,
}

/// Refuses a handshake whose header or query has a bad token, as HTTP does: what comes in `auth` is seen later.
pub(super) async fn gate(State(desks): State<DeskServer>, request: Request, next: Next) -> Response {
    civil(answer(&desks, request, next).await).await
}

async fn answer(desks: &DeskServer, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let polls = param(query, "transport").as_deref() == Some("polling");
    if let Some(sid) = param(query, "sid") {
        return if polls {
            desks.poll(&sid, request, next).await
        } else {
            next.run(request).await
        };
    }
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    if let Some(token) = outer_token(request.headers(), query)
        && let Err(refused) = admit(desks, &token).await
    {
        return no(&refused);
    }
    if desks.inner.closing.load(Ordering::Relaxed) {
        return no(&DeskRefused::Unavailable("this server is stopping".to_owned()));
    }
    // Kept with the connection, as long as it is there: a client may leave its socket and keep the connection.
    let Ok(connection) = desks.inner.connections.clone().try_acquire_owned() else {
        return no(&DeskRefused::Unavailable(
            "too many desks are connected here; try again later".to_owned(),
        ));
    };
    request.extensions_mut().insert(Arc::new(connection));
    // Sockets that have not said who they are: so many in the time that they have for it.
    let Ok(pending) = desks.inner.pending.clone().try_acquire_owned() else {
        return no(&DeskRefused::Unavailable(
            "too many sockets are being opened".to_owned(),
        ));
    };
    tokio::spawn(async move {
        sleep(CONNECT).await;
        drop(pending);
    });
    if polls {
        desks.open_polling(request, next).await
    } else {
        next.run(request).await
    }
}

/// The protocol's own refusals (`{code, message}`, or nothing) with the sentence that all others have.
async fn civil(response: Response) -> Response {
    if response.status() != StatusCode::BAD_REQUEST {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, REFUSAL_MAX).await.unwrap_or_default();
    let mut said = match serde_json::from_slice(&body) {
        Ok(Value::Object(said)) => said,
        Ok(_) | Err(_) => Map::new(),
    };
    let why = said.get("message").and_then(Value::as_str);
    let why = why.unwrap_or("this is no request of Socket.IO").to_owned();
    said.entry("error").or_insert(Value::String(why));
    said.insert("success".to_owned(), Value::Bool(false));
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(Value::Object(said).to_string()))
}

/// The token that a socket came with.
pub(super) fn token(auth: Option<Auth>, parts: &Parts) -> Result<String, DeskRefused> {
    let said = auth.and_then(|auth| auth.token).and_then(|token| match token {
        Value::String(token) => Some(bearer(&token).to_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    });
    said.filter(|token| !token.is_empty())
        .or_else(|| outer_token(&parts.headers, parts.uri.query().unwrap_or_default()))
        .ok_or_else(|| {
            let what =
                "an access token is needed: in `auth.token`, the Authorization header or the query's `token`";
            DeskRefused::Token(what.to_owned())
        })
}

/// Whose token it is.
pub(super) async fn admit(desks: &DeskServer, token: &str) -> Result<String, DeskRefused> {
    timeout(ADMIT, desks.inner.port.admit(token))
        .await
        .unwrap_or_else(|_| Err(DeskRefused::Unavailable("no answer in time".to_owned())))
}

fn outer_token(headers: &HeaderMap, query: &str) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok()).map(bearer);
    header
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .or_else(|| param(query, "token").filter(|token| !token.is_empty()))
}

/// A token with or without the scheme before it.
fn bearer(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) | None => text.trim(),
    }
}

fn param(query: &str, wanted: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// A refused handshake, in the Dialer's words.
fn no(refused: &DeskRefused) -> Response {
    let status = match refused {
        DeskRefused::Token(_) => StatusCode::UNAUTHORIZED,
        DeskRefused::Request(_) => StatusCode::FORBIDDEN,
        DeskRefused::Closed(_) | DeskRefused::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = json!({ "success": false, "error": refused.to_string() });
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, Body::from(body.to_string())).into_response()
}
