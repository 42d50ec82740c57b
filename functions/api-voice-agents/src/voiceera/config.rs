//! An agent's configuration, and what it comes to here.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use trunkline_domain::VoiceAgentId;
use trunkline_http::{Member, PathId, Reply, Result};
use trunkline_service::{
    Ctx,
    voice_agents::{self, AgentConfig, Effective, Part},
};
use uuid::Uuid;

/// An agent's configuration; secrets are masked.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConfigBody {
    agent_id: Uuid,
    #[schemars(example = &"You are a helpful support agent. Help customers with their issues.")]
    system_prompt: String,
    #[schemars(example = &"en")]
    language: String,
    /// The language model that the agent names.
    llm: Named,
    /// The speech to text that the agent names.
    stt: Named,
    /// The text to speech that the agent names.
    tts: Named,
    #[schemars(example = json!({"voice_id": "english_male", "speed": 1.0, "tone": "professional"}))]
    voice_parameters: Map<String, Value>,
    /// What a call really uses.
    effective: EffectiveBody,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Named {
    #[schemars(example = &"openai")]
    provider: Option<String>,
    #[schemars(example = &"gpt-4")]
    model: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EffectiveBody {
    llm: PartBody,
    stt: PartBody,
    tts: PartBody,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PartBody {
    #[schemars(example = &"openai")]
    provider: String,
    #[schemars(example = &"gpt-4")]
    model: Option<String>,
    /// Why this one.
    #[schemars(example = &"The agent names it, and there is a key for it")]
    reason: String,
}

pub(super) async fn config(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
) -> Result<Reply<ConfigBody>> {
    let config = voice_agents::config(&ctx, &by, id).await?;
    let version = config.agent.version;
    Ok(Reply::new(config.into()).etag(version))
}

impl From<AgentConfig> for ConfigBody {
    fn from(config: AgentConfig) -> Self {
        let agent = config.agent;
        let named = |provider, model| Named { provider, model };
        Self {
            agent_id: agent.id.0,
            system_prompt: agent.system_prompt,
            language: agent.language,
            llm: named(agent.llm_provider, agent.llm_model),
            stt: named(agent.stt_provider, None),
            tts: named(agent.tts_provider, None),
            voice_parameters: config.voice_parameters,
            effective: config.effective.into(),
        }
    }
}

impl From<Effective> for EffectiveBody {
    fn from(effective: Effective) -> Self {
        Self {
            llm: effective.llm.into(),
            stt: effective.stt.into(),
            tts: effective.tts.into(),
        }
    }
}

impl From<Part> for PartBody {
    fn from(part: Part) -> Self {
        Self {
            provider: part.provider,
            model: part.model,
            reason: part.reason,
        }
    }
}
