//! The list of voice agents.

use std::cmp::Ordering;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role, UserId, VoiceAgent,
    page::{Page, PageQuery},
    voice_agent::VoiceAgentStatus,
};

use crate::{
    Ctx,
    listing::{self, Sort},
};

/// What a list may be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentSort {
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// Its name, in any case.
    Name,
    /// What it is for.
    Description,
    /// Active or inactive.
    Status,
    /// Language-model provider.
    LlmProvider,
    /// Language model.
    LlmModel,
    /// Speech-to-text provider.
    SttProvider,
    /// Text-to-speech provider.
    TtsProvider,
    /// Language tag.
    Language,
}

/// The names of the sorts.
pub const SORTS: [(&str, AgentSort); 10] = [
    ("created_at", AgentSort::CreatedAt),
    ("updated_at", AgentSort::UpdatedAt),
    ("name", AgentSort::Name),
    ("description", AgentSort::Description),
    ("status", AgentSort::Status),
    ("llm_provider", AgentSort::LlmProvider),
    ("llm_model", AgentSort::LlmModel),
    ("stt_provider", AgentSort::SttProvider),
    ("tts_provider", AgentSort::TtsProvider),
    ("language", AgentSort::Language),
];

/// Which agents are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentsQuery {
    /// In the name or the description.
    pub search: Option<String>,
    /// With this status.
    pub status: Option<VoiceAgentStatus>,
    /// In this order; none: newest first.
    pub sorts: Vec<Sort<AgentSort>>,
    /// Which part.
    pub page: PageQuery,
}

/// A page of the tenant's voice agents.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a wrong cursor.
pub async fn list(ctx: &Ctx, who: &Principal, asked: &AgentsQuery) -> Result<Page<VoiceAgent>, Error> {
    list_made_by(ctx, who, None, asked).await
}

/// As [`list`], of those that one user made.
///
/// # Errors
/// As there.
pub async fn list_made_by(
    ctx: &Ctx,
    who: &Principal,
    maker: Option<UserId>,
    asked: &AgentsQuery,
) -> Result<Page<VoiceAgent>, Error> {
    who.require(Role::User)?;
    let mut agents = ctx.store.list_voice_agents_by_tenant(who.tenant).await?;
    agents.retain(|agent| {
        maker.is_none_or(|maker| agent.created_by == maker)
            && asked.status.is_none_or(|status| agent.status == status)
            && asked.search.as_deref().is_none_or(|search| {
                listing::found(search, &[Some(&agent.name), agent.description.as_deref()])
            })
    });
    listing::arrange(&mut agents, &asked.sorts, compare, |agent| {
        (agent.created_at, agent.id.0)
    });
    listing::page(agents, &asked.page, |agent| agent.id.0)
}

fn compare(a: &VoiceAgent, b: &VoiceAgent, field: AgentSort) -> Ordering {
    match field {
        AgentSort::CreatedAt => a.created_at.cmp(&b.created_at),
        AgentSort::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        AgentSort::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        AgentSort::Description => a.description.cmp(&b.description),
        AgentSort::Status => is_inactive(a).cmp(&is_inactive(b)),
        AgentSort::LlmProvider => a.llm_provider.cmp(&b.llm_provider),
        AgentSort::LlmModel => a.llm_model.cmp(&b.llm_model),
        AgentSort::SttProvider => a.stt_provider.cmp(&b.stt_provider),
        AgentSort::TtsProvider => a.tts_provider.cmp(&b.tts_provider),
        AgentSort::Language => a.language.cmp(&b.language),
    }
}

fn is_inactive(agent: &VoiceAgent) -> bool {
    agent.status == VoiceAgentStatus::Inactive
}
