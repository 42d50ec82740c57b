//! Work after a call: its recording is joined, what was said is analysed, its price is reckoned.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

use trunkline_queue::{BatchItem, PostCallJob};
use trunkline_service::{Ctx, post_call};

/// Handles a batch; answers the ids of the messages that failed, which come again.
pub async fn handle(ctx: &Ctx, batch: Vec<BatchItem>) -> Vec<String> {
    let mut failed = Vec::new();
    for item in batch {
        if !done(ctx, &item).await {
            failed.push(item.id);
        }
    }
    failed
}

async fn done(ctx: &Ctx, item: &BatchItem) -> bool {
    let (tenant, call) = match item.read::<PostCallJob>() {
        Ok(PostCallJob::Finish { tenant, call }) => (tenant, call),
        Err(error) => {
            // It comes again until the queue puts it aside, with its body, for a person.
            tracing::error!(message.id = %item.id, "a message cannot be read: {error}");
            return false;
        }
    };
    match post_call::finish(ctx, tenant, call).await {
        Ok(()) => true,
        Err(error) => {
            let cause = std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::warn!(
                call.id = %call,
                attempt = item.receive_count,
                cause,
                "a call could not be worked up; it is tried again: {error}"
            );
            false
        }
    }
}
