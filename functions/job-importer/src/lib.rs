//! Large lists of leads, imported in pieces.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

use trunkline_queue::{BatchItem, ImportJob};
use trunkline_service::{Ctx, imports};

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
    let ImportJob::Run { tenant, import } = match item.read() {
        Ok(job) => job,
        Err(error) => {
            // It comes again until the queue puts it aside, with its body, for a person.
            tracing::error!(message.id = %item.id, "a message cannot be read: {error}");
            return false;
        }
    };
    match imports::work(ctx, tenant, import).await {
        Ok(()) => true,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(
                import.id = %import,
                attempt = item.receive_count,
                cause,
                "an import stopped; it goes on after its last checkpoint: {error}"
            );
            false
        }
    }
}
