//! How a campaign is doing: from its slots and its counters, at the same cost at any size.

use trunkline_auth::Principal;
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, Error, Instant, Outcome, Usd,
    counters::{CALLS, COST_MICROS, DURATION_S, outcome_counter},
};
use trunkline_store::{Period, Scope, Slot, Sums};

use crate::{
    Ctx,
    ratios::{self, average},
};

use super::{get, progress};

/// A campaign in figures.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignStats {
    /// Which campaign.
    pub campaign: CampaignId,
    /// All leads.
    pub total_leads: i64,
    /// Leads that wait for their first call or a retry.
    pub pending: i64,
    /// Leads in a call.
    pub in_progress: i64,
    /// Calls made: ended ones, and those under way.
    pub calls_made: i64,
    /// Ended calls that somebody or something answered.
    pub completed: i64,
    /// Calls that the carrier could not place, or whose end is unknown.
    pub failed: i64,
    /// Calls that nobody answered.
    pub no_answer: i64,
    /// Calls to a busy line.
    pub busy: i64,
    /// Calls that a machine answered; they are completed too.
    pub voicemail: i64,
    /// Ended calls that a person answered, in percent of ended calls.
    pub answer_rate: f64,
    /// Completed calls, in percent of ended calls.
    pub success_rate: f64,
    /// Seconds of a completed call.
    pub average_duration_s: i64,
    /// Cost of all ended calls.
    pub total_cost: Usd,
    /// Cost of an ended call; zero before the first.
    pub cost_per_call: Usd,
    /// Cost of a lead that was reached; zero before the first.
    pub cost_per_reached: Usd,
    /// Leads that were reached.
    pub reached: i64,
    /// Leads whose attempts are used up.
    pub given_up: i64,
    /// Leads that are not to be called.
    pub not_to_call: i64,
    /// Ended calls that a person answered.
    pub people: i64,
    /// Leads that were reached, in percent of all.
    pub reach_rate: f64,
    /// When it will be done at the pace so far; none while it does not dial or nothing has ended yet.
    pub estimated_end: Option<Instant>,
}

/// A campaign's figures.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn stats(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<CampaignStats, Error> {
    let campaign = get(ctx, who, id).await?;
    let slots = ctx.store.slots(id).await?;
    let sums = ctx
        .store
        .sums(who.tenant, Scope::Campaign(id), Period::default())
        .await?;
    Ok(of(&campaign, &slots, &sums, ctx.now()))
}

fn of(campaign: &Campaign, slots: &[Slot], sums: &Sums, now: Instant) -> CampaignStats {
    let slot = |count: fn(&Slot) -> i64| slots.iter().map(count).sum::<i64>();
    let calls = |outcome| sums.get(outcome_counter(outcome));
    let ended = sums.get(CALLS);
    let progress = progress::of(slots, sums);
    let (answered, voicemail) = (calls(Outcome::Answered), calls(Outcome::Voicemail));
    let open_leads = slot(|slot| slot.open_leads);
    let (total_leads, reached) = (progress.total_leads, slot(|slot| slot.n_completed));
    let total_cost = sums.get(COST_MICROS);
    CampaignStats {
        campaign: campaign.id,
        total_leads,
        pending: slot(|slot| slot.n_pending),
        in_progress: slot(|slot| slot.n_calling),
        calls_made: progress.calls_made,
        completed: progress.calls_completed,
        failed: calls(Outcome::Failed) + calls(Outcome::Unknown),
        no_answer: calls(Outcome::NoAnswer),
        busy: calls(Outcome::Busy),
        voicemail,
        answer_rate: percent(answered, ended),
        success_rate: percent(progress.calls_completed, ended),
        average_duration_s: average(sums.get(DURATION_S), progress.calls_completed),
        total_cost: Usd::from_micros(total_cost),
        cost_per_call: Usd::from_micros(average(total_cost, ended)),
        cost_per_reached: Usd::from_micros(average(total_cost, reached)),
        reached,
        given_up: slot(|slot| slot.n_failed),
        not_to_call: slot(|slot| slot.n_dnc),
        people: answered,
        reach_rate: percent(reached, total_leads),
        estimated_end: estimated_end(campaign, total_leads - open_leads, open_leads, now),
    }
}

/// By how long the leads that are done took since the launch.
fn estimated_end(campaign: &Campaign, done: i64, left: i64, now: Instant) -> Option<Instant> {
    let launched = campaign
        .launched_at
        .filter(|_| campaign.state == CampaignState::Active)?;
    if done <= 0 {
        return None;
    }
    let spent_ms = (now - launched).num_milliseconds().max(0);
    let left_ms = i128::from(spent_ms) * i128::from(left.max(0)) / i128::from(done);
    now.checked_add_signed(chrono::Duration::try_milliseconds(i64::try_from(left_ms).ok()?)?)
}

/// To two places.
fn percent(part: i64, whole: i64) -> f64 {
    ratios::percent(part, whole, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_to_two_places() {
        assert!((percent(1200, 1250) - 96.0).abs() < 1e-9);
        assert!((percent(1, 3) - 33.33).abs() < 1e-9);
        assert!((percent(0, 0)).abs() < 1e-9);
    }

    #[test]
    fn an_average_of_nothing_is_nothing() {
        assert_eq!((average(10, 0), average(10, 4), average(9, 4)), (0, 3, 2));
    }
}
