//! What calls were about: the most frequent phrases of a day, approximate by design.
//!
//! A row a scope, day and shard keeps 200 phrases by the rule of Misra and Gries: a new phrase that finds no
//! room takes one from each of those that are there. A shard's count is then never too high, and too low by at
//! most a 201st of all phrases counted there; with at most 200 different ones it is exact. Written after
//! the call, not with it: a process that dies between the two leaves one call's phrases out.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Call, TenantId};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    counters::{Scope, write::scopes},
    item::{Item, item, key, nu, read, s, text},
    keys,
};

/// Phrases that a row keeps.
pub const KEPT: usize = 200;
/// Letters of a phrase that count.
const LETTERS: usize = 64;
/// How often a row that others write meanwhile is tried anew.
const TRIES: usize = 10;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    counts: BTreeMap<String, i64>,
    ver: u64,
}

impl Day {
    fn add(&mut self, phrase: &str) {
        if let Some(count) = self.counts.get_mut(phrase) {
            *count += 1;
        } else if self.counts.len() < KEPT {
            self.counts.insert(phrase.to_owned(), 1);
        } else {
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }

    fn remove(&mut self, phrase: &str) {
        if let Some(count) = self.counts.get_mut(phrase) {
            *count -= 1;
            if *count <= 0 {
                self.counts.remove(phrase);
            }
        }
    }
}

impl Store {
    /// Counts a call's phrases anew, after its row was written. They are approximate anyway, so a failure is
    /// logged and not told.
    pub(crate) async fn count_phrases(&self, before: Option<&Call>, after: Option<&Call>) {
        let (Some(call), old, new) = (after.or(before), phrases(before), phrases(after)) else {
            return;
        };
        if old == new {
            return;
        }
        let (gone, come): (Vec<_>, Vec<_>) = (old.difference(&new).collect(), new.difference(&old).collect());
        for _ in 0..TRIES {
            match self.move_phrases(call, &gone, &come).await {
                Ok(()) => return,
                Err(error) if error.is_condition() => tokio::task::yield_now().await,
                Err(error) => {
                    tracing::warn!(call.id = %call.id, "a call's phrases are not counted: {error}");
                    return;
                }
            }
        }
        tracing::warn!(call.id = %call.id, "a call's phrases are not counted: others write theirs all the time");
    }

    async fn move_phrases(&self, call: &Call, gone: &[&String], come: &[&String]) -> Result<()> {
        let day = sort_key(call.created_at.date_naive());
        let shard = keys::shard_of(&call.id.0);
        let places: Vec<String> = scopes(call)
            .into_iter()
            .filter(|scope| !matches!(scope, Scope::Operator(_)))
            .map(|scope| keys::counters(call.tenant, &scope.key(), shard))
            .collect();
        let wanted = places.iter().map(|pk| key(pk, &day)).collect();
        let found = self.batch_get(&self.tables.calls, wanted).await?;
        let mut writes = Vec::with_capacity(places.len());
        for pk in places {
            let row = found.iter().find(|row| text(row, "PK") == Some(&pk));
            let known: Option<Day> = row.cloned().map(read).transpose()?;
            writes.push(self.day_put(&pk, &day, known, gone, come)?);
        }
        self.transact(writes, None).await
    }

    fn day_put(
        &self,
        pk: &str,
        sk: &str,
        known: Option<Day>,
        gone: &[&String],
        come: &[&String],
    ) -> Result<TransactWriteItem> {
        let put = Put::builder().table_name(&self.tables.calls);
        let put = match &known {
            None => put.condition_expression("attribute_not_exists(PK)"),
            Some(day) => put
                .condition_expression("ver = :old")
                .expression_attribute_values(":old", nu(day.ver)),
        };
        let mut day = known.unwrap_or_default();
        day.ver += 1;
        gone.iter().for_each(|phrase| day.remove(phrase));
        come.iter().for_each(|phrase| day.add(phrase));
        let put = put.set_item(Some(item(pk, sk, &day)?));
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(built)?)
            .build())
    }

    /// How often each phrase was counted from one UTC day to another, both included.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn phrase_counts(
        &self,
        tenant: TenantId,
        scope: Scope,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<String, i64>> {
        let scope = scope.key();
        let shards = (0..keys::SHARDS).map(|shard| {
            let query = self
                .db
                .query()
                .table_name(&self.tables.calls)
                .key_condition_expression("PK = :pk AND SK BETWEEN :first AND :last")
                .expression_attribute_values(":pk", s(keys::counters(tenant, &scope, shard)))
                .expression_attribute_values(":first", s(sort_key(first)))
                .expression_attribute_values(":last", s(sort_key(last)));
            async move {
                let rows: Vec<Item> = query
                    .into_paginator()
                    .items()
                    .send()
                    .try_collect()
                    .await
                    .map_err(StoreError::from_sdk)?;
                rows.into_iter().map(read::<Day>).collect::<Result<Vec<_>>>()
            }
        });
        let days = futures::future::try_join_all(shards).await?;
        let mut all = BTreeMap::new();
        for (phrase, count) in days.into_iter().flatten().flat_map(|day| day.counts) {
            *all.entry(phrase).or_default() += count;
        }
        Ok(all)
    }
}

fn sort_key(day: NaiveDate) -> String {
    format!("PHRASES#{day}")
}

/// A call's phrases as they are counted: each once, in small letters.
fn phrases(call: Option<&Call>) -> BTreeSet<String> {
    let analysis = call.and_then(|call| call.analysis.as_ref());
    let phrases = analysis.into_iter().flat_map(|analysis| &analysis.key_phrases);
    phrases
        .map(|phrase| phrase.trim().to_lowercase().chars().take(LETTERS).collect())
        .filter(|phrase: &String| !phrase.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, call, store, tenant};
    use proptest::prelude::*;
    use trunkline_domain::{CampaignId, call::Analysis, id::derived};

    fn said(name: &str, phrases: &[&str]) -> Call {
        Call {
            campaign: Some(CampaignId(derived("spring"))),
            analysis: Some(Analysis {
                key_phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
                ..Analysis::default()
            }),
            ..call(name, at("2026-11-22T08:00:00Z"))
        }
    }

    #[tokio::test]
    async fn phrases_come_with_an_analysis_change_with_it_and_go_with_the_call() {
        let store = store().await;
        let day = "2026-11-22".parse().unwrap();
        let counts = async |scope| store.phrase_counts(tenant(), scope, day, day).await.unwrap();
        let (one, two) = (
            said("one", &["Billing issue ", "refund", "refund"]),
            said("two", &["billing issue"]),
        );
        store.count_phrases(None, Some(&one)).await;
        store.count_phrases(None, Some(&two)).await;
        for scope in [Scope::Tenant, Scope::Campaign(CampaignId(derived("spring")))] {
            let expected = BTreeMap::from([("billing issue".to_owned(), 2), ("refund".to_owned(), 1)]);
            assert_eq!(counts(scope).await, expected);
        }
        let again = said("one", &["refund", "late parcel"]);
        store.count_phrases(Some(&one), Some(&again)).await;
        store.count_phrases(Some(&two), None).await;
        let expected = BTreeMap::from([("late parcel".to_owned(), 1), ("refund".to_owned(), 1)]);
        assert_eq!(counts(Scope::Tenant).await, expected);
        let other = "2026-11-21".parse().unwrap();
        assert!(
            store
                .phrase_counts(tenant(), Scope::Tenant, other, other)
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn calls_that_are_counted_at_once_all_count() {
        let store = store().await;
        let day = "2026-11-22".parse().unwrap();
        // One shard, so that they meet.
        let calls: Vec<Call> = (0..400)
            .map(|n| said(&format!("call {n}"), &["same"]))
            .filter(|call| keys::shard_of(&call.id.0) == 0)
            .take(6)
            .collect();
        futures::future::join_all(calls.iter().map(|call| store.count_phrases(None, Some(call)))).await;
        let counts = store
            .phrase_counts(tenant(), Scope::Tenant, day, day)
            .await
            .unwrap();
        assert_eq!(counts["same"], 6);
    }

    proptest! {
        #[test]
        fn a_count_is_never_too_high_and_too_low_by_a_201st_at_most(said in prop::collection::vec(prop_oneof![0..8_u32, 0..2_000_u32], 0..3_000)) {
            let mut day = Day::default();
            let mut truth: BTreeMap<String, i64> = BTreeMap::new();
            for n in &said {
                let phrase = format!("phrase {n}");
                day.add(&phrase);
                *truth.entry(phrase).or_default() += 1;
            }
            prop_assert!(day.counts.len() <= KEPT);
            let most_lost = i64::try_from(said.len() / (KEPT + 1)).unwrap();
            for (phrase, count) in truth {
                let kept = day.counts.get(&phrase).copied().unwrap_or(0);
                prop_assert!(kept <= count && kept >= count - most_lost, "{} {} {}", phrase, kept, count);
            }
        }
    }
}
