//! Brings callers and human agents together: what a webhook must not wait for (ARCHITECTURE.md, "Bridging").
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

use futures::future::join_all;
use trunkline_queue::{BatchItem, BridgeJob, failures};
use trunkline_service::{Ctx, bridging};

/// Handles a batch, side by side, since the carrier may take its time; answers the ids of the messages that failed, which come again.
pub async fn handle(ctx: &Ctx, batch: Vec<BatchItem>) -> Vec<String> {
    let results = join_all(batch.iter().map(|item| done(ctx, item))).await;
    failures(batch.iter().zip(results))
}

async fn done(ctx: &Ctx, item: &BatchItem) -> Result<(), ()> {
    let job = item.read::<BridgeJob>().map_err(|error| {
        // It comes again until the queue puts it aside, with its body, for a person.
        tracing::error!(message.id = %item.id, "a message cannot be read: {error}");
    })?;
    let result = match job {
        BridgeJob::Work { call, free } => bridging::work(ctx, call, free).await,
        BridgeJob::Check { call } => {
            bridging::check(ctx, call).await;
            Ok(())
        }
    };
    result.map_err(|error| {
        let cause = std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::warn!(
            message.id = %item.id,
            receive_count = item.receive_count,
            cause,
            "something is left to be done for a caller who waits or a human agent; it comes again: {error}"
        );
    })
}
