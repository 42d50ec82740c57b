//! The clock's part: tries whose time has come, and those that nobody woke.

use futures::stream::{self, StreamExt};
use trunkline_domain::Error;
use trunkline_queue::WebhookJob;

use crate::Ctx;

/// Deliveries that a tick wakes of each shard.
const A_SHARD: i32 = 250;
/// Messages that are sent at once.
const AT_ONCE: usize = 16;

/// Puts what is due on the queue; how much that was.
///
/// # Errors
/// When the store does not answer, or the queue does not take it; the next tick finds the same.
pub async fn wake_due(ctx: &Ctx) -> Result<usize, Error> {
    let due = ctx.store.due_deliveries(ctx.now(), A_SHARD).await?;
    let count = due.len();
    let mut sends = stream::iter(due)
        .map(|delivery| async move { ctx.queues.webhook(&WebhookJob::Try { delivery }, 0).await })
        .buffer_unordered(AT_ONCE);
    while let Some(sent) = sends.next().await {
        sent.map_err(Error::internal)?;
    }
    Ok(count)
}
