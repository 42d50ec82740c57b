//! Who of a tenant is told when something needs a person.

use trunkline_domain::{Error, Role, TenantId};

use crate::{Ctx, mail};

/// Managers that are written to.
const AT_MOST: usize = 20;

/// Writes a mail to each of a tenant's active managers.
///
/// # Errors
/// When the store does not answer; some may have been written to.
pub(crate) async fn tell_managers(
    ctx: &Ctx,
    tenant: TenantId,
    subject: &str,
    body: &str,
) -> Result<(), Error> {
    let users = ctx.store.list_users_by_tenant(tenant).await?;
    let managers = users
        .into_iter()
        .filter(|user| user.is_active && user.role.rank() >= Role::Manager.rank());
    for manager in managers.take(AT_MOST) {
        let letter = mail::letter(ctx, &manager.email, subject, body.to_owned());
        mail::send(ctx, &letter).await?;
    }
    Ok(())
}
