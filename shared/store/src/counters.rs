//! Totals: what calls added up to, by scope and hour, kept by the transactions that write calls.
//!
//! An hour's row is sharded by 8 and counts the calls that were *made* in that hour, so the totals
//! of a period are those of its call list. Rows over all time stand beside them, in one partition a scope.

#[cfg(test)]
mod histories;
pub mod quarters;
pub(crate) mod write;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Duration, NaiveDateTime};
use futures::{StreamExt, TryStreamExt, stream};
use trunkline_domain::{
    Call, CampaignId, Instant, OperatorId, TenantId, VoiceAgentId, counters::contribution,
};

use crate::{
    Result, Store, StoreError,
    item::{Item, s, text},
    keys,
};

/// Whose calls are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of a tenant's.
    Tenant,
    /// A campaign's.
    Campaign(CampaignId),
    /// A voice agent's.
    VoiceAgent(VoiceAgentId),
    /// A human agent's.
    Operator(OperatorId),
}

impl Scope {
    /// As it is written in the keys.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Tenant => "t".to_owned(),
            Self::Campaign(campaign) => format!("c#{campaign}"),
            Self::VoiceAgent(agent) => format!("a#{agent}"),
            Self::Operator(operator) => format!("o#{operator}"),
        }
    }
}

/// The calls made from one instant to before another; an open end is for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// From this instant on.
    pub from: Option<Instant>,
    /// Up to, not including, this instant.
    pub before: Option<Instant>,
}

impl Period {
    /// Whether no instant is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.from
            .zip(self.before)
            .is_some_and(|(from, before)| from >= before)
    }

    /// Whether an instant is in it.
    #[must_use]
    pub fn holds(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| at >= from) && self.before.is_none_or(|before| at < before)
    }
}

/// Sums by name; the names are those of [`trunkline_domain::counters`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums(BTreeMap<String, i64>);

impl Sums {
    /// A sum; 0 when nothing was ever added.
    #[must_use]
    pub fn get(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Adds another's sums.
    pub fn merge(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.add_to(name, *value);
        }
    }

    /// Adds what one call adds.
    pub fn add_call(&mut self, call: &Call) {
        for (name, value) in contribution(call).0 {
            self.add_to(name, value);
        }
    }

    fn add_to(&mut self, name: &str, value: i64) {
        match self.0.get_mut(name) {
            Some(sum) => *sum += value,
            None if value == 0 => {}
            None => {
                self.0.insert(name.to_owned(), value);
            }
        }
    }

    fn add(&mut self, row: &Item) {
        for (name, value) in row {
            if let AttributeValue::N(digits) = value
                && let Ok(value) = digits.parse::<i64>()
            {
                self.add_to(name, value);
            }
        }
    }
}

impl Store {
    /// The sums of a scope over a period: one query for all time, else eight. An hour counts when its first instant is in the
    /// period.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sums(&self, tenant: TenantId, scope: Scope, period: Period) -> Result<Sums> {
        let mut all = Sums::default();
        if period == Period::default() {
            all = self.sums_of_ever(tenant, scope).await?;
            all.0.retain(|name, _| !name.contains(OF_AGENT));
            return Ok(all);
        }
        for row in self.hour_rows(tenant, scope, period).await? {
            all.add(&row);
        }
        Ok(all)
    }

    /// The sums of a scope over all time; a campaign's hold [`of_agent`]'s too.
    pub(crate) async fn sums_of_ever(&self, tenant: TenantId, scope: Scope) -> Result<Sums> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.calls)
            .consistent_read(true)
            .key_condition_expression("PK = :pk")
            .expression_attribute_values(":pk", s(keys::sums(tenant, &scope.key())));
        // One row a shard: a page.
        let found = query.send().await.map_err(StoreError::from_sdk)?;
        let mut all = Sums::default();
        found.items().iter().for_each(|row| all.add(row));
        Ok(all)
    }

    /// The sums of each hour in which a call was made, oldest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn hourly_sums(
        &self,
        tenant: TenantId,
        scope: Scope,
        period: Period,
    ) -> Result<BTreeMap<Instant, Sums>> {
        let mut hours: BTreeMap<Instant, Sums> = BTreeMap::new();
        for row in self.hour_rows(tenant, scope, period).await? {
            let hour = text(&row, "SK").and_then(read_hour);
            let hour = hour.ok_or_else(|| StoreError::Corrupt("a counter's hour".to_owned()))?;
            hours.entry(hour).or_default().add(&row);
        }
        Ok(hours)
    }

    async fn hour_rows(&self, tenant: TenantId, scope: Scope, period: Period) -> Result<Vec<Item>> {
        if first_hour(period) > last_hour(period) {
            return Ok(Vec::new());
        }
        let scope = scope.key();
        let shards = (0..keys::SHARDS).map(|shard| {
            let pk = keys::counters(tenant, &scope, shard);
            async move {
                let query = self
                    .db
                    .query()
                    .table_name(&self.tables.calls)
                    .consistent_read(true);
                let query = query
                    .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :upto")
                    .expression_attribute_values(":pk", s(pk))
                    .expression_attribute_values(":from", s(first_hour(period)))
                    .expression_attribute_values(":upto", s(last_hour(period)));
                let rows = query.into_paginator().items().send();
                rows.try_collect().await.map_err(StoreError::from_sdk)
            }
        });
        let rows: Vec<Vec<Item>> = stream::iter(shards)
            .buffered(usize::try_from(keys::SHARDS).unwrap_or(1))
            .try_collect()
            .await?;
        Ok(rows.into_iter().flatten().collect())
    }
}

const OF_AGENT: char = '@';

/// The name of a sum of a campaign's calls that are one agent's.
pub(crate) fn of_agent(name: &str, agent: VoiceAgentId) -> String {
    format!("{name}{OF_AGENT}{agent}")
}

/// The hour of a call, as counters' sort keys have it.
fn hour(at: Instant) -> String {
    at.format("%Y-%m-%dT%H").to_string()
}

fn read_hour(text: &str) -> Option<Instant> {
    let at = NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%dT%H:%M").ok()?;
    Some(at.and_utc())
}

fn first_hour(period: Period) -> String {
    // A period that begins inside an hour leaves that hour out.
    let up = |at: Instant| at + Duration::hours(1) - Duration::milliseconds(1);
    period.from.map_or_else(|| "0".to_owned(), |from| hour(up(from)))
}

fn last_hour(period: Period) -> String {
    let just_before = |at: Instant| at.checked_sub_signed(Duration::milliseconds(1));
    period.before.map_or_else(
        || "9".to_owned(),
        |before| hour(just_before(before).unwrap_or(DateTime::UNIX_EPOCH)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_of_whole_hours_takes_exactly_its_hours() {
        let period = Period {
            from: Some(at("2026-11-22T00:00:00Z")),
            before: Some(at("2026-11-23T00:00:00Z")),
        };
        assert_eq!(first_hour(period), "2026-11-22T00");
        assert_eq!(last_hour(period), "2026-11-22T23");
    }

    #[test]
    fn a_period_that_begins_inside_an_hour_leaves_that_hour_out() {
        let period = Period {
            from: Some(at("2026-11-22T00:00:01Z")),
            before: None,
        };
        assert_eq!(first_hour(period), "2026-11-22T01");
    }

    #[test]
    fn an_hour_is_read_as_it_was_written() {
        assert_eq!(
            read_hour(&hour(at("2026-11-22T17:59:59.999Z"))),
            Some(at("2026-11-22T17:00:00Z"))
        );
    }
}
