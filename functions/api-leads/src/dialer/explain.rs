//! Why a lead is dialled now, or not.

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use trunkline_domain::LeadId;
use trunkline_http::{Member, PathId, Reply, Result, Seconds};
use trunkline_service::{
    Ctx,
    dialing::{
        explain::{self, Explanation, Finding},
        rules::Facts,
    },
};
use uuid::Uuid;

use super::explain_input::{Input, local};

pub(super) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/api/leads/{id}/explain",
        get_with(why, |op| op.summary("Explain why a lead is dialled now, or not")),
    )
}

/// Why a lead is dialled now, or not. The carrier's rate, which spaces calls by seconds, is no part of it.
#[derive(Debug, Serialize, JsonSchema)]
struct ExplanationBody {
    lead_id: Uuid,
    campaign_id: Uuid,
    /// Whether all rules that decide allow it now; the dialer then takes it when its turn comes.
    #[schemars(example = false)]
    may_be_dialled: bool,
    /// The first instant at which they do, when time alone stands in the way; now, when nothing does; else null.
    #[schemars(example = None::<Seconds>)]
    next_dial_at: Option<Seconds>,
    /// The rules that time alone does not lift; empty unless `next_dial_at` is null.
    #[schemars(example = json!(["campaign_state"]))]
    not_by_time: Vec<&'static str>,
    /// What time it is where the number may be.
    local_times: Vec<LocalTime>,
    /// In the order in which the dialer applies them.
    rules: Vec<RuleBody>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LocalTime {
    /// IANA zone.
    #[schemars(example = &"America/Los_Angeles")]
    timezone: &'static str,
    /// RFC 3339 with the zone's offset.
    #[schemars(example = &"2024-01-29T02:30:00-08:00")]
    local_time: String,
}

/// A rule's verdict.
#[derive(Debug, Serialize, JsonSchema)]
struct RuleBody {
    /// `campaign_state`, `campaign_end`, `free_calls`, `human_agents`, `free_human_agent`, `tenant_grant`, `daily_spend`, `media_capacity`, `calling_window`,
    /// `lead_status`, `planned_attempt`, `country`, `budget`, `do_not_call`, `in_another_call` or `minimum_gap`.
    #[schemars(example = &"campaign_state")]
    rule: &'static str,
    /// Whether it allows the call now.
    #[schemars(example = false)]
    ok: bool,
    /// `false`: it tells only about room (`free_calls`, `free_human_agent`, `media_capacity`, `budget`): a lead without it waits for its turn.
    #[schemars(example = true)]
    decides: bool,
    /// What it looked at, by the rule.
    #[schemars(example = json!({"state": "draft", "dials": false, "start_time": null}))]
    input: Input,
    /// In a sentence.
    #[schemars(example = &"the campaign is draft: launch it")]
    verdict: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    explanation: ExplanationBody,
}

impl RuleBody {
    fn of(facts: &Facts, finding: Finding) -> Self {
        Self {
            rule: finding.rule.as_str(),
            ok: finding.allows(),
            decides: finding.rule.decides(),
            input: Input::of(facts, finding.rule),
            verdict: finding.verdict,
        }
    }
}

impl ExplanationBody {
    fn of(facts: &Facts, explanation: Explanation) -> Self {
        let zones = facts.zones();
        let not_by_time = explanation.not_by_time.iter();
        let findings = explanation.findings.into_iter();
        Self {
            lead_id: facts.lead.id.0,
            campaign_id: facts.campaign.id.0,
            may_be_dialled: explanation.may_be_dialled,
            next_dial_at: explanation.next_dial_at.map(Seconds),
            not_by_time: not_by_time.map(|rule| rule.as_str()).collect(),
            local_times: zones
                .into_iter()
                .map(|zone| LocalTime {
                    timezone: zone.name(),
                    local_time: local(facts.now, zone),
                })
                .collect(),
            rules: findings.map(|finding| RuleBody::of(facts, finding)).collect(),
        }
    }
}

async fn why(State(ctx): State<Ctx>, Member(by): Member, PathId(id): PathId<LeadId>) -> Result<Reply<One>> {
    let (facts, explanation) = Box::pin(explain::explain(&ctx, &by, id)).await?;
    Ok(Reply::new(One {
        explanation: ExplanationBody::of(&facts, explanation),
    }))
}
