//! Voice agents, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod document;
mod effective;
mod lists;
mod rules;

use serde_json::{Value, json};
use trunkline_testing::{Client, Platform};

async fn platform() -> Platform {
    Platform::new(api_voice_agents::router().merge(api_campaigns::router())).await
}

/// The document's own example.
fn support_agent() -> Value {
    json!({
        "name": "Support Agent",
        "description": "Handles customer support",
        "llm_provider": "openai",
        "llm_model": "gpt-4",
        "stt_provider": "deepgram",
        "tts_provider": "cartesia",
        "system_prompt": "You are a helpful support agent. Help customers with their issues.",
        "language": "en",
        "voice_parameters": { "voice_id": "english_male", "speed": 1.0, "tone": "professional" }
    })
}

async fn made(client: &Client, body: Value) -> String {
    let made = client.post("/agents", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.id()
}
