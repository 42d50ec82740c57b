//! Whether the platform's parts are there.

use std::sync::Arc;

use crate::Ctx;

/// How a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartState {
    /// It answers.
    Ok,
    /// It will be there: requests are served meanwhile.
    Loading,
    /// It is not there and will not be by itself: what needs it is not done, all else is.
    Missing,
    /// It should answer and does not.
    Down(String),
}

impl PartState {
    /// As it is shown.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Loading => "loading",
            Self::Missing => "missing",
            Self::Down(_) => "error",
        }
    }

    /// Requests can be served.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        match self {
            Self::Ok | Self::Loading | Self::Missing => true,
            Self::Down(_) => false,
        }
    }
}

/// A part that readiness asks. The composition root adds those that only it knows, such as the speech models.
#[async_trait::async_trait]
pub trait Part: Send + Sync + std::fmt::Debug {
    /// Its name in the answer.
    fn name(&self) -> &'static str;

    /// Asks it.
    async fn check(&self, ctx: &Ctx) -> PartState;
}

/// The longest that a part may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Asks the parts that every deployment has, and `more`, all at once. In this order: database, storage, cache, queues,
/// carrier, then `more`.
pub async fn check(ctx: &Ctx, more: &[Arc<dyn Part>]) -> Vec<(&'static str, PartState)> {
    let measured = measure(ctx, more).await.into_iter();
    measured.map(|part| (part.name, part.state)).collect()
}

/// A part, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// How it is.
    pub state: PartState,
    /// How long it took to answer, in milliseconds.
    pub latency_ms: u64,
}

/// As [`check`], with how long each part took.
pub async fn measure(ctx: &Ctx, more: &[Arc<dyn Part>]) -> Vec<Measured> {
    let own: [&dyn Part; 5] = [&Database, &Storage, &Cache, &Queue, &CarrierApi];
    let parts = own.into_iter().chain(more.iter().map(AsRef::as_ref));
    let asked = parts.map(|part| async move {
        let began = ctx.clock.boot_ms();
        let state = tokio::time::timeout(PATIENCE, part.check(ctx)).await;
        Measured {
            name: part.name(),
            state: state.unwrap_or_else(|_| PartState::Down("no answer in 2 s".to_owned())),
            latency_ms: ctx.clock.boot_ms().saturating_sub(began),
        }
    });
    futures::future::join_all(asked).await
}

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident $name:literal |$ctx:ident| $ask:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        struct $part;

        #[async_trait::async_trait]
        impl Part for $part {
            fn name(&self) -> &'static str {
                $name
            }

            async fn check(&self, $ctx: &Ctx) -> PartState {
                match $ask.await {
                    Ok(()) => PartState::Ok,
                    Err(error) => PartState::Down(error.to_string()),
                }
            }
        }
    )*};
}

parts! {
    /// The tables.
    Database "database" |ctx| ctx.store.ping();
    /// The bucket.
    Storage "storage" |ctx| ctx.blobs.ping();
    /// The table of what lives for minutes: written, since every request counts itself there.
    Cache "cache" |ctx| ctx.store.ping_ephemeral(ctx.now());
    /// The queues.
    Queue "queues" |ctx| ctx.queues.ping();
    /// The carrier's account.
    CarrierApi "carrier" |ctx| ctx.carrier.ping();
}
