//! Campaigns, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod dialer;
mod dialer_figures;
mod dialer_people;
mod dialer_rights;
mod dialer_states;
mod dialer_voicemail;
mod dialer_wrong;
mod document;
mod edits;
mod lists;
mod numbers;
mod stats;

use serde_json::{Value, json};
use trunkline_testing::{Client, Platform};

async fn platform() -> Platform {
    Platform::new(api_campaigns::router().merge(api_voice_agents::router())).await
}

/// Two numbers, as in the document.
fn spring() -> Value {
    json!({ "name": "Spring", "phone_numbers": ["+1234567890", "+1234567891"] })
}

async fn made(client: &Client, body: Value) -> String {
    let made = client.post("/campaigns", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.id()
}

/// Launch, pause, resume or stop.
async fn moved(client: &Client, id: &str, to: &str) -> trunkline_testing::Answer {
    client.post(&format!("/campaigns/{id}/{to}"), json!({})).await
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("+1415{n:07}")).collect()
}
