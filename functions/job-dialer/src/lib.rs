//! Dials: takes hints from the `dial` queue and works the pump (ARCHITECTURE.md, "Dial once").

use trunkline_domain::CallStatus;
use trunkline_queue::{BatchItem, DialJob};
use trunkline_service::{Ctx, dialing};

/// Works a batch; answers the ids of the messages that must come again.
pub async fn handle(ctx: &Ctx, batch: Vec<BatchItem>) -> Vec<String> {
    let mut failed = Vec::new();
    for item in batch {
        if let Err(error) = one(ctx, &item).await {
            tracing::warn!(message.id = %item.id, receive_count = item.receive_count, "a dial job failed and comes again: {error}");
            failed.push(item.id);
        }
    }
    failed
}

async fn one(ctx: &Ctx, item: &BatchItem) -> Result<(), trunkline_domain::Error> {
    match item
        .read::<DialJob>()
        .map_err(trunkline_domain::Error::internal)?
    {
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
