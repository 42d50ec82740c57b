//! Integrations: a tenant's own accounts at providers, their credentials sealed.

mod credentials;
mod edit;
mod list;
mod probe;
mod test;

use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, error::Kind, id::IntegrationId, integration::Integration};

use crate::Ctx;

pub use credentials::Credentials;
pub(crate) use edit::own_base_url;
pub use edit::{IntegrationPatch, NewIntegration, create, update};
pub use list::{IntegrationSort, IntegrationsQuery, SORTS, list};
pub use test::{Tested, test};

/// An integration of the asker's tenant; its credentials are as they are shown.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: IntegrationId) -> Result<Integration, Error> {
    who.require(Role::User)?;
    ctx.store
        .integration(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Integration))
}

/// Deletes an integration.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(ctx: &Ctx, who: &Principal, id: IntegrationId) -> Result<(), Error> {
    who.require(Role::User)?;
    if ctx.store.delete_integration(who.tenant, id).await? {
        Ok(())
    } else {
        Err(Error::NotFound(Kind::Integration))
    }
}

/// An integration's credentials, open: for whoever calls its provider in the tenant's name.
pub(crate) fn credentials_of(ctx: &Ctx, one: &Integration) -> Result<Credentials, Error> {
    Credentials::open(ctx.keys.seal(), one.tenant, one.id, one.kind, &one.sealed)
}
