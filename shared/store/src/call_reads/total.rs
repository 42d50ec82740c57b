//! How many calls a filter matches, at a cost that does not grow with their number: what has ended is in counters, what has
//! not is counted in its own part of the lists, and so is what a period holds of quarters of an hour that it does not hold
//! whole. What no counter knows is counted entry by entry up to [`COUNTED`], then a lower bound.

use aws_sdk_dynamodb::types::Select;
use chrono::{DateTime, Duration};
use futures::future::{try_join, try_join_all};
use trunkline_domain::{
    Instant, Outcome, TenantId,
    counters::{CALLS, RECORDINGS, outcome_counter},
};

use crate::{
    Period, Result, Scope, Store, StoreError,
    counters::{
        of_agent,
        quarters::{quarter, quarter_of},
    },
};

use super::{CallFilter, cursor::Place, filter::Plan};

/// Up to how many matches are counted one by one.
pub(super) const COUNTED: u64 = 10_000;
/// Queries at most for a count; each looks at up to 1 MB, about 3,000 entries.
const QUERIES: usize = 20;

/// How many, and whether that is only a lower bound.
type Total = (u64, bool);

impl Store {
    /// How many match, and whether that is only a lower bound.
    pub(super) async fn total_of_calls(&self, tenant: TenantId, filter: &CallFilter) -> Result<Total> {
        if let (Some(campaign), Some(agent), None) = (filter.campaign, filter.voice_agent, &filter.phone) {
            let Some(names) = counters_of(filter) else {
                return self.counted(&filter.plan(tenant), filter).await;
            };
            let scope = Scope::Campaign(campaign);
            if filter.period == Period::default() {
                let (ever, open) =
                    try_join(self.sums_of_ever(tenant, scope), self.open(tenant, filter)).await?;
                let ended = names.iter().map(|name| ever.get(&of_agent(name, agent))).sum();
                return Ok(with_open(ended, open));
            }
            let ever = self.sums_of_ever(tenant, scope).await?;
            if ever.get(CALLS) == ever.get(&of_agent(CALLS, agent)) {
                // No other agent speaks for this campaign: its counters are the pair's.
                return self.by_counters(tenant, scope, filter, &names).await;
            }
            return self.counted(&filter.plan(tenant), filter).await;
        }
        match (scope_of(filter), counters_of(filter)) {
            (Some(scope), Some(names)) => self.by_counters(tenant, scope, filter, &names).await,
            (None, _) | (_, None) => self.counted(&filter.plan(tenant), filter).await,
        }
    }

    /// By the counters of a scope: full quarters of an hour, what is under way, and what is left before and after them.
    async fn by_counters(
        &self,
        tenant: TenantId,
        scope: Scope,
        filter: &CallFilter,
        names: &[&'static str],
    ) -> Result<Total> {
        if filter.period == Period::default() {
            let (sums, open) = try_join(self.sums_of_ever(tenant, scope), self.open(tenant, filter)).await?;
            return Ok(with_open(names.iter().map(|name| sums.get(name)).sum(), open));
        }
        let (inner, edges) = parts(filter.period);
        let within = |period| CallFilter {
            period,
            ..filter.clone()
        };
        let inner_filter = within(inner);
        let ended = async {
            let groups = self.sums_by(tenant, scope, inner, names, |_| ()).await?;
            let sums = groups.into_values().next().unwrap_or_default();
            Ok(names.iter().map(|name| sums.get(name)).sum::<i64>())
        };
        let open = self.open(tenant, &inner_filter);
        let edges = try_join_all(edges.into_iter().map(|edge| async move {
            let edge = within(edge);
            self.counted(&edge.plan(tenant), &edge).await
        }));
        let ((ended, open), edges) = try_join(try_join(ended, open), edges).await?;
        let begin = with_open(ended, open);
        Ok(edges.into_iter().fold(begin, plus))
    }

    /// Calls under way, which no counter knows; none when the filter asks for ended ones only.
    async fn open(&self, tenant: TenantId, filter: &CallFilter) -> Result<Total> {
        let ended_only = filter.status.is_some() || filter.outcome.is_some() || filter.recorded;
        if ended_only || filter.period.is_empty() {
            return Ok((0, false));
        }
        self.counted(&filter.plan_of_open(tenant), filter).await
    }

    /// Entry by entry.
    async fn counted(&self, plan: &Plan, filter: &CallFilter) -> Result<Total> {
        let (mut found, mut place) = (0, None::<Place>);
        for _ in 0..QUERIES {
            let start = place
                .as_ref()
                .map(|place| place.start_key(plan.index, &plan.scope));
            let query = self
                .call_query(plan, filter)
                .select(Select::Count)
                .set_exclusive_start_key(start);
            let page = query.send().await.map_err(StoreError::from_sdk)?;
            found += u64::try_from(page.count()).unwrap_or(0);
            place = page
                .last_evaluated_key()
                .and_then(|last| crate::item::text(last, &format!("{}_sk", plan.index)))
                .and_then(Place::of);
            if place.is_none() || found > COUNTED {
                break;
            }
        }
        Ok((found, place.is_some()))
    }
}

fn with_open(ended: i64, open: Total) -> Total {
    plus((u64::try_from(ended).unwrap_or(0), false), open)
}

fn plus(one: Total, other: Total) -> Total {
    (one.0.saturating_add(other.0), one.1 || other.1)
}

/// Whose counters know what this asks for; none: nobody's.
fn scope_of(filter: &CallFilter) -> Option<Scope> {
    if filter.operator.is_some() || filter.answered_by.is_some() {
        return None;
    }
    match (&filter.phone, filter.campaign, filter.voice_agent) {
        (None, None, None) => Some(Scope::Tenant),
        (None, Some(campaign), None) => Some(Scope::Campaign(campaign)),
        (None, None, Some(agent)) => Some(Scope::VoiceAgent(agent)),
        (Some(_), _, _) | (None, Some(_), Some(_)) => None,
    }
}

/// The counters that add up to the ended calls that a filter asks for; none when none do: for what is under way, and for
/// recordings by status.
fn counters_of(filter: &CallFilter) -> Option<Vec<&'static str>> {
    let of = |outcomes: &[Outcome]| Some(outcomes.iter().map(|o| outcome_counter(*o)).collect());
    if filter.operator.is_some() || filter.answered_by.is_some() {
        return None;
    }
    if let Some(outcome) = filter.outcome {
        return (filter.status.is_none() && !filter.recorded).then(|| vec![outcome_counter(outcome)]);
    }
    match (filter.status, filter.recorded) {
        (None, false) => Some(vec![CALLS]),
        (None, true) => Some(vec![RECORDINGS]),
        (Some("completed"), false) => of(&[Outcome::Answered, Outcome::Voicemail]),
        (Some("no_answer"), false) => of(&[Outcome::NoAnswer]),
        (Some("busy"), false) => of(&[Outcome::Busy]),
        (Some("failed"), false) => of(&[Outcome::Failed, Outcome::Unknown]),
        (Some("cancelled"), false) => of(&[Outcome::Cancelled]),
        (Some(_), false | true) => None,
    }
}

/// The full quarters of an hour in a period, and what is left before and after them. Open ends are at the ends of time.
fn parts(period: Period) -> (Period, Vec<Period>) {
    let from = period.from.unwrap_or(DateTime::UNIX_EPOCH);
    let before = period.before.unwrap_or_else(end_of_time);
    let begin = quarter_of(from);
    let first = if begin == from { begin } else { begin + quarter() };
    let last = quarter_of(before);
    let span = |from: Instant, before: Instant| Period {
        from: Some(from),
        before: Some(before),
    };
    if first > last {
        // It lies inside one quarter.
        return (span(first, first), vec![span(from, before)]);
    }
    let edges = [(from, first), (last, before)];
    let edges = edges.into_iter().filter(|(from, before)| from < before);
    (
        span(first, last),
        edges.map(|(from, before)| span(from, before)).collect(),
    )
}

/// Later than any call, with four digits for its year, so that it sorts by its text.
fn end_of_time() -> Instant {
    DateTime::UNIX_EPOCH + Duration::days(365 * 8_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys, testing::at};

    #[test]
    fn a_period_is_its_full_quarters_and_what_is_left_at_its_ends() {
        let period = |from: &str, before: &str| Period {
            from: Some(at(from)),
            before: Some(at(before)),
        };
        let (inner, edges) = parts(period("2026-11-22T10:07:00Z", "2026-11-22T12:30:01Z"));
        assert_eq!(inner, period("2026-11-22T10:15:00Z", "2026-11-22T12:30:00Z"));
        assert_eq!(
            edges,
            [
                period("2026-11-22T10:07:00Z", "2026-11-22T10:15:00Z"),
                period("2026-11-22T12:30:00Z", "2026-11-22T12:30:01Z"),
            ]
        );
        let inside = period("2026-11-22T10:01:00Z", "2026-11-22T10:02:00Z");
        let (inner, edges) = parts(inside);
        assert!(inner.is_empty() && edges == [inside]);
        let (inner, edges) = parts(Period::default());
        assert!(edges.is_empty() && inner.holds(at("1999-01-01T00:00:00Z")));
        assert_eq!(
            keys::time(end_of_time()).len(),
            keys::time(at("2026-11-22T10:00:00Z")).len()
        );
    }
}
