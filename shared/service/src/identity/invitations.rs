//! Invitations: a manager lets somebody join the tenant, by one address and as one role.

use chrono::TimeDelta;
use trunkline_auth::{OneUseToken, Principal, fingerprint};
use trunkline_domain::{Error, Instant, Role, User};
use trunkline_store::{StoreError, identity::Invitation};
use uuid::Uuid;

use super::{
    email::read_email,
    register::{allowed_role, no_invitation},
};
use crate::{Ctx, mail};

/// How long an invitation stands.
const STANDS_DAYS: i64 = 7;

/// An invitation, as its maker sees it: the only time that the token is shown.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Its id.
    pub id: Uuid,
    /// To be given to the invited.
    pub token: OneUseToken,
    /// When it ends.
    pub expires: Instant,
}

/// Invites somebody into the asker's tenant.
///
/// # Errors
/// [`Error::Forbidden`] for who is no manager or gives a role above their own; a wrong address.
pub async fn invite(ctx: &Ctx, by: &Principal, email: &str, role: Role) -> Result<Invited, Error> {
    by.require(Role::Manager)?;
    let role = allowed_role(by, role)?;
    let email = read_email("email", email).map_err(|field| Error::Invalid(vec![field]))?;
    let token = OneUseToken::new(ctx.ids.secret());
    let expires = ctx.now() + TimeDelta::days(STANDS_DAYS);
    let id = ctx.ids.uuid();
    let body = format!(
        "{} invites you to {} as `{}`.\n\nRegister with this address and the invitation, good until {}:\n\n{}\n",
        by.email,
        ctx.settings.public_url,
        role.as_str(),
        expires.format("%Y-%m-%d %H:%M UTC"),
        token.reveal(),
    );
    let letter = mail::letter(ctx, &email, "You are invited", body);
    let invitation = Invitation {
        id,
        tenant: by.tenant,
        email,
        role,
        invited_by: by.user,
        expires,
    };
    ctx.store
        .put_invitation(&token.fingerprint(), &invitation)
        .await?;
    mail::send(ctx, &letter).await?;
    Ok(Invited { id, token, expires })
}

/// A user who is logged in accepts an invitation to their address: they move to its tenant, and log in again there.
///
/// # Errors
/// [`Error::Forbidden`] when the invitation is spent, over or not theirs, or when the admin would lose their role.
pub async fn accept_invitation(ctx: &Ctx, by: &Principal, token: &str) -> Result<User, Error> {
    if by.role == Role::Admin {
        return Err(Error::Forbidden(
            "the platform's admin joins no tenant".to_owned(),
        ));
    }
    let now = ctx.now();
    let fingerprint = fingerprint(token);
    let found = ctx.store.invitation(&fingerprint, now).await?;
    let invitation = found
        .filter(|invitation| invitation.email == by.email)
        .ok_or_else(no_invitation)?;
    match ctx
        .store
        .move_user(by.user, by.tenant, &fingerprint, &invitation, now)
        .await
    {
        Ok(()) => super::me(ctx, by).await,
        Err(StoreError::Condition(_)) => Err(no_invitation()),
        Err(error) => Err(error.into()),
    }
}
