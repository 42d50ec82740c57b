//! The parts of a platform that a test holds in its hand.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use trunkline_domain::{CallerId, E164, Instant};
use trunkline_service::{Clock, Ids};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder};
use uuid::Uuid;

/// A clock that stands, until a test turns it or somebody sleeps. It begins on 2026-01-05 at 10:00 UTC, a Monday.
#[derive(Debug)]
pub struct TurnedClock(Mutex<Instant>);

impl Default for TurnedClock {
    fn default() -> Self {
        Self(Mutex::new("2026-01-05T10:00:00Z".parse().unwrap()))
    }
}

impl TurnedClock {
    /// Lets time pass.
    pub fn turn(&self, by: chrono::Duration) {
        *self.0.lock().unwrap() += by;
    }

    /// Makes it another day.
    pub fn set(&self, now: Instant) {
        *self.0.lock().unwrap() = now;
    }
}

#[async_trait::async_trait]
impl Clock for TurnedClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn boot_ms(&self) -> u64 {
        u64::try_from(self.now().timestamp_millis()).unwrap()
    }

    async fn sleep(&self, duration: std::time::Duration) {
        self.turn(chrono::Duration::from_std(duration).unwrap());
    }
}

/// Ids that are distinct over all platforms of a process.
#[derive(Debug, Default)]
pub struct CountedIds;

static COUNT: AtomicU64 = AtomicU64::new(1);

impl Ids for CountedIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [1; 32];
        secret[..8].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        secret
    }
}

/// A carrier that answers a ping, and nothing else.
#[derive(Debug)]
pub struct NoCarrier;

fn nobody() -> CarrierError {
    CarrierError::Unreachable("a test has no carrier".into())
}

#[async_trait::async_trait]
impl Carrier for NoCarrier {
    fn account(&self) -> &str {
        "AC1"
    }
    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        Err(DialError::Ambiguous {
            what: "a test has no carrier".into(),
        })
    }
    async fn fetch(&self, _: &str) -> Result<Option<CarrierCall>, CarrierError> {
        Err(nobody())
    }
    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        Err(nobody())
    }
    async fn cancel(&self, _: &str) -> Result<(), CarrierError> {
        Err(nobody())
    }
    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        Err(nobody())
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        Err(nobody())
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}
