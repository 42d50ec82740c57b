//! How calls ended: the Dialer's figures.

use chrono::DateTime;
use chrono_tz::Tz;
use trunkline_auth::Principal;
use trunkline_domain::{
    CampaignId, Error, Instant, Outcome, Role, Usd,
    counters::{
        ABANDONED, CALLS, COST_MICROS, DURATION_S, ELAPSED_S, OUTCOMES, TRANSFERRED, outcome_counter,
    },
    error::Kind,
};
use trunkline_store::{Period, Scope, Sums};

use super::{
    question::{Question, Span},
    tally,
};
use crate::{Ctx, ratios};

/// Figures of calls that are over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallSummary {
    /// All of them.
    pub total: i64,
    /// How many ended like this.
    by_outcome: [(Outcome, i64); 7],
    /// Answered calls that an AI agent handed to a person.
    pub transferred: i64,
    /// Answered calls in which nobody came for whoever answered.
    pub abandoned: i64,
    /// Their share of the calls that a person answered, in percent, to two places.
    pub abandoned_percent: f64,
    /// Seconds from the dialling to the end, on average, to one place.
    pub avg_elapsed_s: f64,
    /// Seconds from the answer to the end of those that were answered, on average, to one place.
    pub avg_talk_s: f64,
    /// What they cost.
    pub total_cost: Usd,
}

impl CallSummary {
    /// How many ended like this.
    #[must_use]
    pub fn ended(&self, outcome: Outcome) -> i64 {
        let found = self.by_outcome.iter().find(|(known, _)| *known == outcome);
        found.map_or(0, |(_, count)| *count)
    }

    /// How calls ended, in the Dialer's words with `cancelled` for those that were withdrawn, as far as it occurred; most frequent first.
    #[must_use]
    pub fn dispositions(&self) -> Vec<(&'static str, i64)> {
        let by_outcome = self.by_outcome.into_iter().map(|(outcome, count)| {
            let handed_over = if outcome == Outcome::Answered {
                self.transferred
            } else {
                0
            };
            (outcome.as_str(), count - handed_over)
        });
        let mut found: Vec<_> = by_outcome
            .chain([("transferred", self.transferred)])
            .filter(|(_, count)| *count > 0)
            .collect();
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found
    }

    fn of(sums: &Sums) -> Self {
        let by_outcome = OUTCOMES.map(|outcome| (outcome, sums.get(outcome_counter(outcome))));
        let answered = by_outcome
            .iter()
            .filter(|(outcome, _)| outcome.was_answered())
            .map(|(_, count)| count)
            .sum();
        let total = sums.get(CALLS);
        let abandoned = sums.get(ABANDONED);
        let by_people = sums.get(outcome_counter(Outcome::Answered));
        Self {
            total,
            abandoned,
            transferred: sums.get(TRANSFERRED),
            abandoned_percent: ratios::percent(abandoned, by_people, 100),
            by_outcome,
            avg_elapsed_s: ratios::mean_to(sums.get(ELAPSED_S), total, 10),
            avg_talk_s: ratios::mean_to(sums.get(DURATION_S), answered, 10),
            total_cost: Usd::from_micros(sums.get(COST_MICROS)),
        }
    }
}

/// The figures of the tenant's calls, or of a campaign's that must be there, made from one instant to before another; an open end is
/// for ever.
///
/// # Errors
/// [`Error::NotFound`] for the campaign; [`Error::Invalid`] for a period that ends inside a quarter of an hour with very many calls.
pub async fn summary(
    ctx: &Ctx,
    who: &Principal,
    campaign: Option<CampaignId>,
    from: Option<Instant>,
    until: Option<Instant>,
) -> Result<CallSummary, Error> {
    who.require(Role::User)?;
    if let Some(id) = campaign {
        let found = ctx.store.campaign(who.tenant, id).await?;
        found.ok_or(Error::NotFound(Kind::Campaign))?;
    }
    if from.is_none() && until.is_none() {
        let scope = campaign.map_or(Scope::Tenant, Scope::Campaign);
        let sums = ctx.store.sums(who.tenant, scope, Period::default()).await?;
        return Ok(CallSummary::of(&sums));
    }
    let asked = Question {
        campaign,
        voice_agent: None,
        from,
        until,
        days: None,
        timezone: Tz::UTC,
    };
    let span = Span {
        from: from.unwrap_or(DateTime::UNIX_EPOCH),
        before: until.unwrap_or_else(|| ctx.now()),
    };
    let mut names = vec![ABANDONED, TRANSFERRED, CALLS, COST_MICROS, DURATION_S, ELAPSED_S];
    names.extend(OUTCOMES.map(outcome_counter));
    let sums = tally::whole(ctx, who.tenant, &asked, span, &names).await?;
    Ok(CallSummary::of(&sums))
}
