//! Human agents, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod desk;
mod document;
mod groups;
mod line;
mod rights;

use serde_json::{Value, json};
use trunkline_testing::{Client, Platform};

async fn platform() -> Platform {
    Platform::new(api_operators::router()).await
}

/// The document's own example.
fn john() -> Value {
    json!({
        "name": "John Doe",
        "phone": "+14155553333",
        "email": "john@example.com",
        "max_concurrent_calls": 2,
        "working_hours": {"monday": {"start": "09:00", "end": "17:00"}}
    })
}

/// Makes a human agent and gives its id.
async fn hire(by: &Client, body: Value) -> String {
    let made = by.post("/api/agents", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["agent"]["id"].as_str().unwrap().to_owned()
}
