//! Requests: of an API's router, or of a router that is its own.

use aide::axum::ApiRouter;
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use trunkline_http::{HttpOptions, OpenApiSource};
use trunkline_service::Ctx;

use super::{Error, begin};
use crate::{Config, secret::same};

/// Serves one function's part of the API.
///
/// # Errors
/// As [`serve`].
pub async fn serve_api(router: impl FnOnce() -> ApiRouter<Ctx>) -> Result<(), Error> {
    serve(|config, ctx| {
        // One function among many has not the whole API's document.
        let options = HttpOptions {
            openapi: OpenApiSource::Bucket,
            ..config.http()
        };
        trunkline_http::finish(ctx, options, vec![router()]).0
    })
    .await
}

/// Serves the router that `make` gives, one request at a time, until the platform stops the function.
///
/// # Errors
/// When it cannot begin: a variable, a queue.
pub async fn serve<F>(make: F) -> Result<(), Error>
where
    F: FnOnce(&Config, Ctx) -> Router,
{
    let (config, ctx) = Box::pin(begin()).await?;
    lambda_http::run(make(&config, ctx)).await
}

/// Takes only requests that came through the edge, where there is one; `serve_api` does so by itself.
pub fn behind_edge(router: Router, config: &Config) -> Router {
    match &config.origin_secret {
        Some(secret) => router.layer(middleware::from_fn_with_state(secret.clone(), through_edge)),
        None => router,
    }
}

async fn through_edge(State(secret): State<String>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get("x-origin-secret")
        .map(axum::http::HeaderValue::as_bytes);
    if given.is_some_and(|given| same(given, secret.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use tower::ServiceExt;

    use super::*;

    async fn ask(origin: Option<&str>) -> StatusCode {
        let config =
            Config::read(&|name| (name == "TRUNKLINE_ORIGIN_SECRET").then(|| "open sesame".into())).unwrap();
        let router = behind_edge(Router::new().route("/", get(|| async { "hello" })), &config);
        let mut request = Request::builder().uri("/");
        if let Some(origin) = origin {
            request = request.header("x-origin-secret", origin);
        }
        router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
            .status()
    }

    #[tokio::test]
    async fn what_comes_around_the_edge_is_turned_away() {
        assert_eq!(ask(Some("open sesame")).await, StatusCode::OK);
        assert_eq!(ask(Some("open")).await, StatusCode::FORBIDDEN);
        assert_eq!(ask(None).await, StatusCode::FORBIDDEN);
    }
}
