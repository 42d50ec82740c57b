//! VoiceERA's integration.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use trunkline_domain::integration::Integration;
use trunkline_http::Seconds;
use trunkline_service::integrations::Tested;
use uuid::Uuid;

/// An integration.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct IntegrationBody {
    id: Uuid,
    #[schemars(example = &"OpenAI")]
    name: String,
    /// `twilio`, `exotel`, `openai`, `deepgram`, `cartesia`, `elevenlabs`, `slack` or `http`; never changes.
    #[serde(rename = "type")]
    #[schemars(example = &"openai")]
    kind: &'static str,
    /// Secrets are masked: `sk-…wxyz`.
    #[schemars(example = json!({"api_key": "sk-…wxyz"}))]
    credentials: BTreeMap<String, String>,
    /// Free-form; `base_url` says where the provider's API is.
    #[schemars(example = json!({"base_url": "https://api.openai.com/v1"}))]
    settings: Map<String, Value>,
    /// `untested`, `connected` or `failed`: what the last test said.
    #[schemars(example = &"connected")]
    status: &'static str,
    last_tested_at: Option<Seconds>,
    created_at: Seconds,
    updated_at: Seconds,
}

impl From<Integration> for IntegrationBody {
    fn from(of: Integration) -> Self {
        Self {
            id: of.id.0,
            name: of.name,
            kind: of.kind.as_str(),
            credentials: of.shown,
            settings: of.settings,
            status: of.status.as_str(),
            last_tested_at: of.last_tested_at.map(Seconds),
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

/// What the last test said.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StatusBody {
    /// `untested`, `connected` or `failed`.
    #[schemars(example = &"connected")]
    status: &'static str,
    /// In words; null while untested.
    #[schemars(example = &"The provider took the credentials")]
    reason: Option<String>,
    last_tested_at: Option<Seconds>,
}

impl From<Integration> for StatusBody {
    fn from(of: Integration) -> Self {
        Self {
            status: of.status.as_str(),
            reason: of.reason,
            last_tested_at: of.last_tested_at.map(Seconds),
        }
    }
}

/// What a test found; 200 whatever the provider said.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TestBody {
    /// Whether the provider took the credentials.
    connected: bool,
    /// In words.
    #[schemars(example = &"The provider took the credentials")]
    reason: String,
    #[schemars(example = 180)]
    latency_ms: u64,
    tested_at: Seconds,
}

impl From<Tested> for TestBody {
    fn from(of: Tested) -> Self {
        Self {
            connected: of.connected,
            reason: of.reason,
            latency_ms: of.latency_ms,
            tested_at: of.tested_at.into(),
        }
    }
}
