//! Quarters of an hour. An hour's row holds each sum whole, and once more for each quarter but the first, so
//! that days are exact in zones that are half or three quarters of an hour off too.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, DurationRound};
use trunkline_domain::{Instant, TenantId};

use crate::{
    Result, Store, StoreError,
    item::{Item, number, s, text},
    keys,
};

use super::{Period, Scope, Sums, hour, read_hour};

/// Quarters of an hour.
pub const QUARTERS: u8 = 4;

/// A quarter's length.
#[must_use]
pub fn quarter() -> Duration {
    Duration::minutes(15)
}

/// The quarter's beginning that an instant lies in.
#[must_use]
pub fn quarter_of(at: Instant) -> Instant {
    at.duration_trunc(quarter()).unwrap_or(at)
}

/// Which quarter of its hour an instant lies in.
pub(super) fn of(at: Instant) -> u8 {
    u8::try_from(at.timestamp().rem_euclid(3_600) / 900).unwrap_or(0)
}

/// A sum's name for a quarter; the first has none: it is what the others leave of the whole.
pub(super) fn name(sum: &str, quarter: u8) -> Option<String> {
    (quarter > 0).then(|| format!("{sum}.{quarter}"))
}

impl Store {
    /// The sums of a scope over a period that begins and ends at full quarters of an hour, in groups: `group`
    /// is asked for each quarter's beginning. Costs the same at any number of calls: eight queries at
    /// once, each reading a row for each hour in which a call was made.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sums_by<K: Ord + Clone + Send>(
        &self,
        tenant: TenantId,
        scope: Scope,
        period: Period,
        names: &[&'static str],
        group: impl Fn(Instant) -> K + Sync,
    ) -> Result<BTreeMap<K, Sums>> {
        let (Some(from), Some(before)) = (period.from, period.before) else {
            return Err(StoreError::Refused(
                "a period of sums needs both its ends".to_owned(),
            ));
        };
        if from >= before {
            return Ok(BTreeMap::new());
        }
        let reader = Reader {
            from,
            before,
            names,
            group: &group,
        };
        let scope = scope.key();
        let (first, last) = (hour(from), hour(before - Duration::milliseconds(1)));
        let (projection, placeholders) = projection(names);
        let shards = (0..keys::SHARDS).map(|shard| {
            let query = self
                .db
                .query()
                .table_name(&self.tables.calls)
                .consistent_read(true)
                .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :upto")
                .expression_attribute_values(":pk", s(keys::counters(tenant, &scope, shard)))
                .expression_attribute_values(":from", s(first.clone()))
                .expression_attribute_values(":upto", s(last.clone()))
                .projection_expression(projection.clone())
                .set_expression_attribute_names(Some(placeholders.clone()));
            let reader = &reader;
            async move {
                let mut groups = BTreeMap::new();
                let mut rows = query.into_paginator().items().send();
                // Row by row: a year's rows are not held at once.
                while let Some(row) = rows.try_next().await.map_err(StoreError::from_sdk)? {
                    reader.add(&row, &mut groups)?;
                }
                Ok::<_, StoreError>(groups)
            }
        });
        let shards = futures::future::try_join_all(shards).await?;
        let mut all = BTreeMap::new();
        for (key, sums) in shards.into_iter().flatten() {
            all.entry(key).or_insert_with(Sums::default).merge(&sums);
        }
        Ok(all)
    }
}

/// Only these sums, whole and by quarter.
fn projection(names: &[&'static str]) -> (String, std::collections::HashMap<String, String>) {
    let mut placeholders = std::collections::HashMap::from([("#sk".to_owned(), "SK".to_owned())]);
    let mut shown = vec!["#sk".to_owned()];
    let all = names
        .iter()
        .flat_map(|sum| (0..QUARTERS).map(move |q| name(sum, q).unwrap_or_else(|| (*sum).to_owned())));
    for (at, sum) in all.enumerate() {
        let placeholder = format!("#n{at}");
        shown.push(placeholder.clone());
        placeholders.insert(placeholder, sum);
    }
    (shown.join(", "), placeholders)
}

struct Reader<'a, G> {
    from: Instant,
    before: Instant,
    names: &'a [&'static str],
    group: &'a G,
}

impl<K: Ord, G: Fn(Instant) -> K> Reader<'_, G> {
    fn add(&self, row: &Item, groups: &mut BTreeMap<K, Sums>) -> Result<()> {
        let start = text(row, "SK").and_then(read_hour);
        let start: DateTime<_> = start.ok_or_else(|| StoreError::Corrupt("a counter's hour".to_owned()))?;
        for at in 0..QUARTERS {
            let begin = start + quarter() * i32::from(at);
            if begin < self.from || begin >= self.before {
                continue;
            }
            let sums = groups.entry((self.group)(begin)).or_default();
            for sum in self.names {
                let value = match name(sum, at) {
                    Some(part) => number(row, &part),
                    None => {
                        let others = (1..QUARTERS).filter_map(|q| name(sum, q));
                        number(row, sum) - others.map(|part| number(row, &part)).sum::<i64>()
                    }
                };
                sums.add_to(sum, value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, call, count_calls, store, tenant};
    use chrono_tz::Tz;
    use trunkline_domain::counters::{CALLS, DURATION_S};

    #[test]
    fn a_quarter_is_the_one_that_an_instant_lies_in() {
        for (time, expected) in [
            ("10:00:00", 0),
            ("10:14:59.999", 0),
            ("10:15:00", 1),
            ("10:59:59.999", 3),
        ] {
            assert_eq!(of(at(&format!("2026-11-22T{time}Z"))), expected, "{time}");
        }
        assert_eq!(quarter_of(at("2026-11-22T10:44:59Z")), at("2026-11-22T10:30:00Z"));
    }

    #[tokio::test]
    async fn days_are_exact_in_zones_that_are_half_an_hour_off() {
        let store = store().await;
        // In Kathmandu (+05:45) the day begins at 18:15 UTC, in Kolkata (+05:30) at 18:30.
        let made = [
            "18:00:00", "18:14:59", "18:15:00", "18:29:59", "18:30:00", "19:10:00",
        ];
        let calls: Vec<_> = made
            .iter()
            .map(|time| call(time, at(&format!("2026-11-22T{time}Z"))))
            .collect();
        count_calls(&store, &calls).await;
        let period = Period {
            from: Some(at("2026-11-22T18:00:00Z")),
            before: Some(at("2026-11-22T20:00:00Z")),
        };
        for (zone, first_day, next_day) in [
            (Tz::Asia__Kathmandu, 2, 4),
            (Tz::Asia__Kolkata, 4, 2),
            (Tz::UTC, 6, 0),
        ] {
            let days = store
                .sums_by(tenant(), Scope::Tenant, period, &[CALLS, DURATION_S], |at| {
                    at.with_timezone(&zone).date_naive()
                })
                .await
                .unwrap();
            let calls: Vec<i64> = days.values().map(|sums| sums.get(CALLS)).collect();
            let seconds: Vec<i64> = days.values().map(|sums| sums.get(DURATION_S)).collect();
            let expected: Vec<i64> = [first_day, next_day].into_iter().filter(|n| *n > 0).collect();
            assert_eq!(calls, expected, "{zone}");
            assert_eq!(
                seconds,
                expected.iter().map(|n| n * 30).collect::<Vec<_>>(),
                "{zone}"
            );
        }
        let part = Period {
            from: Some(at("2026-11-22T18:15:00Z")),
            before: Some(at("2026-11-22T19:00:00Z")),
        };
        let sums = store
            .sums_by(tenant(), Scope::Tenant, part, &[CALLS], |_| ())
            .await
            .unwrap();
        assert_eq!(sums[&()].get(CALLS), 3);
    }
}
