//! Dials: takes hints from the `dial` queue and works the pump (ARCHITECTURE.md, "Dial once").
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
use trunkline_domain::{CallStatus, Error};
use trunkline_queue::{BatchItem, DialJob};
use trunkline_service::{Ctx, dialing};

/// Works a batch, its messages side by side: each works another campaign for up to half a minute.
/// Answers the ids of the messages that must come again.
pub async fn handle(ctx: &Ctx, batch: Vec<BatchItem>) -> Vec<String> {
    let done = join_all(batch.iter().map(|item| done(ctx, item))).await;
    let failed = batch.into_iter().zip(done).filter(|(_, done)| !done);
    failed.map(|(item, _)| item.id).collect()
}

async fn done(ctx: &Ctx, item: &BatchItem) -> bool {
    let job = match item.read::<DialJob>() {
        Ok(job) => job,
        Err(error) => {
            tracing::error!(
                message.id = %item.id,
                receive_count = item.receive_count,
                "a message on the dial queue is no dial job of a known version ({error}); after its last try the queue moves it to the dead-letter queue, with its body"
            );
            return false;
        }
    };
    match work(ctx, &job).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(
                message.id = %item.id,
                receive_count = item.receive_count,
                cause = cause(&error),
                "a dial job failed and comes again: {error}"
            );
            false
        }
    }
}

async fn work(ctx: &Ctx, job: &DialJob) -> Result<(), Error> {
    match *job {
        DialJob::Refill {
            tenant,
            campaign,
            shard,
        } => Ok(dialing::pump::refill(ctx, tenant, campaign, shard).await?),
        DialJob::Cancel { tenant, call } => match ctx.store.call(tenant, call).await? {
            Some(call) if call.status != CallStatus::Talking => dialing::steer::withdraw(ctx, &call).await,
            Some(_) | None => Ok(()),
        },
    }
}

/// What an internal error hides from clients; this is our own log.
fn cause(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(String::new, ToString::to_string)
}
