//! A campaign in figures.

use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::CampaignId;
use trunkline_http::{Member, PathId, Reply, Result, Seconds};
use trunkline_service::{
    Ctx,
    campaigns::{self, CampaignStats},
};
use uuid::Uuid;

/// A campaign in figures. Rates are percentages of ended calls.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StatsBody {
    campaign_id: Uuid,
    /// All numbers.
    #[schemars(example = 1500)]
    total_leads: i64,
    /// Numbers that wait for their first call or a retry.
    #[schemars(example = 250)]
    pending: i64,
    /// Numbers in a call.
    #[schemars(example = 10)]
    in_progress: i64,
    /// Calls so far, those under way included.
    #[schemars(example = 1250)]
    calls_made: i64,
    /// Calls that somebody or something answered.
    #[schemars(example = 1200)]
    completed: i64,
    /// Calls that could not be placed.
    #[schemars(example = 5)]
    failed: i64,
    #[schemars(example = 30)]
    no_answer: i64,
    #[schemars(example = 15)]
    busy: i64,
    /// Calls that a machine answered; they are completed too.
    #[schemars(example = 180)]
    voicemail: i64,
    /// Calls that a person answered.
    #[schemars(example = 81.6)]
    answer_rate: f64,
    /// Completed calls.
    #[schemars(example = 96.0)]
    success_rate: f64,
    /// Seconds of a completed call.
    #[schemars(example = 180)]
    average_duration: i64,
    /// US dollars.
    #[schemars(example = 562.5)]
    total_cost: f64,
    /// US dollars for an ended call.
    #[schemars(example = 0.45)]
    cost_per_call: f64,
    /// US dollars for a number that was reached.
    #[schemars(example = 0.55)]
    cost_per_reached: f64,
    funnel: FunnelBody,
    /// At the pace so far; null while that is not known.
    #[schemars(example = &"2024-02-02T15:00:00Z")]
    estimated_end: Option<Seconds>,
}

/// What became of the numbers, step by step.
#[derive(Debug, Serialize, JsonSchema)]
struct FunnelBody {
    /// All numbers.
    #[schemars(example = 1500)]
    leads: i64,
    /// Calls so far, those under way included.
    #[schemars(example = 1250)]
    calls: i64,
    /// Calls that somebody or something answered.
    #[schemars(example = 1200)]
    answered: i64,
    /// Calls that a person answered.
    #[schemars(example = 1020)]
    people: i64,
    /// Numbers that were reached.
    #[schemars(example = 1020)]
    reached: i64,
    /// Numbers whose attempts are used up.
    #[schemars(example = 40)]
    given_up: i64,
    /// Numbers that are not to be called.
    #[schemars(example = 12)]
    not_to_call: i64,
    /// Numbers that were reached, in percent of all.
    #[schemars(example = 68.0)]
    reach_rate: f64,
}

pub(super) async fn stats(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
) -> Result<Reply<StatsBody>> {
    Ok(Reply::new(campaigns::stats(&ctx, &by, id).await?.into()))
}

impl From<CampaignStats> for StatsBody {
    fn from(stats: CampaignStats) -> Self {
        Self {
            campaign_id: stats.campaign.0,
            total_leads: stats.total_leads,
            pending: stats.pending,
            in_progress: stats.in_progress,
            calls_made: stats.calls_made,
            completed: stats.completed,
            failed: stats.failed,
            no_answer: stats.no_answer,
            busy: stats.busy,
            voicemail: stats.voicemail,
            answer_rate: stats.answer_rate,
            success_rate: stats.success_rate,
            average_duration: stats.average_duration_s,
            total_cost: stats.total_cost.dollars(),
            cost_per_call: stats.cost_per_call.dollars(),
            cost_per_reached: stats.cost_per_reached.dollars(),
            funnel: FunnelBody {
                leads: stats.total_leads,
                calls: stats.calls_made,
                answered: stats.completed,
                people: stats.people,
                reached: stats.reached,
                given_up: stats.given_up,
                not_to_call: stats.not_to_call,
                reach_rate: stats.reach_rate,
            },
            estimated_end: stats.estimated_end.map(Seconds),
        }
    }
}
