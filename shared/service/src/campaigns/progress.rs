//! How far campaigns have come: a few figures of each, for a page of them.

use futures::{StreamExt, TryStreamExt, stream};
use trunkline_auth::Principal;
use trunkline_domain::{
    Campaign, Error, Outcome,
    counters::{CALLS, outcome_counter},
};
use trunkline_store::{Period, Scope, Slot, Sums};

use crate::Ctx;

/// How far a campaign has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// All leads.
    pub total_leads: i64,
    /// Calls made: ended ones, and those under way.
    pub calls_made: i64,
    /// Ended calls that somebody or something answered.
    pub calls_completed: i64,
}

/// How many campaigns' counters are asked at the same time.
const AT_ONCE: usize = 25;

/// How far each of these campaigns of the asker's tenant has come, in their order. It costs a request for a hundred slot shards (one
/// to four a campaign) and, side by side, one for each campaign that was ever launched, however many calls they made.
///
/// # Errors
/// When the store does not answer.
pub async fn progress(ctx: &Ctx, who: &Principal, campaigns: &[Campaign]) -> Result<Vec<Progress>, Error> {
    let slots = ctx.store.slots_of(campaigns);
    // By value: a handler's future must not depend on how long a borrow lasts.
    let asked: Vec<_> = campaigns
        .iter()
        .map(|campaign| (campaign.id, campaign.launched_at.is_some()))
        .collect();
    let sums = asked.into_iter().map(|(id, launched)| async move {
        if launched {
            ctx.store
                .sums(who.tenant, Scope::Campaign(id), Period::default())
                .await
        } else {
            // Before its launch nobody was called.
            Ok(Sums::default())
        }
    });
    let sums = stream::iter(sums).buffered(AT_ONCE).try_collect::<Vec<_>>();
    let (slots, sums) = tokio::try_join!(slots, sums)?;
    Ok(slots
        .iter()
        .zip(&sums)
        .map(|(slots, sums)| of(slots, sums))
        .collect())
}

/// From a campaign's shards and counters.
pub(super) fn of(slots: &[Slot], sums: &Sums) -> Progress {
    let slot = |count: fn(&Slot) -> i64| slots.iter().map(count).sum::<i64>();
    let ended = |outcome| sums.get(outcome_counter(outcome));
    Progress {
        total_leads: slot(Slot::leads),
        calls_made: sums.get(CALLS) + slot(|slot| slot.n_calling),
        calls_completed: ended(Outcome::Answered) + ended(Outcome::Voicemail),
    }
}
