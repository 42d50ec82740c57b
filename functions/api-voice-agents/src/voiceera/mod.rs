//! VoiceERA's agents.

mod campaigns;
mod config;
mod fields;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_domain::{VoiceAgentId, voice_agent::VoiceAgentStatus};
use trunkline_http::{
    Body, Created, Deleted, IfMatch, List, Member, NewId, Paging, PathId, Query, Reply, Result, SortKey,
    choose, says, sends, sort_keys, wire::AgentBody,
};
use trunkline_service::{
    Ctx, listing,
    voice_agents::{self, AgentsQuery, SORTS},
};

use fields::Fields;

const CREATED: &str = "Agent created successfully";
const CLONED: &str = "Agent cloned successfully";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/agents",
            get_with(list, |op| op.summary("List agents"))
                .post_with(create, |op| op.summary("Create agent").with(says(CREATED))),
        )
        .api_route(
            "/agents/{agent_id}",
            get_with(one, |op| op.summary("Get agent details"))
                .put_with(update, |op| {
                    op.summary("Update agent").with(sends(
                        json!({ "name": "Updated Name", "system_prompt": "New system prompt here" }),
                    ))
                })
                .delete_with(delete, |op| op.summary("Delete agent")),
        )
        .api_route(
            "/agents/{agent_id}/config",
            get_with(config::config, |op| op.summary("Get agent configuration")),
        )
        .api_route(
            "/agents/{agent_id}/clone",
            post_with(clone, |op| op.summary("Clone agent").with(says(CLONED))),
        )
        .api_route(
            "/agents/{agent_id}/campaigns",
            get_with(campaigns::list, |op| op.summary("Get agent's campaigns")),
        )
}

/// The statuses by their words.
pub(crate) const STATUSES: [(&str, VoiceAgentStatus); 2] = [
    ("active", VoiceAgentStatus::Active),
    ("inactive", VoiceAgentStatus::Inactive),
];

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// In the name or the description.
    search: Option<String>,
    /// `active` or `inactive`.
    status: Option<String>,
    /// Fields, `-` before those that go down: `name,-created_at`.
    sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    order: Option<String>,
}

async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    Paging(page): Paging,
) -> Result<Reply<List<AgentBody>>> {
    let keys = sort_keys(
        filters.sort.as_deref(),
        filters.order.as_deref(),
        &SORTS.map(|sort| sort.0),
        NEWEST,
    )?;
    let status = filters
        .status
        .as_deref()
        .map(|word| choose("status", word, &STATUSES))
        .transpose()?;
    let asked = AgentsQuery {
        search: filters.search,
        status,
        sorts: listing::by_name(keys.into_iter().map(|key| (key.field, key.descending)), &SORTS),
        page: page.clone(),
    };
    let found = voice_agents::list(&ctx, &by, &asked).await?;
    Ok(Reply::new(List::of(found.map(AgentBody::from), &page)))
}

async fn create(
    State(ctx): State<Ctx>,
    Member(by): Member,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<AgentBody>> {
    let agent = voice_agents::create(&ctx, &by, VoiceAgentId(new.id), fields.into_new()?).await?;
    let version = agent.version;
    Ok(Created::new(agent.into()).etag(version).message(CREATED))
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
) -> Result<Reply<AgentBody>> {
    let agent = voice_agents::get(&ctx, &by, id).await?;
    let version = agent.version;
    Ok(Reply::new(agent.into()).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<AgentBody>> {
    let patch = fields.patch()?;
    let agent = voice_agents::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = agent.version;
    Ok(Reply::new(agent.into()).etag(version))
}

async fn delete(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
    if_match: IfMatch,
) -> Result<Deleted> {
    if if_match.is_given() {
        if_match.check(voice_agents::get(&ctx, &by, id).await?.version)?;
    }
    voice_agents::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("Agent deleted successfully"))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Clone {
    /// The copy's name; "… (copy)" unless given.
    #[schemars(example = &"Support Agent (night)")]
    name: Option<String>,
}

async fn clone(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
    new: NewId,
    Body(body): Body<Clone>,
) -> Result<Created<AgentBody>> {
    let agent = voice_agents::clone(&ctx, &by, id, VoiceAgentId(new.id), body.name).await?;
    let version = agent.version;
    Ok(Created::new(agent.into()).etag(version).message(CLONED))
}
