//! The Dialer's calls.

mod body;
mod floor;

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{AnsweredBy, CallId, CampaignId, OperatorId, Outcome};
use trunkline_http::{
    Auth, DateRange, DialerCount, DialerPaging, Member, PathId, Query, Reply, Result, choose,
};
use trunkline_service::{
    Ctx, analytics,
    calls::{self, CallFilter, CallsQuery, Period},
};
use uuid::Uuid;

use body::{CallBody, DispositionBody, SummaryBody};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route("/api/calls", get_with(list, |op| op.summary("List calls")))
        .api_route(
            "/api/calls/stats/summary",
            get_with(summary, |op| op.summary("Get call statistics")),
        )
        .api_route(
            "/api/calls/stats/by-disposition",
            get_with(by_disposition, |op| op.summary("Get disposition breakdown")),
        )
        .api_route(
            "/api/calls/{call_id}",
            get_with(one, |op| op.summary("Get call details")),
        )
        .merge(floor::router())
}

/// Dispositions by the document's words, and those beyond it that calls can have.
fn dispositions() -> [(&'static str, Outcome); 7] {
    Outcome::ALL.map(|outcome| (outcome.as_str(), outcome))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// Of this campaign.
    campaign_id: Option<Uuid>,
    /// Of this human agent.
    agent_id: Option<Uuid>,
    /// `answered`, `voicemail`, `no_answer`, `busy`, `failed`, `cancelled` or `unknown`.
    disposition: Option<String>,
    /// `human`, `machine_start`, `machine_end_beep`, `machine_end_silence`, `machine_end_other`, `fax` or `unknown`.
    answered_by: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Of {
    /// Of this campaign alone.
    campaign_id: Option<Uuid>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Calls {
    calls: Vec<CallBody>,
    #[serde(flatten)]
    count: DialerCount,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    call: CallBody,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    stats: SummaryBody,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Dispositions {
    dispositions: Vec<DispositionBody>,
}

async fn list(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    Query(filters): Query<Filters>,
    dates: DateRange,
    DialerPaging(page): DialerPaging,
) -> Result<Reply<Calls>> {
    let answerers = AnsweredBy::ALL.map(|by| (by.as_str(), by));
    let filter = CallFilter {
        campaign: filters.campaign_id.map(CampaignId),
        operator: filters.agent_id.map(OperatorId),
        outcome: filters
            .disposition
            .as_deref()
            .map(|word| choose("disposition", word, &dispositions()))
            .transpose()?,
        answered_by: filters
            .answered_by
            .as_deref()
            .map(|word| choose("answered_by", word, &answerers))
            .transpose()?,
        period: Period {
            from: dates.from,
            before: dates.until,
        },
        ..CallFilter::default()
    };
    let asked = CallsQuery {
        filter,
        sorts: Vec::new(),
        page,
    };
    let found = calls::list_joined(&ctx, &by, asked).await?;
    let count = DialerCount::of(&found);
    Ok(Reply::new(Calls {
        calls: found.items.into_iter().map(CallBody::from).collect(),
        count,
    }))
}

async fn one(State(ctx): State<Ctx>, Auth(by): Auth, PathId(id): PathId<CallId>) -> Result<Reply<One>> {
    let found = calls::get_joined(&ctx, &by, id).await?;
    let version = found.call.version;
    Ok(Reply::new(One { call: found.into() }).etag(version))
}

async fn summary(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(of): Query<Of>,
    dates: DateRange,
) -> Result<Reply<Summary>> {
    let campaign = of.campaign_id.map(CampaignId);
    let found = analytics::summary(&ctx, &by, campaign, dates.from, dates.until).await?;
    Ok(Reply::new(Summary { stats: found.into() }))
}

async fn by_disposition(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(of): Query<Of>,
    dates: DateRange,
) -> Result<Reply<Dispositions>> {
    let campaign = of.campaign_id.map(CampaignId);
    let found = analytics::summary(&ctx, &by, campaign, dates.from, dates.until).await?;
    let dispositions = found.dispositions().into_iter().map(DispositionBody::from);
    Ok(Reply::new(Dispositions {
        dispositions: dispositions.collect(),
    }))
}
