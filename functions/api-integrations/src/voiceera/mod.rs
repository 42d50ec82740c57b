//! VoiceERA's integrations.

mod body;
mod fields;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_domain::{
    id::IntegrationId,
    integration::{IntegrationKind, IntegrationStatus},
};
use trunkline_http::{
    Body, Created, Deleted, IfMatch, List, Member, NewId, Paging, PathId, Query, Reply, Result, SortKey,
    choose, says, sends, sort_keys,
};
use trunkline_service::{
    Ctx,
    integrations::{self, IntegrationsQuery, SORTS},
    listing,
};

use body::{IntegrationBody, StatusBody, TestBody};
use fields::Fields;

const CREATED: &str = "Integration created successfully";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/integrations",
            get_with(list, |op| op.summary("List integrations"))
                .post_with(create, |op| op.summary("Create integration").with(says(CREATED))),
        )
        .api_route(
            "/integrations/{integration_id}",
            get_with(one, |op| op.summary("Get integration details"))
                .put_with(update, |op| {
                    op.summary("Update integration").with(sends(json!({
                        "name": "OpenAI, new key",
                        "credentials": { "api_key": "sk-fedcba9876543210stuv" },
                    })))
                })
                .delete_with(delete, |op| op.summary("Delete integration")),
        )
        .api_route(
            "/integrations/{integration_id}/test",
            post_with(test, |op| op.summary("Test integration")),
        )
        .api_route(
            "/integrations/{integration_id}/status",
            get_with(status, |op| op.summary("Get status")),
        )
}

/// The providers by their words.
fn kinds() -> [(&'static str, IntegrationKind); 8] {
    IntegrationKind::ALL.map(|kind| (kind.as_str(), kind))
}

const STATUSES: [(&str, IntegrationStatus); 3] = [
    ("untested", IntegrationStatus::Untested),
    ("connected", IntegrationStatus::Connected),
    ("failed", IntegrationStatus::Failed),
];

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// In the name.
    search: Option<String>,
    /// `twilio`, `exotel`, `openai`, `deepgram`, `cartesia`, `elevenlabs`, `slack` or `http`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `untested`, `connected` or `failed`.
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
) -> Result<Reply<List<IntegrationBody>>> {
    let keys = sort_keys(
        filters.sort.as_deref(),
        filters.order.as_deref(),
        &SORTS.map(|sort| sort.0),
        NEWEST,
    )?;
    let kind = filters.kind.as_deref().map(|word| choose("type", word, &kinds()));
    let status = filters
        .status
        .as_deref()
        .map(|word| choose("status", word, &STATUSES));
    let asked = IntegrationsQuery {
        search: filters.search,
        kind: kind.transpose()?,
        status: status.transpose()?,
        sorts: listing::by_name(keys.into_iter().map(|key| (key.field, key.descending)), &SORTS),
        page: page.clone(),
    };
    let found = integrations::list(&ctx, &by, &asked).await?;
    Ok(Reply::new(List::of(found.map(IntegrationBody::from), &page)))
}

async fn create(
    State(ctx): State<Ctx>,
    Member(by): Member,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<IntegrationBody>> {
    let made = integrations::create(&ctx, &by, IntegrationId(new.id), fields.into_new()?).await?;
    let version = made.version;
    Ok(Created::new(made.into()).etag(version).message(CREATED))
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<IntegrationId>,
) -> Result<Reply<IntegrationBody>> {
    let found = integrations::get(&ctx, &by, id).await?;
    let version = found.version;
    Ok(Reply::new(found.into()).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<IntegrationId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<IntegrationBody>> {
    let patch = fields.patch()?;
    let changed = integrations::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = changed.version;
    Ok(Reply::new(changed.into()).etag(version))
}

async fn delete(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<IntegrationId>,
) -> Result<Deleted> {
    integrations::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("Integration deleted successfully"))
}

async fn test(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<IntegrationId>,
) -> Result<Reply<TestBody>> {
    Ok(Reply::new(integrations::test(&ctx, &by, id).await?.into()))
}

async fn status(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<IntegrationId>,
) -> Result<Reply<StatusBody>> {
    Ok(Reply::new(integrations::get(&ctx, &by, id).await?.into()))
}
