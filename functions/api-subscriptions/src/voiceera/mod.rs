//! VoiceERA's webhooks.

mod body;
mod fields;
mod replay;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use trunkline_domain::id::SubscriptionId;
use trunkline_events::Topic;
use trunkline_http::{
    Body, Created, Deleted, IfMatch, List, Member, NewId, Paging, PathId, Query, Reply, Result, SortKey,
    choose, says, sends, sort_keys,
};
use trunkline_service::{
    Ctx, listing,
    webhooks::{self, SORTS, SubscriptionsQuery},
};

use body::{LogBody, MadeBody, RotatedBody, TestBody, WebhookBody};
use fields::Fields;

const CREATED: &str = "Webhook created successfully; its secret is shown this once";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/webhooks",
            get_with(list, |op| op.summary("List webhooks"))
                .post_with(create, |op| op.summary("Create webhook").with(says(CREATED))),
        )
        .api_route(
            "/webhooks/{webhook_id}",
            get_with(one, |op| op.summary("Get webhook"))
                .put_with(update, |op| {
                    op.summary("Update webhook")
                        .with(sends(json!({ "events": ["*"], "is_active": true })))
                })
                .delete_with(delete, |op| op.summary("Delete webhook")),
        )
        .api_route(
            "/webhooks/{webhook_id}/test",
            post_with(test, |op| op.summary("Send test event")),
        )
        .api_route(
            "/webhooks/{webhook_id}/logs",
            get_with(logs, |op| op.summary("Get webhook logs")),
        )
        .api_route(
            "/webhooks/{webhook_id}/replay",
            post_with(replay::replay, |op| {
                op.summary("Send one event again, or all since a moment")
            }),
        )
        .api_route(
            "/webhooks/{webhook_id}/rotate-secret",
            post_with(rotate, |op| {
                op.summary("Replace the secret; for 24 hours both sign")
            }),
        )
}

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// In the address or the description.
    search: Option<String>,
    /// Whether events are sent.
    is_active: Option<bool>,
    /// Those that are told of this event.
    event: Option<String>,
    /// Fields, `-` before those that go down: `url,-created_at`.
    sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    order: Option<String>,
}

async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    Paging(page): Paging,
) -> Result<Reply<List<WebhookBody>>> {
    let keys = sort_keys(
        filters.sort.as_deref(),
        filters.order.as_deref(),
        &SORTS.map(|sort| sort.0),
        NEWEST,
    )?;
    let topics: Vec<(&str, Topic)> = Topic::choices().map(|topic| (topic.as_str(), topic)).collect();
    let event = filters
        .event
        .as_deref()
        .map(|word| choose("event", word, &topics));
    let asked = SubscriptionsQuery {
        search: filters.search,
        is_active: filters.is_active,
        event: event.transpose()?,
        sorts: listing::by_name(keys.into_iter().map(|key| (key.field, key.descending)), &SORTS),
        page: page.clone(),
    };
    let found = webhooks::list(&ctx, &by, &asked).await?;
    Ok(Reply::new(List::of(found.map(WebhookBody::from), &page)))
}

async fn create(
    State(ctx): State<Ctx>,
    Member(by): Member,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<MadeBody>> {
    let made = webhooks::create(&ctx, &by, SubscriptionId(new.id), fields.into_new()).await?;
    let version = made.subscription.version;
    Ok(Created::new(made.into()).etag(version).message(CREATED))
}

async fn one(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
) -> Result<Reply<WebhookBody>> {
    let found = webhooks::get(&ctx, &by, id).await?;
    let version = found.version;
    Ok(Reply::new(found.into()).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<WebhookBody>> {
    let patch = fields.patch();
    let changed = webhooks::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = changed.version;
    Ok(Reply::new(changed.into()).etag(version))
}

async fn delete(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
) -> Result<Deleted> {
    webhooks::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("Webhook deleted successfully"))
}

async fn test(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
) -> Result<Reply<TestBody>> {
    Ok(Reply::new(webhooks::test(&ctx, &by, id).await?.into()))
}

async fn logs(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
    Paging(page): Paging,
) -> Result<Reply<List<LogBody>>> {
    let found = webhooks::logs(&ctx, &by, id, &page).await?;
    Ok(Reply::new(List::of(found.map(LogBody::from), &page)))
}

async fn rotate(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<SubscriptionId>,
) -> Result<Reply<RotatedBody>> {
    let made = webhooks::rotate_secret(&ctx, &by, id).await?;
    let version = made.subscription.version;
    Ok(Reply::new(made.into()).etag(version))
}
