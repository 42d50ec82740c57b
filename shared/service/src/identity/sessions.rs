//! Logins: their tokens, and how they end.
//!
//! A login is one row. A refresh token is good while it is the row's current one (the last that was used) or the
//! successor of it; its first use makes it the current one and so spends the one before. A lost answer to a refresh
//! therefore locks nobody out, and a stolen token that both sides use shows itself: one of the two comes
//! with a token that is neither, and the whole login ends.

use chrono::TimeDelta;
use trunkline_auth::{ACCESS_TTL_S, AccessClaims, Principal, REFRESH_TTL_S, RefreshClaims, TokenError};
use trunkline_domain::{Error, Role, SessionId, User, error::Kind};
use trunkline_store::{
    StoreError,
    identity::{Maintenance, Session, Standing},
};
use uuid::Uuid;

use crate::Ctx;

/// What a login or a refresh gives.
#[derive(Clone)]
pub struct Tokens {
    /// Access token.
    pub access: String,
    /// Refresh token.
    pub refresh: String,
    /// Seconds that the access token lives.
    pub expires_in_s: u32,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// Opens a login for a user whose identity is proven.
///
/// # Errors
/// When the store does not answer.
pub async fn start_session(ctx: &Ctx, user: &User) -> Result<Tokens, Error> {
    let now = ctx.now();
    let first = ctx.ids.uuid();
    let expires = now + TimeDelta::seconds(i64::from(REFRESH_TTL_S));
    let session = Session::new(SessionId(ctx.ids.uuid()), user, first, now, expires);
    ctx.store.create_session(&session).await?;
    tokens(ctx, user, session.id, first, None)
}

/// Who the bearer of an access token is: its signature and dates, then user and login in one consistent read.
///
/// # Errors
/// [`Error::TokenExpired`], or [`Error::TokenInvalid`] that says why.
pub async fn authenticate(ctx: &Ctx, token: &str) -> Result<Principal, Error> {
    Ok(admit(ctx, token).await?.0)
}

/// As [`authenticate`]; from the same read, what the asker is told if there is maintenance that holds for them.
///
/// # Errors
/// As there.
pub async fn admit(ctx: &Ctx, token: &str) -> Result<(Principal, Option<Maintenance>), Error> {
    let claims = ctx
        .keys
        .read_access(token, ctx.now())
        .map_err(|error| match error {
            TokenError::WrongKind => {
                Error::TokenInvalid("this is a refresh token; send an access token".to_owned())
            }
            TokenError::Expired | TokenError::Invalid => error.into(),
        })?;
    let (user, _, maintenance) = standing(ctx, claims).await?;
    let principal = Principal {
        user: user.id,
        tenant: user.tenant,
        role: user.role,
        session: claims.session,
        email: user.email,
    };
    Ok((principal, maintenance))
}

/// Exchanges a refresh token for a new pair.
///
/// # Errors
/// As [`authenticate`]; a token that is spent ends its login.
pub async fn refresh(ctx: &Ctx, token: &str) -> Result<(User, Tokens), Error> {
    let claims = ctx
        .keys
        .read_refresh(token, ctx.now())
        .map_err(|error| match error {
            TokenError::WrongKind => {
                Error::TokenInvalid("this is an access token; send the refresh token".to_owned())
            }
            TokenError::Expired | TokenError::Invalid => error.into(),
        })?;
    // Another use of the same token may come between read and write: then the second look decides.
    for _ in 0..3 {
        let (user, session, _) = standing(ctx, claims.of).await?;
        let known = session.current == claims.id || claims.succeeds == Some(session.current);
        if !known {
            ctx.store.end_session(session.id).await?;
            tracing::warn!(session.id = %session.id, user.id = %user.id, "a spent refresh token was used: the login is ended");
            return Err(Error::TokenInvalid(
                "the refresh token was used before; log in again".to_owned(),
            ));
        }
        let expires = ctx.now() + TimeDelta::seconds(i64::from(REFRESH_TTL_S));
        match ctx
            .store
            .advance_session(session.id, session.current, claims.id, expires)
            .await
        {
            Ok(()) => {
                let tokens = tokens(ctx, &user, session.id, ctx.ids.uuid(), Some(claims.id))?;
                return Ok((user, tokens));
            }
            Err(StoreError::Condition(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Unavailable {
        what: "the login is being refreshed elsewhere; try again".to_owned(),
        retry_after_s: 1,
    })
}

/// Ends a login, with every token that came from it.
///
/// # Errors
/// When the store does not answer.
pub async fn logout(ctx: &Ctx, by: &Principal) -> Result<(), Error> {
    Ok(ctx.store.end_session(by.session).await?)
}

/// The user who asks.
///
/// # Errors
/// When the store does not answer.
pub async fn me(ctx: &Ctx, by: &Principal) -> Result<User, Error> {
    ctx.store.user(by.user).await?.ok_or(Error::NotFound(Kind::User))
}

/// Which of these access tokens are still good, and why the others are not: one read for all, for who looks at many again and again.
///
/// # Errors
/// When the store does not answer.
pub async fn still_good(ctx: &Ctx, tokens: &[String]) -> Result<Vec<Result<(), Error>>, Error> {
    let now = ctx.now();
    let claims: Vec<_> = tokens
        .iter()
        .map(|token| ctx.keys.read_access(token, now))
        .collect();
    let asked: Vec<_> = claims
        .iter()
        .flatten()
        .map(|claims| (claims.user, claims.session))
        .collect();
    let mut found = ctx.store.standings(&asked).await?.into_iter();
    let judge = |claims: Result<AccessClaims, TokenError>| {
        let claims = claims?;
        stands(claims, found.next().unwrap_or_default()).map(|_| ())
    };
    Ok(claims.into_iter().map(judge).collect())
}

/// User and login, if both still stand and the token is of the user's present epoch.
async fn standing(ctx: &Ctx, claims: AccessClaims) -> Result<(User, Session, Option<Maintenance>), Error> {
    stands(claims, ctx.store.standing(claims.user, claims.session).await?)
}

fn stands(claims: AccessClaims, found: Standing) -> Result<(User, Session, Option<Maintenance>), Error> {
    let ended = |why: &str| Error::TokenInvalid(why.to_owned());
    let session = found
        .session
        .filter(|session| session.user == claims.user)
        .ok_or_else(|| ended("the login has ended; log in again"))?;
    let user = found.user.ok_or_else(|| ended("the account is gone"))?;
    if !user.is_active {
        return Err(ended("the account is deactivated"));
    }
    if user.token_epoch != claims.epoch {
        return Err(ended("password or role changed since; log in again"));
    }
    let holds = found
        .maintenance
        .filter(|now| now.enabled && user.role != Role::Admin);
    Ok((user, session, holds))
}

fn tokens(
    ctx: &Ctx,
    user: &User,
    session: SessionId,
    id: Uuid,
    succeeds: Option<Uuid>,
) -> Result<Tokens, Error> {
    let of = AccessClaims {
        user: user.id,
        tenant: user.tenant,
        session,
        epoch: user.token_epoch,
    };
    let now = ctx.now();
    let sign = |error: TokenError| Error::internal(error);
    Ok(Tokens {
        access: ctx.keys.access_token(of, now).map_err(sign)?,
        refresh: ctx
            .keys
            .refresh_token(RefreshClaims { of, id, succeeds }, now)
            .map_err(sign)?,
        expires_in_s: ACCESS_TTL_S,
    })
}
