//! Logging in.

use trunkline_auth::{Password, PasswordHash};
use trunkline_domain::{Error, User};

use super::{
    email::account_of,
    sessions::{Tokens, start_session},
};
use crate::Ctx;

/// Checks a password and opens a login.
///
/// # Errors
/// [`Error::BadCredentials`], never saying which was wrong, after the same time whoever asks;
/// [`Error::Forbidden`] for a deactivated account, to who knows its password.
pub async fn login(ctx: &Ctx, email: &str, password: &str) -> Result<(User, Tokens), Error> {
    let account = account_of(ctx, email).await?;
    let hash = account
        .as_ref()
        .map(|account| PasswordHash::stored(account.password_hash.clone()));
    let fits = Password::typed(password).matches(hash.as_ref()).await?;
    let Some(account) = account.filter(|_| fits) else {
        return Err(Error::BadCredentials);
    };
    let mut user = account.user;
    if !user.is_active {
        return Err(Error::Forbidden("this account is deactivated".to_owned()));
    }
    let tokens = start_session(ctx, &user).await?;
    let now = ctx.now();
    ctx.store.touch_last_login(user.id, now).await?;
    user.last_login_at = Some(now);
    Ok((user, tokens))
}
