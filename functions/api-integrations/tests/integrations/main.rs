//! Integrations, asked as a client of the document asks; providers are stand-ins on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod editing;
mod testing;

use serde_json::{Value, json};
use trunkline_outbound::Outbound;
use trunkline_testing::Platform;

/// A key that must never be seen again.
const KEY: &str = "sk-proj-0123456789abcdefwxyz";

/// A platform that may ask providers on loopback.
async fn open() -> Platform {
    Platform::with(api_integrations::router(), |ctx| {
        ctx.outbound = Outbound::new(true)
    })
    .await
}

/// One that may not, as it is outside of tests.
async fn closed() -> Platform {
    Platform::new(api_integrations::router()).await
}

fn openai(more: Value) -> Value {
    let mut body = json!({ "name": "Models", "type": "openai", "credentials": { "api_key": KEY } });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}
