//! What human agents' phones do, as tests have asked for: by number, for so many calls.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

/// At most so many phones have a manner of their own.
const PHONES_MAX: usize = 1000;

/// What a phone, or whoever holds it, does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Does {
    /// Answers, and presses 1 when a whisper asks for a key.
    #[default]
    Accepts,
    /// Answers, and hangs up when a whisper asks for a key.
    Declines,
    /// Answers, and never presses a key.
    Ignores,
    /// Rings until the carrier gives up.
    NoAnswer,
    Busy,
}

/// How an operator's phone behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manner {
    #[serde(default)]
    pub(crate) does: Does,
    /// Rings for so long before it does that; none: as long as every phone does, `no_answer` until the call's `Timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after_ms: Option<u64>,
    /// Hangs up so long after it came into a conference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hang_up_after_ms: Option<u32>,
    /// Says this in a conference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) says: Option<Arc<str>>,
    /// Says it again and again, so long after it was begun; none: once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) every_ms: Option<u32>,
    /// For so many calls; then it is a phone like any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
}

/// All manners that stand.
#[derive(Debug, Default)]
pub(crate) struct Manners(Mutex<HashMap<String, Manner>>);

impl Manners {
    /// From now on this phone behaves so. False when too many phones have a manner already.
    pub(crate) fn set(&self, phone: &str, manner: Manner) -> bool {
        let mut phones = self.lock();
        if phones.len() >= PHONES_MAX && !phones.contains_key(phone) {
            return false;
        }
        phones.insert(phone.to_owned(), manner);
        true
    }

    /// How this phone behaves in a call that is placed now. Counts it.
    pub(crate) fn of(&self, phone: &str) -> Manner {
        let mut phones = self.lock();
        let Some(manner) = phones.get_mut(phone) else {
            return Manner::default();
        };
        let now = manner.clone();
        if let Some(left) = &mut manner.count {
            *left = left.saturating_sub(1);
            if *left == 0 {
                phones.remove(phone);
            }
        }
        now
    }

    /// All phones with a manner, by number.
    pub(crate) fn list(&self) -> Vec<(String, Manner)> {
        let mut all: Vec<_> = self.lock().clone().into_iter().collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    pub(crate) fn clear(&self) -> usize {
        std::mem::take(&mut *self.lock()).len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Manner>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manner_holds_for_as_many_calls_as_asked_and_for_that_phone_only() {
        let manners = Manners::default();
        let busy = Manner {
            does: Does::Busy,
            count: Some(2),
            ..Manner::default()
        };
        assert!(manners.set("+15550000001", busy));
        assert_eq!(manners.of("+15550000002").does, Does::Accepts);
        let of = || manners.of("+15550000001").does;
        assert_eq!([of(), of(), of()], [Does::Busy, Does::Busy, Does::Accepts]);
        assert!(manners.list().is_empty());
    }

    #[test]
    fn without_a_count_it_stands_until_it_is_replaced_or_cleared() {
        let manners = Manners::default();
        let does = |does| Manner {
            does,
            ..Manner::default()
        };
        manners.set("+15550000001", does(Does::Busy));
        manners.set("+15550000001", does(Does::Declines));
        assert_eq!(manners.of("+15550000001").does, Does::Declines);
        assert_eq!(manners.of("+15550000001").does, Does::Declines);
        assert_eq!(manners.clear(), 1);
        assert_eq!(manners.of("+15550000001"), Manner::default());
    }

    #[test]
    fn a_thousand_phones_are_enough() {
        let manners = Manners::default();
        assert!((0..PHONES_MAX).all(|n| manners.set(&format!("+1555000{n:04}"), Manner::default())));
        assert!(!manners.set("+15559999999", Manner::default()));
        assert!(
            manners.set("+15550000000", Manner::default()),
            "one that has one may change it"
        );
    }
}
