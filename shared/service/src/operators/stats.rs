//! What a human agent has done.

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Instant, OperatorId, Outcome,
    counters::{CALLS, DURATION_S, outcome_counter},
};
use trunkline_store::{
    Period, Scope,
    counters::quarters::{quarter, quarter_of},
};

use super::{Known, get};
use crate::{Ctx, ratios};

/// A human agent's calls of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorStats {
    /// Calls that are over.
    pub total_calls: i64,
    /// Those that a person answered.
    pub answered_calls: i64,
    /// Seconds of talk of one answered call, to one place.
    pub avg_talk_s: f64,
    /// Seconds of talk.
    pub total_talk_s: i64,
}

const ANSWERED: &str = outcome_counter(Outcome::Answered);

/// A human agent and what it has done from one instant to before another, both widened to full quarters of an hour; an open beginning is its making, an open end now.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a period that ends before it begins.
pub async fn stats(
    ctx: &Ctx,
    who: &Principal,
    id: OperatorId,
    from: Option<Instant>,
    before: Option<Instant>,
) -> Result<(Known, OperatorStats), Error> {
    let known = get(ctx, who, id).await?;
    let scope = Scope::Operator(id);
    let sums = if from.is_none() && before.is_none() {
        ctx.store.sums(who.tenant, scope, Period::default()).await?
    } else {
        let period = Period {
            from: Some(quarter_of(from.unwrap_or(known.operator.created_at))),
            before: Some(quarter_after(before.unwrap_or_else(|| ctx.now()))),
        };
        let names = [CALLS, DURATION_S, ANSWERED];
        let found = ctx.store.sums_by(who.tenant, scope, period, &names, |_| ());
        found.await?.into_values().next().unwrap_or_default()
    };
    let (answered, talk) = (sums.get(ANSWERED), sums.get(DURATION_S));
    let stats = OperatorStats {
        total_calls: sums.get(CALLS),
        answered_calls: answered,
        avg_talk_s: ratios::mean_to(talk, answered, 10),
        total_talk_s: talk,
    };
    Ok((known, stats))
}

/// The first quarter of an hour that begins no earlier.
fn quarter_after(at: Instant) -> Instant {
    let begun = quarter_of(at);
    if begun == at { begun } else { begun + quarter() }
}
