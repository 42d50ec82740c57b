//! AI voice agents.

use serde::{Deserialize, Serialize};

use crate::{Instant, TenantId, UserId, VoiceAgentId};

/// Whether an agent may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceAgentStatus {
    /// In use.
    #[default]
    Active,
    /// Kept, but not for new campaigns.
    Inactive,
}

/// A voice agent, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VoiceAgent {
    /// Its id.
    pub id: VoiceAgentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who made it.
    pub created_by: UserId,
    /// Unique in the tenant, in any case.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Language-model provider, such as `openai`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm_provider: Option<String>,
    /// Language model, such as `gpt-4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm_model: Option<String>,
    /// Speech-to-text provider, such as `deepgram`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stt_provider: Option<String>,
    /// Text-to-speech provider, such as `cartesia`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tts_provider: Option<String>,
    /// What it is told to be.
    pub system_prompt: String,
    /// BCP 47 language tag.
    pub language: String,
    /// Free-form, kept whole: `voice_id`, `speed`, `tone`, …
    #[serde(default)]
    pub voice_parameters: serde_json::Map<String, serde_json::Value>,
    /// What it says first; none: it makes its own greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// Passages it may answer from.
    #[serde(default)]
    pub knowledge: Vec<String>,
    /// Whether it may be used.
    #[serde(default)]
    pub status: VoiceAgentStatus,
    /// Rises with every write; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}
