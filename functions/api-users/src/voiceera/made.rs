//! What a user made: the ordinary lists of agents and campaigns.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_auth::Principal;
use trunkline_domain::{CampaignState, UserId, VoiceAgentId, voice_agent::VoiceAgentStatus};
use trunkline_http::{
    List, Member, Paging, PathId, Query, Reply, Result, SortKey, choose, sort_keys,
    wire::{AgentBody, CampaignBody, NUMBERS_IN_LIST},
};
use trunkline_service::{Ctx, campaigns, identity, listing, voice_agents};
use uuid::Uuid;

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct AgentFilters {
    /// `active` or `inactive`.
    status: Option<String>,
    /// In the name or the description.
    search: Option<String>,
    /// Fields, `-` before those that go down: `name,-created_at`.
    sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    order: Option<String>,
}

pub(super) async fn agents(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<UserId>,
    Query(filters): Query<AgentFilters>,
    Paging(page): Paging,
) -> Result<Reply<List<AgentBody>>> {
    let statuses = [
        ("active", VoiceAgentStatus::Active),
        ("inactive", VoiceAgentStatus::Inactive),
    ];
    let keys = sort_keys(
        filters.sort.as_deref(),
        filters.order.as_deref(),
        &voice_agents::SORTS.map(|sort| sort.0),
        NEWEST,
    )?;
    let asked = voice_agents::AgentsQuery {
        search: filters.search,
        status: filters
            .status
            .as_deref()
            .map(|word| choose("status", word, &statuses))
            .transpose()?,
        sorts: listing::by_name(
            keys.into_iter().map(|key| (key.field, key.descending)),
            &voice_agents::SORTS,
        ),
        page: page.clone(),
    };
    let theirs = in_the_tenant_of(&ctx, by, id).await?;
    let found = voice_agents::list_made_by(&ctx, &theirs, Some(id), &asked).await?;
    Ok(Reply::new(List::of(found.map(AgentBody::from), &page)))
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct CampaignFilters {
    /// Of this agent.
    agent_id: Option<Uuid>,
    /// `draft`, `scheduled`, `active`, `paused`, `completed` or `cancelled`.
    status: Option<String>,
    /// In the name or the description.
    search: Option<String>,
    /// Fields, `-` before those that go down: `name,-created_at`.
    sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    order: Option<String>,
}

pub(super) async fn campaigns(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<UserId>,
    Query(filters): Query<CampaignFilters>,
    Paging(page): Paging,
) -> Result<Reply<List<CampaignBody>>> {
    let states = CampaignState::ALL.map(|state| (state.as_str(), state));
    let keys = sort_keys(
        filters.sort.as_deref(),
        filters.order.as_deref(),
        &campaigns::SORTS.map(|sort| sort.0),
        NEWEST,
    )?;
    let asked = campaigns::CampaignsQuery {
        voice_agent: filters.agent_id.map(VoiceAgentId),
        state: filters
            .status
            .as_deref()
            .map(|word| choose("status", word, &states))
            .transpose()?,
        search: filters.search,
        sorts: listing::by_name(
            keys.into_iter().map(|key| (key.field, key.descending)),
            &campaigns::SORTS,
        ),
        page: page.clone(),
    };
    let theirs = in_the_tenant_of(&ctx, by, id).await?;
    let found = campaigns::list_made_by(&ctx, &theirs, Some(id), &asked).await?;
    Ok(Reply::new(List::of(
        found.map(|campaign| CampaignBody::of(campaign, NUMBERS_IN_LIST)),
        &page,
    )))
}

/// Who asks, in the user's tenant: the admin sees other tenants here.
async fn in_the_tenant_of(ctx: &Ctx, by: Principal, id: UserId) -> Result<Principal> {
    let user = identity::user(ctx, &by, id).await?;
    Ok(Principal {
        tenant: user.tenant,
        ..by
    })
}
