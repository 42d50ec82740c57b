//! Somebody became free.

use trunkline_domain::{OperatorId, TenantId, bridge::Stage, operator::Operator};
use trunkline_store::StoreError;

use super::send;
use crate::{Ctx, dialing::pacing};

/// How many of those who wait are looked at: few have rung this very person in vain.
const LOOKED_AT: i32 = 20;

/// Somebody may take a call now: who of its group waits longest, and has not rung it in vain, is seen to, and the campaigns of the group
/// look whom to dial. Best effort: the tick looks for everybody who waits.
pub async fn wake(ctx: &Ctx, operator: &Operator) {
    if !operator.is_free() || !operator.at_work(ctx.now()) {
        return;
    }
    if let Err(error) = longest(ctx, operator).await {
        tracing::warn!(operator.id = %operator.id, "who waits for a human agent is not known now: {error}");
    }
    pacing::somebody_free(ctx, operator.tenant, operator.group).await;
}

/// Whoever was to be given a call that needs nobody any more, or has room for one more beside it, is somebody else's.
pub(super) async fn wake_again(ctx: &Ctx, tenant: TenantId, free: OperatorId) {
    match ctx.store.operator(tenant, free).await {
        Ok(Some(operator)) => wake(ctx, &operator).await,
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(operator.id = %free, "whether a human agent is still free is not known now: {error}");
        }
    }
}

async fn longest(ctx: &Ctx, operator: &Operator) -> Result<(), StoreError> {
    let line = ctx
        .store
        .waiting_for(operator.tenant, operator.group, LOOKED_AT)
        .await?;
    for call in line {
        // The index may be a moment behind the row.
        let bridge = ctx.store.bridge(call).await?;
        if bridge.is_some_and(|bridge| bridge.stage == Stage::Seeking && !bridge.not.contains(&operator.id)) {
            send(ctx, call, Some(operator.id), 0).await;
            return Ok(());
        }
    }
    Ok(())
}
