//! Call logs, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test may stop at the first surprise; the support is shared and serves more than this"
)]

#[path = "../platform/mod.rs"]
mod platform;
#[path = "../../../../shared/http/tests/http/support/mod.rs"]
mod support;

mod bad_input;
mod deletion;
mod document;
mod filters;
mod pages;

use platform::{Client, Platform};
use serde_json::json;

async fn platform() -> Platform {
    let router = api_calls::router()
        .merge(api_campaigns::router())
        .merge(api_voice_agents::router());
    Platform::new(router).await
}

async fn made(client: &Client, path: &str, name: &str) -> String {
    let made = client.post(path, json!({ "name": name })).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.id()
}
