//! The `api-voice-agents` Lambda.

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::serve_api(api_voice_agents::router).await
}
