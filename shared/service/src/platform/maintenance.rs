//! Maintenance: the API is closed to all but admins. It is read with each request's user, so it holds from the next one on.

use trunkline_auth::Principal;
use trunkline_domain::{Error, Role};
use trunkline_store::identity::Maintenance;

use crate::Ctx;

/// What is said when the admin says nothing.
const MESSAGE: &str = "The platform is under maintenance; try again later";
/// The longest message, in characters.
const LONGEST: usize = 500;

/// Switches maintenance on or off, from the next request on, on every instance.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a message that is too long.
pub async fn set(
    ctx: &Ctx,
    by: &Principal,
    enabled: bool,
    message: Option<&str>,
) -> Result<Maintenance, Error> {
    by.require(Role::Admin)?;
    let message = message.map(str::trim).filter(|text| !text.is_empty());
    if message.is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(Error::invalid(
            "message",
            format!("it has at most {LONGEST} characters"),
        ));
    }
    let before = ctx
        .store
        .maintenance()
        .await?
        .filter(|now| now.enabled == enabled);
    let maintenance = Maintenance {
        enabled,
        message: message
            .map(str::to_owned)
            .or_else(|| before.as_ref().map(|before| before.message.clone()))
            .unwrap_or_else(|| MESSAGE.to_owned()),
        since: before.map_or_else(|| ctx.now(), |before| before.since),
    };
    ctx.store.put_maintenance(&maintenance).await?;
    tracing::info!(maintenance.enabled = enabled, user.id = %by.user, "maintenance was switched");
    Ok(maintenance)
}

/// Whether the API is closed to who has no token.
///
/// # Errors
/// When the store does not answer.
pub async fn closed(ctx: &Ctx) -> Result<Option<Maintenance>, Error> {
    Ok(ctx.store.maintenance().await?.filter(|now| now.enabled))
}
