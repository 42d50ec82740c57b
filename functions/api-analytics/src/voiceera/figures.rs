//! Figures: of all calls, by agent, by campaign, by hour, by day.

use axum::extract::State;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_http::{DateRange, List, Member, Paging, Query, Reply, Result};
use trunkline_service::{
    Ctx,
    analytics::{self, Figures, OwnerFigures},
};
use uuid::Uuid;

use super::filters::Filters;

/// Calls that are over, in figures.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallsBody {
    /// Calls that are over.
    #[schemars(example = 1250)]
    total_calls: i64,
    /// Those that somebody or something answered.
    #[schemars(example = 1200)]
    completed_calls: i64,
    /// The rest.
    #[schemars(example = 50)]
    failed_calls: i64,
    /// Seconds of a completed call.
    #[schemars(example = 180)]
    average_duration: i64,
    /// Completed calls in percent of all.
    #[schemars(example = 96.0)]
    success_rate: f64,
    /// US dollars.
    #[schemars(example = 0.45)]
    cost_per_call: f64,
    /// US dollars.
    #[schemars(example = 562.5)]
    total_cost: f64,
}

/// The figures of a part of the calls.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PartBody {
    /// Calls that are over.
    #[schemars(example = 1250)]
    total_calls: i64,
    /// Those that somebody or something answered.
    #[schemars(example = 1200)]
    completed_calls: i64,
    /// The rest.
    #[schemars(example = 50)]
    failed_calls: i64,
    /// Completed calls in percent of all.
    #[schemars(example = 96.0)]
    success_rate: f64,
    /// Seconds of a completed call.
    #[schemars(example = 180)]
    average_duration: i64,
    /// US dollars.
    #[schemars(example = 562.5)]
    total_cost: f64,
}

impl From<Figures> for PartBody {
    fn from(figures: Figures) -> Self {
        Self {
            total_calls: figures.total,
            completed_calls: figures.completed,
            failed_calls: figures.failed,
            success_rate: figures.success_rate,
            average_duration: figures.average_duration_s,
            total_cost: figures.total_cost.dollars(),
        }
    }
}

/// An AI agent's figures.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AgentBody {
    agent_id: Uuid,
    /// Null when it was deleted.
    #[schemars(example = &"Support Agent")]
    name: Option<String>,
    #[serde(flatten)]
    figures: PartBody,
}

/// A campaign's figures.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CampaignBody {
    campaign_id: Uuid,
    /// Null when it was deleted.
    #[schemars(example = &"Q2 Marketing Campaign")]
    name: Option<String>,
    #[serde(flatten)]
    figures: PartBody,
}

/// The figures of an hour of the day.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct HourBody {
    /// Of the day in `timezone`: 0 to 23.
    #[schemars(example = 10)]
    hour: u32,
    #[serde(flatten)]
    figures: PartBody,
}

/// The figures of a day.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DayBody {
    /// The day in `timezone`.
    #[schemars(example = &"2024-01-29")]
    date: NaiveDate,
    #[serde(flatten)]
    figures: PartBody,
}

/// Some figures each.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Items<T> {
    pub(super) items: Vec<T>,
}

pub(super) async fn calls(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
) -> Result<Reply<CallsBody>> {
    let figures = analytics::calls(&ctx, &by, &filters.question(&dates)).await?;
    Ok(Reply::new(CallsBody {
        total_calls: figures.total,
        completed_calls: figures.completed,
        failed_calls: figures.failed,
        average_duration: figures.average_duration_s,
        success_rate: figures.success_rate,
        cost_per_call: figures.cost_per_call.dollars(),
        total_cost: figures.total_cost.dollars(),
    }))
}

pub(super) async fn agents(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
    Paging(page): Paging,
) -> Result<Reply<List<AgentBody>>> {
    let found = analytics::agents(&ctx, &by, &filters.question(&dates), &page).await?;
    let body = |owner: OwnerFigures| AgentBody {
        agent_id: owner.id,
        name: owner.name,
        figures: owner.figures.into(),
    };
    Ok(Reply::new(List::of(found.map(body), &page)))
}

pub(super) async fn campaigns(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
    Paging(page): Paging,
) -> Result<Reply<List<CampaignBody>>> {
    let found = analytics::campaigns(&ctx, &by, &filters.question(&dates), &page).await?;
    let body = |owner: OwnerFigures| CampaignBody {
        campaign_id: owner.id,
        name: owner.name,
        figures: owner.figures.into(),
    };
    Ok(Reply::new(List::of(found.map(body), &page)))
}

pub(super) async fn hourly(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
) -> Result<Reply<Items<HourBody>>> {
    let hours = analytics::hourly(&ctx, &by, &filters.question(&dates)).await?;
    let items = hours.into_iter().map(|hour| HourBody {
        hour: hour.hour,
        figures: hour.figures.into(),
    });
    Ok(Reply::new(Items {
        items: items.collect(),
    }))
}

pub(super) async fn daily(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
) -> Result<Reply<Items<DayBody>>> {
    let days = analytics::daily(&ctx, &by, &filters.question(&dates)).await?;
    let items = days.into_iter().map(|day| DayBody {
        date: day.date,
        figures: day.figures.into(),
    });
    Ok(Reply::new(Items {
        items: items.collect(),
    }))
}
