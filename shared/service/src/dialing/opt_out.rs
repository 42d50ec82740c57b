//! Somebody is not to be called again: the number is marked, and what is under way to it stops.

use trunkline_domain::{E164, Error, TenantId};

use super::steer;
use crate::Ctx;

/// Marks a number as not to be called, for all of the tenant's campaigns. A call to it that has
/// not been answered is withdrawn; a conversation goes on to its end.
///
/// # Errors
/// When the store does not answer; repeating is harmless.
pub async fn opt_out(ctx: &Ctx, tenant: TenantId, phone: &E164, source: &str) -> Result<(), Error> {
    let now = ctx.now();
    if let Some(call) = ctx.store.set_dnc(tenant, phone, source, true, now).await?
        && let Some(call) = ctx.store.call(tenant, call).await?
        && call.answered_at.is_none()
    {
        steer::withdraw(ctx, &call).await?;
    }
    Ok(())
}
