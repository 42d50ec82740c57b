//! The outer layer, around everything: request id, trailing slash, client address, panics, the dialect's body, CORS.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    body::{Body, HttpBody as _},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Uri, header, uri::PathAndQuery};
use subtle::ConstantTimeEq;
use tracing::Instrument;
use trunkline_domain::Error;
use trunkline_service::Ctx;

use crate::{
    Dialect, Failure,
    client::{ClientAddr, address},
    cors,
    render::{Facts, render},
    shared::Shared,
};

/// The longest request id that is taken over from the client.
const ID_MOST: usize = 128;
/// The most bytes of all headers' names and values. Source: API Gateway takes 10,240; twice that leaves room for a proxy's own.
const HEADERS_MOST: usize = 20_480;

pub(crate) async fn edge(
    State((ctx, shared)): State<(Ctx, Arc<Shared>)>,
    mut request: Request,
    next: Next,
) -> Response {
    without_trailing_slash(&mut request);
    let path = request.uri().path().to_owned();
    let facts = Facts {
        dialect: Dialect::of_path(&path),
        request_id: request_id(&ctx, &request),
        now: ctx.now(),
    };
    let is_head = request.method() == Method::HEAD;
    let origin = request.headers().get(header::ORIGIN).cloned();
    let span = tracing::info_span!("request", request.id = %facts.request_id, http.method = %request.method(), http.path = %path);
    let answer = answer(&shared, &facts, request, next).instrument(span.clone());
    let response = AssertUnwindSafe(answer)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| {
            let what = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            Failure::from(Error::internal(format!(
                "a handler panicked: {}",
                what.unwrap_or("no message")
            )))
            .into_response()
        });
    let mut response = span.in_scope(|| render(response, &facts));
    if is_head {
        response = without_body(response);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(&facts.request_id) {
        headers.insert("x-request-id", value);
    }
    if cors::is_for_browsers(&path) {
        cors::allow(&shared.options.cors_origins, origin.as_ref(), headers);
    }
    response
}

async fn answer(shared: &Arc<Shared>, facts: &Facts, mut request: Request, next: Next) -> Response {
    if !came_through_the_front(shared, &request) {
        return Failure::from(Error::Forbidden("this host is not called directly".to_owned()))
            .into_response();
    }
    if request.method() == Method::OPTIONS {
        return cors::preflight();
    }
    if header_bytes(request.headers()) > HEADERS_MOST {
        let limit_bytes = HEADERS_MOST;
        return Failure::Headers { limit_bytes }.into_response();
    }
    let client = address(request.headers(), request.extensions(), &shared.options);
    let extensions = request.extensions_mut();
    if let Some(client) = client {
        extensions.insert(ClientAddr(client));
    }
    extensions.insert(Arc::clone(shared));
    extensions.insert(facts.clone());
    next.run(request).await
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}

fn came_through_the_front(shared: &Shared, request: &Request) -> bool {
    let Some(secret) = &shared.options.origin_secret else {
        return true;
    };
    // A load balancer's health check brings no header, and anybody may ask it through the front.
    if request.uri().path() == "/readiness" {
        return true;
    }
    let given = request
        .headers()
        .get("x-origin-secret")
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    secret.as_bytes().ct_eq(given).into()
}

/// HEAD is GET without its body, and with its length where that is known.
fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // A stream's body is gone by now, and nothing tells how long it was.
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        parts
            .headers
            .entry(header::CONTENT_LENGTH)
            .or_insert(HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}

/// The client's own id if it is short and harmless in a log, else a fresh one.
fn request_id(ctx: &Ctx, request: &Request) -> String {
    let given = request
        .headers()
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        !id.is_empty()
            && id.len() <= ID_MOST
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
    };
    given
        .filter(harmless)
        .map_or_else(|| ctx.ids.uuid().to_string(), str::to_owned)
}

/// One trailing slash is ignored, never redirected.
fn without_trailing_slash(request: &mut Request) {
    let uri = request.uri();
    let Some(path) = uri.path().strip_suffix('/').filter(|path| !path.is_empty()) else {
        return;
    };
    let text = uri
        .query()
        .map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    if let Ok(path_and_query) = PathAndQuery::try_from(text) {
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}
