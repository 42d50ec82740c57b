//! Somebody is not to be called again: the number is marked, and what is under way to it stops.

use trunkline_domain::{E164, Error, TenantId};
use trunkline_store::DncEntry;

use super::steer;
use crate::Ctx;

/// Marks a number as not to be called for good, for all of the tenant's campaigns. A call to it that has
/// not been answered is withdrawn; a conversation goes on to its end.
///
/// # Errors
/// When the store does not answer; repeating is harmless.
pub async fn opt_out(ctx: &Ctx, tenant: TenantId, phone: &E164, source: &str) -> Result<(), Error> {
    mark(ctx, &DncEntry::lasting(tenant, phone, source, ctx.now())).await
}

/// The same with all that is known of the mark.
///
/// # Errors
/// When the store does not answer; repeating is harmless.
pub(crate) async fn mark(ctx: &Ctx, entry: &DncEntry) -> Result<(), Error> {
    if let Some(call) = ctx.store.mark_dnc(entry).await?
        && let Some(call) = ctx.store.call(entry.tenant, call).await?
        && call.answered_at.is_none()
    {
        steer::withdraw(ctx, &call).await?;
    }
    Ok(())
}
