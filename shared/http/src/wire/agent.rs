//! VoiceERA's agent.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use trunkline_domain::{VoiceAgent, voice_agent::VoiceAgentStatus};
use uuid::Uuid;

use crate::Seconds;

/// A voice agent.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AgentBody {
    /// Its id.
    pub id: Uuid,
    /// Who made it.
    pub user_id: Uuid,
    /// Unique in the tenant, in any case.
    #[schemars(example = &"Support Agent")]
    pub name: String,
    /// What it is for.
    #[schemars(example = &"Handles customer support")]
    pub description: Option<String>,
    /// Language-model provider, such as `openai`.
    #[schemars(example = &"openai")]
    pub llm_provider: Option<String>,
    /// Language model, such as `gpt-4`.
    #[schemars(example = &"gpt-4")]
    pub llm_model: Option<String>,
    /// Speech-to-text provider.
    #[schemars(example = &"deepgram")]
    pub stt_provider: Option<String>,
    /// Text-to-speech provider.
    #[schemars(example = &"cartesia")]
    pub tts_provider: Option<String>,
    /// What it is told to be.
    #[schemars(example = &"You are a helpful support agent. Help customers with their issues.")]
    pub system_prompt: String,
    /// BCP 47 tag.
    #[schemars(example = &"en")]
    pub language: String,
    /// Free-form.
    #[schemars(example = json!({"voice_id": "english_male", "speed": 1.0, "tone": "professional"}))]
    pub voice_parameters: Map<String, Value>,
    /// What it says first; null: a greeting of its own.
    #[schemars(example = &"Hello, how can I help?")]
    pub greeting: Option<String>,
    /// Passages it may answer from.
    #[schemars(example = ["We are open Monday to Friday from 9 am to 6 pm."])]
    pub knowledge: Vec<String>,
    /// `active` or `inactive`.
    #[schemars(example = &"active")]
    pub status: &'static str,
    /// When it was made.
    pub created_at: Seconds,
    /// When it last changed.
    pub updated_at: Seconds,
}

impl From<VoiceAgent> for AgentBody {
    fn from(agent: VoiceAgent) -> Self {
        Self {
            id: agent.id.0,
            user_id: agent.created_by.0,
            name: agent.name,
            description: agent.description,
            llm_provider: agent.llm_provider,
            llm_model: agent.llm_model,
            stt_provider: agent.stt_provider,
            tts_provider: agent.tts_provider,
            system_prompt: agent.system_prompt,
            language: agent.language,
            voice_parameters: agent.voice_parameters,
            greeting: agent.greeting,
            knowledge: agent.knowledge,
            status: match agent.status {
                VoiceAgentStatus::Active => "active",
                VoiceAgentStatus::Inactive => "inactive",
            },
            created_at: agent.created_at.into(),
            updated_at: agent.updated_at.into(),
        }
    }
}
