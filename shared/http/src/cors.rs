//! Cross-origin answers. The allowed origin is on every answer, errors included; carrier webhooks have none.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::CorsOrigins;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, Range, X-Request-Id";
const EXPOSED: &str = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, X-Request-Id, ETag, \
                       Content-Disposition, Content-Range, Idempotent-Replayed";

/// The same around routes that are no part of the API: a preflight is answered, and the allowed origin is on every answer.
pub fn for_browsers(router: Router, origins: CorsOrigins) -> Router {
    router.layer(from_fn_with_state(origins, around))
}

async fn around(State(origins): State<CorsOrigins>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        preflight()
    } else {
        next.run(request).await
    };
    allow(&origins, origin.as_ref(), response.headers_mut());
    response
}

/// The answer to an OPTIONS request, of whatever path: without token or limit.
pub(crate) fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(REQUEST_HEADERS),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// The allowed origin, when the request's is one.
pub(crate) fn allow(origins: &CorsOrigins, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let allowed = match origins {
        CorsOrigins::Any => Some(HeaderValue::from_static("*")),
        CorsOrigins::Only(list) => {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
            origin
                .filter(|origin| list.iter().any(|one| one.as_bytes() == origin.as_bytes()))
                .cloned()
        }
    };
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED),
        );
    }
}

/// Who calls these is a carrier, no browser.
pub(crate) fn is_for_browsers(path: &str) -> bool {
    !["/webhooks/twilio/", "/exotel/", "/api/v1/exotel/"]
        .iter()
        .any(|start| path.starts_with(start))
}
