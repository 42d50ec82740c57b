//! The idempotency of `TransactWriteItems`: what each client request token did in the last ten minutes.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

/// How long a token is remembered; the time DynamoDB promises.
const WINDOW: Duration = Duration::from_secs(600);

/// How many tokens are remembered: ten minutes at 160 transactions a second, about 20 MB. Beyond it the
/// oldest go.
const TOKENS_MAX: usize = 100_000;

/// The store of tokens. Locked for the length of a transaction, so that two with one token cannot both run.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Store>);

#[derive(Default)]
pub(super) struct Store {
    by_token: HashMap<String, u64>,
    by_age: VecDeque<(Instant, String)>,
}

/// What is known of a token.
pub(super) enum Seen {
    /// Nothing: run the transaction, then remember the token with this fingerprint.
    New(u64),
    /// The same transaction has run.
    Same,
    /// Another transaction has run under this token.
    Other,
}

impl Tokens {
    /// DynamoDB's limit, in characters.
    pub(super) const LENGTH_MAX: usize = 36;

    pub(super) fn lock(&self) -> MutexGuard<'_, Store> {
        // Every step of the store leaves it whole, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Looks up `token`, asked for now with these `items`.
    pub(super) fn seen(&mut self, token: &str, items: &impl Serialize, now: Instant) -> Seen {
        self.forget_old(now);
        let fingerprint = fingerprint(items);
        match self.by_token.get(token) {
            None => Seen::New(fingerprint),
            Some(known) if *known == fingerprint => Seen::Same,
            Some(_) => Seen::Other,
        }
    }

    /// Remembers that the transaction with `fingerprint` ran under `token`.
    pub(super) fn remember(&mut self, token: String, fingerprint: u64, now: Instant) {
        if self.by_age.len() >= TOKENS_MAX {
            self.forget_oldest();
        }
        self.by_token.insert(token.clone(), fingerprint);
        self.by_age.push_back((now, token));
    }

    fn forget_old(&mut self, now: Instant) {
        while self
            .by_age
            .front()
            .is_some_and(|(at, _)| now.saturating_duration_since(*at) >= WINDOW)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, token)) = self.by_age.pop_front() {
            self.by_token.remove(&token);
        }
    }
}

/// A hash of the items by content: attribute maps come in no order, so their members are sorted.
fn fingerprint(items: &impl Serialize) -> u64 {
    let mut hasher = DefaultHasher::new();
    match serde_json::to_value(items) {
        Ok(value) => hash(&value, &mut hasher),
        // Cannot happen for what was read from JSON; should it, all such count as one transaction.
        Err(error) => tracing::error!(%error, "a transaction could not be fingerprinted"),
    }
    hasher.finish()
}

fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(flag) => (1_u8, flag).hash(hasher),
        Value::Number(number) => (2_u8, number.to_string()).hash(hasher),
        Value::String(text) => (3_u8, text).hash(hasher),
        Value::Array(items) => {
            (4_u8, items.len()).hash(hasher);
            for item in items {
                hash(item, hasher);
            }
        }
        Value::Object(members) => {
            (5_u8, members.len()).hash(hasher);
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, member) in members {
                name.hash(hasher);
                hash(member, hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(store: &mut Store, token: &str, items: &Value, now: Instant) -> &'static str {
        match store.seen(token, items, now) {
            Seen::New(fingerprint) => {
                store.remember(token.to_owned(), fingerprint, now);
                "new"
            }
            Seen::Same => "same",
            Seen::Other => "other",
        }
    }

    #[test]
    fn a_token_means_one_transaction_for_ten_minutes() {
        let mut store = Store::default();
        let start = Instant::now();
        let (first, second) = (
            json!([{"Put": {"a": 1, "b": 2}}]),
            json!([{"Put": {"a": 1, "b": 3}}]),
        );
        assert_eq!(run(&mut store, "t", &first, start), "new");
        assert_eq!(
            run(&mut store, "t", &json!([{"Put": {"b": 2, "a": 1}}]), start),
            "same"
        );
        assert_eq!(run(&mut store, "t", &second, start + WINDOW / 2), "other");
        assert_eq!(run(&mut store, "u", &second, start + WINDOW / 2), "new");
        assert_eq!(run(&mut store, "t", &second, start + WINDOW), "new");
    }

    #[test]
    fn the_store_never_outgrows_its_limit() {
        let mut store = Store::default();
        let now = Instant::now();
        for n in 0..TOKENS_MAX + 10 {
            store.remember(n.to_string(), 7, now);
        }
        assert_eq!(
            (store.by_token.len(), store.by_age.len()),
            (TOKENS_MAX, TOKENS_MAX)
        );
        assert!(matches!(store.seen("0", &json!([]), now), Seen::New(_)));
    }

    #[test]
    fn the_order_of_a_list_counts() {
        assert_ne!(fingerprint(&json!([1, 2])), fingerprint(&json!([2, 1])));
        assert_ne!(fingerprint(&json!([[1], 2])), fingerprint(&json!([1, [2]])));
        assert_ne!(fingerprint(&json!("1")), fingerprint(&json!(1)));
    }
}
