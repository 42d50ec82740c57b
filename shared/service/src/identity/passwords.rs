//! Forgotten passwords.

use chrono::TimeDelta;
use trunkline_auth::{OneUseToken, Password, fingerprint};
use trunkline_domain::{Error, User, UserId};
use trunkline_store::{StoreError, ephemeral::RESET};

use super::{email::account_of, register::salt};
use crate::{
    Ctx,
    mail::{self, Mail},
};

/// How long a reset token lives.
const RESET_TTL_S: i64 = 3_600;

/// Mails a reset token to an account's owner. Answers the same, after the same time, when there is no such account.
///
/// # Errors
/// When the store does not answer.
pub async fn forgot_password(ctx: &Ctx, email: &str) -> Result<(), Error> {
    let account = account_of(ctx, email).await?;
    let token = OneUseToken::new(ctx.ids.secret());
    let expires = ctx.now() + TimeDelta::seconds(RESET_TTL_S);
    let user = account.as_ref().map(|account| account.user.id.to_string());
    // Nobody's token is kept too, under no user: the same work whoever asks.
    let fingerprint = token.fingerprint();
    let keep = ctx
        .store
        .put_token(RESET, &fingerprint, user.as_deref().unwrap_or("nobody"), expires);
    let to = account
        .as_ref()
        .map_or("nobody@example.com", |account| &account.user.email);
    let letter = letter(ctx, to, &token);
    let send = async {
        match &account {
            Some(_) => mail::send(ctx, &letter).await,
            None => mail::send_nothing(ctx, &letter).await,
        }
    };
    let (kept, sent) = tokio::join!(keep, send);
    kept?;
    sent
}

/// Sets a new password with the token that was mailed, and ends all logins of the account. Answers whose it is.
///
/// # Errors
/// A password that is too short; [`Error::Malformed`] for a token that is wrong, spent or over.
pub async fn reset_password(ctx: &Ctx, token: &str, new_password: &str) -> Result<Option<User>, Error> {
    let password =
        Password::chosen("new_password", new_password).map_err(|field| Error::Invalid(vec![field]))?;
    let bad = || Error::Malformed("the reset token is wrong, spent or over; ask for a new one".to_owned());
    let fingerprint = fingerprint(token);
    let now = ctx.now();
    let payload = ctx.store.peek_token(RESET, &fingerprint, now).await?;
    let user: UserId = payload.and_then(|text| text.parse().ok()).ok_or_else(bad)?;
    let hash = password.hash(salt(ctx)).await?;
    match ctx
        .store
        .reset_password(&fingerprint, user, hash.as_str(), now)
        .await
    {
        Ok(()) => Ok(ctx.store.user(user).await?),
        Err(StoreError::Condition(_)) => Err(bad()),
        Err(error) => Err(error.into()),
    }
}

fn letter(ctx: &Ctx, to: &str, token: &OneUseToken) -> Mail {
    let body = format!(
        "Somebody, hopefully you, asked to reset the password of {to} at {}.\n\nThe token, good for one hour and once:\n\n{}\n\nSend it to POST /auth/reset-password with your new password. If it was not you, do nothing.\n",
        ctx.settings.public_url,
        token.reveal(),
    );
    mail::letter(ctx, to, "Reset your password", body)
}
