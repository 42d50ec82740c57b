//! What every use case is given: the stores, the carrier, the clock, chance.

use std::sync::Arc;

use trunkline_auth::TokenKeys;
use trunkline_domain::Instant;
use trunkline_outbound::Outbound;
use trunkline_queue::Queues;
use trunkline_store::{Blobs, Store};
use trunkline_telephony::Carrier;
use uuid::Uuid;

use crate::Settings;

/// Time, passed in so that tests may turn it.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Wall-clock time, whole milliseconds.
    fn now(&self) -> Instant;
    /// Milliseconds since boot, sleep of the machine included: what a frozen process cannot hide.
    fn boot_ms(&self) -> u64;
    /// Waits.
    async fn sleep(&self, duration: std::time::Duration);
}

/// Chance, passed in so that tests may seed it.
pub trait Ids: Send + Sync + std::fmt::Debug {
    /// A fresh id.
    fn uuid(&self) -> Uuid;
    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}

/// What every use case is given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The tables.
    pub store: Store,
    /// The bucket.
    pub blobs: Blobs,
    /// The queues.
    pub queues: Queues,
    /// The carrier account that calls go out by.
    pub carrier: Arc<dyn Carrier>,
    /// The way to addresses that users gave.
    pub outbound: Outbound,
    /// The way to the instances that hold desks' sockets.
    pub desks: crate::realtime::Desks,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
    /// The keys that tokens and signed links are made with.
    pub keys: Arc<TokenKeys>,
    /// The dial-once protocol's times; its safeguards are always on but in the model that shows why.
    pub protocol: trunkline_domain::dial::Protocol,
    /// This deployment's choices.
    pub settings: Arc<Settings>,
}

impl Ctx {
    /// Now, by the platform's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}
