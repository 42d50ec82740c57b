//! Whether a tenant's phones may be rung now: what the platform's admin granted it, and its day's money.

use trunkline_domain::{Error, Lead, TenantId, tenant::Tenant};
use trunkline_store::StoreError;

use super::place::RESERVE;
use crate::{Ctx, tenants};

/// The tenant of a pump, when its calls are granted and its day's money lasts for one more.
///
/// The calls of other pumps are seen once they have their price, so a day's spend can pass its cap
/// by what is under way at once, never by more.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn granted(ctx: &Ctx, id: TenantId, under_way: i64) -> Result<Option<Tenant>, StoreError> {
    let Some(tenant) = ctx.store.tenant(id).await?.filter(|tenant| tenant.may_dial) else {
        tracing::info!(tenant.id = %id, "nobody is dialled: the platform's admin has not granted this tenant its calls");
        return Ok(None);
    };
    if tenant.daily_cap.is_none() {
        return Ok(Some(tenant));
    }
    let spent = tenants::spent_today(ctx, id).await? + RESERVE.times(under_way.max(0));
    if tenant.affords(spent, RESERVE) {
        return Ok(Some(tenant));
    }
    tracing::warn!(tenant.id = %id, "nobody is dialled: the tenant's spend for this day is used up");
    Ok(None)
}

/// Refuses a launch that could ring nobody.
///
/// # Errors
/// [`Error::Forbidden`] when the tenant has not been granted its calls.
pub(super) async fn launchable(ctx: &Ctx, id: TenantId) -> Result<(), Error> {
    let tenant = ctx.store.tenant(id).await?;
    if tenant.is_some_and(|tenant| tenant.may_dial) {
        return Ok(());
    }
    Err(Error::Forbidden(
        "this tenant may not dial yet: the platform's admin grants it calls, with its countries and its spend a day"
            .to_owned(),
    ))
}

/// Leads that may be rung, and those in countries that the tenant was not granted.
pub(super) fn by_country(tenant: &Tenant, leads: Vec<Lead>) -> (Vec<Lead>, Vec<Lead>) {
    leads.into_iter().partition(|lead| tenant.reaches(&lead.phone))
}
