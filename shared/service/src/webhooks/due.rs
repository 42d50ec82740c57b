//! The clock's part: tries whose time has come, and those that nobody woke.

use futures::stream::{self, StreamExt};
use trunkline_domain::Error;
use trunkline_queue::WebhookJob;

use crate::Ctx;

/// Deliveries that a tick wakes of each shard.
const A_SHARD: i32 = 250;
/// Messages that are sent at once.
const AT_ONCE: usize = 16;

/// Puts what is due on the queue, each at most every 40 s however often the clock ticks; how much that was.
///
/// # Errors
/// When the store does not answer, or the queue does not take it; the next tick finds the same.
pub async fn wake_due(ctx: &Ctx) -> Result<usize, Error> {
    let due = ctx.store.due_deliveries(ctx.now(), A_SHARD).await?;
    let count = due.len();
    let mut sends = stream::iter(due)
        .map(|delivery| async move {
            let job = WebhookJob::Try { delivery };
            ctx.queues.webhook(&job, 0).await.map_err(Error::internal)?;
            Ok::<_, Error>(ctx.store.note_woken(delivery, ctx.now()).await?)
        })
        .buffer_unordered(AT_ONCE);
    while let Some(woken) = sends.next().await {
        woken?;
    }
    Ok(count)
}
