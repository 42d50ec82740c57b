//! How many calls a filter matches, without reading them all: exact up to [`COUNTED`] by counting
//! index entries; above that from the counters of ended calls and the entries of unfinished ones;
//! where neither knows, a lower bound.

use aws_sdk_dynamodb::types::Select;
use futures::{StreamExt, TryStreamExt, stream};
use trunkline_domain::{
    CallId, Outcome, TenantId,
    counters::{CALLS, RECORDINGS, outcome_counter},
};

use crate::{
    Period, Result, Store, StoreError,
    item::{Item, s},
    keys,
};

use super::{CallFilter, call_id, cursor::Place, filter::Plan};

/// Up to how many matches are counted one by one.
pub(super) const COUNTED: u64 = 10_000;
/// Queries at most for a count; each looks at up to 1 MB, about 3,000 entries.
const QUERIES: usize = 20;

impl Store {
    /// How many match, and whether that is only a lower bound.
    pub(super) async fn total_of_calls(
        &self,
        tenant: TenantId,
        plan: &Plan,
        filter: &CallFilter,
    ) -> Result<(u64, bool)> {
        // A small list ends within the first look; only a long one is worth asking the counters.
        let mut count = Count::default();
        self.count_on(plan, filter, &mut count).await?;
        if count.done {
            return Ok((count.found, false));
        }
        if let Some(total) = self
            .counted(tenant, filter)
            .await?
            .filter(|total| *total >= COUNTED)
        {
            return Ok((total, false));
        }
        for _ in 1..QUERIES {
            self.count_on(plan, filter, &mut count).await?;
            if count.done || count.found > COUNTED {
                break;
            }
        }
        Ok((count.found, !count.done))
    }

    async fn count_on(&self, plan: &Plan, filter: &CallFilter, count: &mut Count) -> Result<()> {
        let start = count
            .place
            .as_ref()
            .map(|place| place.start_key(plan.index, &plan.scope));
        let query = self
            .call_query(plan, filter)
            .select(Select::Count)
            .set_exclusive_start_key(start);
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        count.found += u64::try_from(found.count()).unwrap_or(0);
        count.place = found
            .last_evaluated_key()
            .and_then(|last| crate::item::text(last, &format!("{}_sk", plan.index)))
            .and_then(Place::of);
        count.done = count.place.is_none();
        Ok(())
    }

    /// What the counters know; none when they do not know it.
    async fn counted(&self, tenant: TenantId, filter: &CallFilter) -> Result<Option<u64>> {
        let Some(scope) = filter.counted_by() else {
            return Ok(None);
        };
        let Some(counters) = counters_of(filter) else {
            return Ok(None);
        };
        let sums = self.sums(tenant, scope, filter.period).await?;
        let mut total = counters.into_iter().map(|name| sums.get(name)).sum::<i64>();
        if filter.status.is_none() && !filter.recorded {
            // Unfinished calls are in no counter.
            total += self.unfinished(tenant, filter).await?;
        }
        Ok(u64::try_from(total).ok())
    }

    /// How many unfinished calls there are, by the index that the scheduler watches them in.
    async fn unfinished(&self, tenant: TenantId, filter: &CallFilter) -> Result<i64> {
        let mut plan = filter.plan(tenant);
        plan.contains.push(format!("|{tenant}"));
        plan.contains
            .extend(filter.campaign.map(|campaign| format!("|{campaign}|")));
        plan.contains
            .extend(filter.voice_agent.map(|agent| format!("|{agent}|")));
        let plan = &plan;
        let shards = (0..keys::SHARDS).map(|shard| async move {
            let query = self.db.query().table_name(&self.tables.calls).index_name("check");
            let query = query
                .key_condition_expression("check_pk = :pk")
                .expression_attribute_values(":pk", s(keys::check(shard)));
            let entries = plan.filtered(query).into_paginator().items().send();
            let entries: Vec<Item> = entries.try_collect().await.map_err(StoreError::from_sdk)?;
            entries.iter().map(call_id).collect::<Result<Vec<_>>>()
        });
        let ids: Vec<Vec<CallId>> = stream::iter(shards).buffered(8).try_collect().await?;
        let ids = ids.concat();
        if filter.period == Period::default() {
            return Ok(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        }
        // Their entries know no time; there are never more than conversations and placed calls.
        let calls = self.calls_by_id(tenant, &ids).await?;
        let made = calls.iter().filter(|call| filter.period.holds(call.created_at));
        Ok(i64::try_from(made.count()).unwrap_or(i64::MAX))
    }
}

#[derive(Default)]
struct Count {
    found: u64,
    place: Option<Place>,
    done: bool,
}

/// The counters that add up to the ended calls that a filter asks for; none for a status of
/// unfinished calls, which no counter knows.
fn counters_of(filter: &CallFilter) -> Option<Vec<&'static str>> {
    let of = |outcomes: &[Outcome]| Some(outcomes.iter().map(|o| outcome_counter(*o)).collect());
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
