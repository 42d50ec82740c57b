//! The Dialer's agents: humans.

mod body;
mod fields;
mod groups;

use aide::axum::{
    ApiRouter,
    routing::{get_with, put_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{OperatorId, id::GroupId, operator::OperatorStatus};
use trunkline_http::{
    Auth, Body, Created, DateRange, Deleted, DialerCount, DialerPaging, IfMatch, Manager, NewId, PathId,
    Query, Reply, Result, choose, says,
};
use trunkline_service::{
    Ctx,
    operators::{self, OperatorsQuery},
};
use uuid::Uuid;

use body::{OperatorBody, StatsBody};
use fields::{Fields, Status};

const CREATED: &str = "Agent created successfully";
const UPDATED: &str = "Agent updated successfully";
const STATUS_UPDATED: &str = "Agent status updated successfully";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/agents",
            get_with(list, |op| op.summary("List agents"))
                .post_with(create, |op| op.summary("Create agent").with(says(CREATED))),
        )
        .api_route(
            "/api/agents/{operator_id}",
            get_with(one, |op| op.summary("Get agent"))
                .put_with(update, |op| op.summary("Update agent").with(says(UPDATED)))
                .delete_with(delete, |op| op.summary("Delete agent")),
        )
        .api_route(
            "/api/agents/{operator_id}/status",
            put_with(set_status, |op| {
                op.summary("Update agent status").with(says(STATUS_UPDATED))
            }),
        )
        .api_route(
            "/api/agents/{operator_id}/stats",
            get_with(stats, |op| op.summary("Get agent statistics")),
        )
        .merge(groups::router())
}

/// Statuses by their words.
fn statuses() -> [(&'static str, OperatorStatus); 4] {
    OperatorStatus::ALL.map(|status| (status.as_str(), status))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// `available`, `busy`, `offline` or `break`.
    status: Option<String>,
    /// In this group.
    agent_group_id: Option<Uuid>,
    /// In the name, the number or the e-mail address.
    search: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Operators {
    agents: Vec<OperatorBody>,
    #[serde(flatten)]
    count: DialerCount,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    agent: OperatorBody,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WithStats {
    agent: OperatorBody,
    stats: StatsBody,
}

async fn list(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    Query(filters): Query<Filters>,
    DialerPaging(page): DialerPaging,
) -> Result<Reply<Operators>> {
    let asked = OperatorsQuery {
        status: filters
            .status
            .as_deref()
            .map(|word| choose("status", word, &statuses()))
            .transpose()?,
        group: filters.agent_group_id.map(GroupId),
        search: filters.search,
        page,
    };
    let found = operators::list(&ctx, &by, &asked).await?;
    let count = DialerCount::of(&found);
    Ok(Reply::new(Operators {
        agents: found.items.into_iter().map(OperatorBody::from).collect(),
        count,
    }))
}

async fn create(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<One>> {
    let made = operators::create(
        &ctx,
        &by,
        OperatorId(new.id),
        &fields.patch(),
        OperatorStatus::Offline,
    )
    .await?;
    let version = made.operator.version;
    Ok(Created::new(One { agent: made.into() })
        .etag(version)
        .message(CREATED))
}

async fn one(State(ctx): State<Ctx>, Auth(by): Auth, PathId(id): PathId<OperatorId>) -> Result<Reply<One>> {
    let found = operators::get(&ctx, &by, id).await?;
    let version = found.operator.version;
    Ok(Reply::new(One { agent: found.into() }).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    PathId(id): PathId<OperatorId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<One>> {
    let patch = fields.patch();
    let changed = operators::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = changed.operator.version;
    Ok(Reply::new(One {
        agent: changed.into(),
    })
    .etag(version)
    .message(UPDATED))
}

async fn delete(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    PathId(id): PathId<OperatorId>,
) -> Result<Deleted> {
    operators::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("Agent deleted successfully"))
}

async fn set_status(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    PathId(id): PathId<OperatorId>,
    Body(Status { status }): Body<Status>,
) -> Result<Reply<One>> {
    let status = choose("status", &status, &statuses())?;
    let changed = operators::set_status(&ctx, &by, id, status).await?;
    let version = changed.operator.version;
    Ok(Reply::new(One {
        agent: changed.into(),
    })
    .etag(version)
    .message(STATUS_UPDATED))
}

async fn stats(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    PathId(id): PathId<OperatorId>,
    dates: DateRange,
) -> Result<Reply<WithStats>> {
    let (known, stats) = operators::stats(&ctx, &by, id, dates.from, dates.until).await?;
    Ok(Reply::new(WithStats {
        agent: known.into(),
        stats: stats.into(),
    }))
}
