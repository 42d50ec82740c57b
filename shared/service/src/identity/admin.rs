//! The platform's first admin.

use trunkline_auth::{OneUseToken, Password};
use trunkline_domain::{Error, Role, TenantId, User, UserId};

use super::{
    email::read_email,
    register::{salt, tenant, write},
};
use crate::Ctx;

/// The first admin's address, when none is given.
const EMAIL: &str = "admin@trunkline.local";

/// Makes the first admin if there never was one, and answers its credentials: the only time that they are shown.
/// What is not given is made up.
///
/// # Errors
/// A given address or password that is none, or an address that is taken.
pub async fn ensure_admin(
    ctx: &Ctx,
    email: Option<&str>,
    password: Option<&str>,
) -> Result<Option<(String, String)>, Error> {
    if ctx.store.has_admin().await? {
        return Ok(None);
    }
    let email = read_email("TRUNKLINE_ADMIN_EMAIL", email.unwrap_or(EMAIL))
        .map_err(|field| Error::Invalid(vec![field]))?;
    // 120 bits, in characters that copy and paste.
    let made_up = || {
        OneUseToken::new(ctx.ids.secret())
            .reveal()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(20)
            .collect()
    };
    let password = password.map_or_else(made_up, str::to_owned);
    let chosen = Password::chosen("TRUNKLINE_ADMIN_PASSWORD", &password)
        .map_err(|field| Error::Invalid(vec![field]))?;
    let hash = chosen.hash(salt(ctx)).await?;
    let now = ctx.now();
    let home = tenant(ctx, TenantId(ctx.ids.uuid()), now);
    let user = User {
        id: UserId(ctx.ids.uuid()),
        tenant: home.id,
        email: email.clone(),
        first_name: "Admin".to_owned(),
        last_name: String::new(),
        phone: None,
        role: Role::Admin,
        is_active: true,
        token_epoch: 0,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    };
    match write(ctx, user, &hash, Some(&home), None, true).await {
        Ok(_) => Ok(Some((email, password))),
        // Another instance of the same start was faster.
        Err(Error::Conflict { .. }) if ctx.store.has_admin().await? => Ok(None),
        Err(error) => Err(error),
    }
}
