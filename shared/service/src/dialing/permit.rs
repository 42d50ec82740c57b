//! Whether a tenant's phones may be rung now: what the platform's admin granted it, and its day's money.

use trunkline_domain::{Error, Lead, TenantId, Usd, tenant::Tenant};
use trunkline_store::StoreError;

use super::place::RESERVE;
use crate::{Ctx, tenants};

/// What a tenant may do to phones now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// The tenant, with its grant.
    pub tenant: Tenant,
    /// What its calls of this UTC day have cost, and what is set aside for those under way; only looked up where the day has a cap.
    pub spent: Usd,
}

impl Permit {
    /// Whether its day's money lasts for one more call.
    #[must_use]
    pub fn has_money(&self) -> bool {
        self.tenant.affords(self.spent, RESERVE)
    }
}

/// A tenant's permit, none when there is no such tenant.
///
/// The calls of other pumps are seen once they have their price, so a day's spend can pass its cap
/// by what is under way at once, never by more.
///
/// # Errors
/// When the store does not answer.
pub async fn permit(ctx: &Ctx, id: TenantId, under_way: i64) -> Result<Option<Permit>, StoreError> {
    let Some(tenant) = ctx.store.tenant(id).await? else {
        return Ok(None);
    };
    let spent = match tenant.daily_cap {
        Some(_) => tenants::spent_today(ctx, id).await? + RESERVE.times(under_way.max(0)),
        None => Usd::ZERO,
    };
    Ok(Some(Permit { tenant, spent }))
}

/// The tenant of a pump, when its calls are granted and its day's money lasts for one more.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn granted(ctx: &Ctx, id: TenantId, under_way: i64) -> Result<Option<Tenant>, StoreError> {
    let permit = permit(ctx, id, under_way).await?;
    let Some(permit) = permit.filter(|permit| permit.tenant.may_dial) else {
        tracing::info!(tenant.id = %id, "nobody is dialled: the platform's admin has not granted this tenant its calls");
        return Ok(None);
    };
    if !permit.has_money() {
        tracing::warn!(tenant.id = %id, "nobody is dialled: the tenant's spend for this day is used up");
        return Ok(None);
    }
    Ok(Some(permit.tenant))
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
