//! An event on its way to a subscription: tried at once, then again and again, for about 28 hours.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use trunkline_domain::{
    Instant, TenantId,
    id::{DeliveryId, EventId, SubscriptionId},
};

use crate::Topic;

/// How long after each failed try the next one comes, in seconds. Source: the schedule that svix documents.
pub const RETRY_AFTER_S: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/// The longest that a receiver may put us off.
const PUT_OFF_MAX_S: i64 = 86_400;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To be tried, now or later.
    Pending,
    /// The receiver took it.
    Delivered,
    /// All tries failed, or nobody wants it any more.
    GivenUp,
    /// It happened while the subscription was switched off: kept for a replay.
    Held,
}

/// An event on its way to a subscription, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The `webhook-id`: the same at every try, so that the receiver can tell a repetition.
    pub id: DeliveryId,
    /// Whose it is.
    pub tenant: TenantId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// What happened.
    pub event: EventId,
    /// Of what kind.
    pub topic: Topic,
    /// What is sent, letter by letter.
    pub body: String,
    /// When it happened.
    pub at: Instant,
    /// Where it stands.
    pub stage: Stage,
    /// How often it was tried, replays included.
    pub tries: u32,
    /// How often it was tried since it last began.
    pub step: u32,
    /// When the next try is due, in epoch milliseconds.
    pub next_ms: i64,
    /// Until when somebody is at it, in epoch milliseconds.
    pub lease_ms: i64,
}

impl Delivery {
    /// When to try again after the try that began as number `step` (from 0) and failed: by the schedule, not before the receiver
    /// asked for; none after the last.
    #[must_use]
    pub fn next_try(step: u32, now: Instant, put_off_s: Option<i64>) -> Option<Instant> {
        let wait_s = RETRY_AFTER_S.get(usize::try_from(step).ok()?)?;
        let put_off_s = put_off_s.unwrap_or(0).clamp(0, PUT_OFF_MAX_S);
        Some(now + Duration::seconds((*wait_s).max(put_off_s)))
    }
}

/// What came of one try, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Of what event.
    pub event: EventId,
    /// Of what kind.
    pub topic: Topic,
    /// The how manieth, from 1.
    pub attempt: u32,
    /// What the receiver answered, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// Whether it took it.
    pub delivered: bool,
    /// In words.
    pub reason: String,
    /// How long it took.
    pub duration_ms: u64,
    /// When.
    pub at: Instant,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_as_far_apart_as_promised_and_a_receiver_may_put_off() {
        let now: Instant = "2026-11-22T10:00:00Z".parse().unwrap();
        let waits = |put_off: Option<i64>| -> Vec<i64> {
            (0..10)
                .map_while(|step| Delivery::next_try(step, now, put_off))
                .map(|at| (at - now).num_seconds())
                .collect()
        };
        assert_eq!(waits(None), RETRY_AFTER_S);
        assert_eq!(waits(Some(600)), [600, 600, 1_800, 7_200, 18_000, 36_000, 36_000]);
        assert_eq!(waits(Some(i64::MAX))[0], 86_400);
        assert_eq!(waits(Some(-5)), RETRY_AFTER_S);
    }
}
