//! Call logs, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod deletion;
mod dialer;
mod document;
mod filters;
mod floor;
mod pages;

use serde_json::json;
use trunkline_testing::{Client, Platform};

async fn platform() -> Platform {
    let router = api_calls::router()
        .merge(api_campaigns::router())
        .merge(api_operators::router())
        .merge(api_voice_agents::router());
    Platform::new(router).await
}

async fn made(client: &Client, path: &str, name: &str) -> String {
    let made = client.post(path, json!({ "name": name })).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.id()
}
