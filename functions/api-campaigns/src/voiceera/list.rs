//! The list of campaigns.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{CampaignState, VoiceAgentId};
use trunkline_http::{
    List, Member, Paging, Query, Reply, Result, SortKey, choose, sort_keys,
    wire::{CampaignBody, NUMBERS_IN_LIST},
};
use trunkline_service::{
    Ctx,
    campaigns::{self, CampaignsQuery, SORTS},
    listing,
};
use uuid::Uuid;

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filters {
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

pub(super) async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    Paging(page): Paging,
) -> Result<Reply<List<CampaignBody>>> {
    let states = CampaignState::ALL.map(|state| (state.as_str(), state));
    let keys = sort_keys(
        filters.sort.as_deref(),
        filters.order.as_deref(),
        &SORTS.map(|sort| sort.0),
        NEWEST,
    )?;
    let asked = CampaignsQuery {
        voice_agent: filters.agent_id.map(VoiceAgentId),
        state: filters
            .status
            .as_deref()
            .map(|word| choose("status", word, &states))
            .transpose()?,
        search: filters.search,
        sorts: listing::by_name(keys.into_iter().map(|key| (key.field, key.descending)), &SORTS),
        page: page.clone(),
    };
    let found = campaigns::list(&ctx, &by, &asked).await?;
    Ok(Reply::new(List::of(
        found.map(|campaign| CampaignBody::of(campaign, NUMBERS_IN_LIST)),
        &page,
    )))
}
