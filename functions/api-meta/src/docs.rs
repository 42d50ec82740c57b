//! The OpenAPI document, and two pages that show it. Nothing comes from another host: the pages' policy forbids it.

use std::sync::LazyLock;

use aide::{
    axum::{ApiRouter, routing::get_with},
    openapi::{self, MediaType, ReferenceOr, StatusCode},
    redoc::Redoc,
    swagger::Swagger,
    transform::TransformOperation,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use trunkline_domain::Error;
use trunkline_http::{Deployment, OpenApiSource, Result};
use trunkline_service::Ctx;

const HTML: &str = "text/html; charset=utf-8";
/// The most of it that is read.
const MOST: usize = 8 << 20;
/// Beside the page, wherever the API is mounted, with or without a trailing slash.
const SPEC: &str = "location.pathname.replace(/\\/(docs|redoc)\\/?$/, '') + '/openapi.json'";
/// Scripts and styles are the page's own; it asks this host alone.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src 'self' data:; \
                      font-src data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/openapi.json",
            get_with(document, |op| file(op, "OpenAPI spec", "application/json")),
        )
        .api_route("/docs", get_with(swagger, |op| file(op, "Swagger UI", HTML)))
        .api_route("/redoc", get_with(redoc, |op| file(op, "ReDoc UI", HTML)))
}

/// Says of an operation that it answers a file of this type.
fn file<'t>(mut op: TransformOperation<'t>, summary: &str, content_type: &str) -> TransformOperation<'t> {
    let response = openapi::Response {
        description: summary.to_owned(),
        content: [(content_type.to_owned(), MediaType::default())]
            .into_iter()
            .collect(),
        ..openapi::Response::default()
    };
    let responses = op.inner_mut().responses.get_or_insert_default();
    responses
        .responses
        .insert(StatusCode::Code(200), ReferenceOr::Item(response));
    op.summary(summary)
}

static SWAGGER: LazyLock<Bytes> = LazyLock::new(|| {
    let page = Swagger::new("openapi.json").with_title("Trunkline API").html();
    // Without this the page asks a validator on another host for a badge.
    let page = page.replacen(
        "url: 'openapi.json'",
        &format!("url: {SPEC},\n        validatorUrl: null"),
        1,
    );
    Bytes::from(page)
});

static REDOC: LazyLock<Bytes> = LazyLock::new(|| {
    let page = Redoc::new("openapi.json").with_title("Trunkline API").html();
    let page = page.replacen("Redoc.init(\"openapi.json\"", &format!("Redoc.init({SPEC}"), 1);
    // Its maker's logo would come from a host of theirs.
    Bytes::from(page.replace("https://cdn.redoc.ly/redoc/logo-mini.svg", "data:,"))
});

async fn swagger() -> Response {
    page(&SWAGGER)
}

async fn redoc() -> Response {
    page(&REDOC)
}

async fn document(State(ctx): State<Ctx>, deployment: Deployment) -> Result<Response> {
    let bytes = match deployment.document() {
        Some(bytes) => bytes,
        None => from_bucket(&ctx).await?,
    };
    Ok(answer(bytes, "application/json"))
}

async fn from_bucket(ctx: &Ctx) -> Result<Bytes> {
    let blob = ctx
        .blobs
        .get(OpenApiSource::KEY, None)
        .await
        .map_err(Error::from)?;
    let missing = || Error::Unavailable {
        what:
            "the OpenAPI document is not in the bucket: `trunkline edge` puts it there when it starts, and \
               `trunkline provision` does"
                .to_owned(),
        retry_after_s: 60,
    };
    let blob = blob
        .filter(|blob| usize::try_from(blob.total_bytes).is_ok_and(|bytes| bytes <= MOST))
        .ok_or_else(missing)?;
    let bytes = blob.body.collect().await.map_err(Error::internal)?;
    Ok(bytes.into_bytes())
}

fn page(html: &LazyLock<Bytes>) -> Response {
    let mut response = answer(Bytes::clone(html), HTML);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn answer(bytes: Bytes, content_type: &'static str) -> Response {
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))],
        Body::from(bytes),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_ask_no_other_host() {
        let swagger = std::str::from_utf8(&SWAGGER).unwrap();
        assert!(swagger.contains("validatorUrl: null") && swagger.contains(SPEC));
        let redoc = std::str::from_utf8(&REDOC).unwrap();
        assert!(!redoc.contains("cdn.redoc.ly") && redoc.contains(SPEC));
        for page in [swagger, redoc] {
            for tag in ["src=\"http", "href=\"http", "@import", "url(http", "url(\"http"] {
                assert!(!page.contains(tag), "{tag}");
            }
        }
    }
}
