//! Sends what subscribers are told: one try a message.
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
use trunkline_queue::{BatchItem, WebhookJob, failures};
use trunkline_service::{Ctx, webhooks};

/// Handles a batch, side by side, since a slow receiver keeps its try for 15 s; answers the ids of the messages that failed, which
/// come again. A receiver's failure is none of these.
pub async fn handle(ctx: &Ctx, batch: Vec<BatchItem>) -> Vec<String> {
    let results = join_all(batch.iter().map(|item| done(ctx, item))).await;
    failures(batch.iter().zip(results))
}

async fn done(ctx: &Ctx, item: &BatchItem) -> Result<(), ()> {
    let job = item.read::<WebhookJob>().map_err(|error| {
        // It comes again until the queue puts it aside, with its body, for a person.
        tracing::error!(message.id = %item.id, "a message cannot be read: {error}");
    })?;
    let result = match &job {
        WebhookJob::Try { delivery } => webhooks::attempt(ctx, *delivery).await,
        WebhookJob::Replay {
            tenant,
            subscription,
            from,
        } => webhooks::replay_some(ctx, *tenant, *subscription, from).await,
    };
    result.map_err(|error| {
        let cause = std::error::Error::source(&error)
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::warn!(
            message.id = %item.id,
            attempt = item.receive_count,
            cause,
            "a webhook's job could not be done; it comes again: {error}"
        );
    })
}
