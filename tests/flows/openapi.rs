//! A function that has but its own routes shows the whole platform's document.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use trunkline_http::{HttpOptions, OpenApiSource};

use crate::support::{api::Api, platform::Platform};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lambda_of_the_document_shows_what_the_platform_shows() {
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let options = HttpOptions {
        openapi: OpenApiSource::Bucket,
        ..HttpOptions::default()
    };
    let ctx = platform.stack.ctx.clone();
    let (lambda, own) = trunkline_http::finish(ctx, options, vec![api_meta::router()]);
    assert!(
        own["paths"].get("/campaigns").is_none(),
        "it has but its own routes"
    );

    // The start-up puts the document there beside serving.
    let shown = api
        .until("the document", Duration::from_secs(20), async |_| {
            ask(&lambda).await
        })
        .await;
    assert_eq!(shown, api.get("/openapi.json").await);
    assert!(shown["paths"].get("/campaigns").is_some() && shown["paths"].get("/auth/login").is_some());
    platform.stop().await;
}

async fn ask(lambda: &Router) -> Option<Value> {
    let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
    let answer = lambda.clone().oneshot(request).await.unwrap();
    let there = answer.status() == StatusCode::OK;
    assert!(
        there || answer.status() == StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        answer.status()
    );
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    there.then(|| serde_json::from_slice(&bytes).unwrap())
}
