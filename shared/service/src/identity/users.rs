//! Users: who may see and change whom.

use chrono::TimeDelta;
use trunkline_auth::{Password, PasswordHash, Principal};
use trunkline_domain::{Error, Role, User, UserId, error::Kind};
use trunkline_store::identity::UserNotWritten;

use super::register::{allowed_role, salt};
use crate::Ctx;

/// How often a change that met another is tried anew.
const TRIES: usize = 8;

/// A change of a user; none keeps.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Phone number; the inner none clears.
    pub phone: Option<Option<String>>,
    /// What it may do: changed by managers and admins, never one's own.
    pub role: Option<RoleChange>,
    /// Whether it may log in: changed by managers and admins, never one's own.
    pub is_active: Option<bool>,
    /// A new password: one's own alone.
    pub password: Option<PasswordChange>,
}

/// A new role, by the words that may mean two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChange {
    /// This one.
    Exactly(Role),
    /// This one, as VoiceERA's document shows it: everybody but an admin is a `user` there, and stays what they are.
    Shown(Role),
}

impl RoleChange {
    fn of(self, old: Role) -> Role {
        match self {
            Self::Shown(Role::User) if old != Role::Admin => old,
            Self::Exactly(role) | Self::Shown(role) => role,
        }
    }
}

/// A new password with the one that it replaces.
#[derive(Clone)]
pub struct PasswordChange {
    /// The new one.
    pub new: String,
    /// The one that holds until now, as typed.
    pub current: Option<String>,
}

impl std::fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordChange(…)")
    }
}

/// A user's version: rises with every change of what is shown.
#[must_use]
pub fn version(user: &User) -> u64 {
    u64::try_from(user.updated_at.timestamp_millis()).unwrap_or(0)
}

/// A user: oneself, one of the manager's tenant, anybody for the admin.
///
/// # Errors
/// [`Error::NotFound`], also for another tenant's; [`Error::Forbidden`] for who is no manager.
pub async fn user(ctx: &Ctx, by: &Principal, id: UserId) -> Result<User, Error> {
    let found = ctx.store.user(id).await?;
    let user = found
        .filter(|user| user.tenant == by.tenant || by.role == Role::Admin)
        .ok_or(Error::NotFound(Kind::User))?;
    if user.id != by.user {
        by.require(Role::Manager)?;
    }
    Ok(user)
}

/// Changes a user, if its version is `fresh` to the client. A changed password, role or activation ends all of its tokens.
///
/// # Errors
/// As [`user`]; [`Error::Forbidden`] for what one may not change; [`Error::Invalid`]; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    by: &Principal,
    id: UserId,
    patch: &UserPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<User, E> {
    // Before the password is looked at: who may not ask for it is told nothing.
    user_to_change(ctx, by, id).await?;
    let hash = match &patch.password {
        Some(change) => Some(new_hash(ctx, by, id, change).await?),
        None => None,
    };
    for _ in 0..TRIES {
        let old = user_to_change(ctx, by, id).await?;
        fresh(version(&old))?;
        let new = changed(ctx, by, &old, patch)?;
        let demoted = new.role != old.role || new.is_active != old.is_active;
        let admin_stays = (demoted && old.role == Role::Admin).then_some(by.user);
        let hash = hash.as_ref().map(PasswordHash::as_str);
        let ends_tokens = demoted || hash.is_some();
        let written = ctx
            .store
            .update_user(&old, &new, hash, ends_tokens, admin_stays)
            .await;
        match written.map_err(Error::from)? {
            Ok(()) => return Ok(new),
            Err(UserNotWritten::Changed) => {}
            Err(UserNotWritten::NoAdminLeft) => return Err(no_admin().into()),
        }
    }
    Err(busy().into())
}

/// Lets a user log in, or ends all of its logins at once and lets it no more: for the admin.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`]; [`Error::Conflict`] for oneself.
pub async fn set_active(ctx: &Ctx, by: &Principal, id: UserId, is_active: bool) -> Result<User, Error> {
    by.require(Role::Admin)?;
    if id == by.user && !is_active {
        return Err(Error::conflict(
            Kind::User,
            "nobody deactivates themselves: another admin can",
        ));
    }
    let patch = UserPatch {
        is_active: Some(is_active),
        ..UserPatch::default()
    };
    update(ctx, by, id, &patch, |_| Ok::<(), Error>(())).await
}

/// Deletes a user, with all of its logins. What it made stays the tenant's.
///
/// # Errors
/// As [`user`]; [`Error::Conflict`] while a campaign of the user's has a call in progress, and for an admin's own account.
pub async fn delete(ctx: &Ctx, by: &Principal, id: UserId) -> Result<(), Error> {
    for _ in 0..TRIES {
        let user = user_to_change(ctx, by, id).await?;
        if user.role == Role::Admin && id == by.user {
            return Err(Error::conflict(
                Kind::User,
                "an admin's account is deleted by another admin",
            ));
        }
        let campaigns = ctx.store.list_campaigns_by_tenant(user.tenant).await?;
        let own = campaigns.iter().filter(|campaign| campaign.created_by == id);
        let own: Vec<_> = own.map(|campaign| campaign.id).collect();
        if ctx.store.any_in_progress(&own).await? {
            return Err(Error::conflict(
                Kind::User,
                "a campaign of this user has a call in progress; delete the user after the call",
            ));
        }
        let admin_stays = (user.role == Role::Admin).then_some(by.user);
        match ctx.store.delete_user(&user, admin_stays).await? {
            Ok(()) => return Ok(()),
            Err(UserNotWritten::Changed) => {}
            Err(UserNotWritten::NoAdminLeft) => return Err(no_admin()),
        }
    }
    Err(busy())
}

/// A user whom one may change: nobody changes who ranks above them.
async fn user_to_change(ctx: &Ctx, by: &Principal, id: UserId) -> Result<User, Error> {
    let user = user(ctx, by, id).await?;
    if user.id != by.user {
        by.require(user.role)?;
    }
    Ok(user)
}

fn changed(ctx: &Ctx, by: &Principal, old: &User, patch: &UserPatch) -> Result<User, Error> {
    let mut new = old.clone();
    if let Some(name) = &patch.first_name {
        name.trim().clone_into(&mut new.first_name);
    }
    if let Some(name) = &patch.last_name {
        name.trim().clone_into(&mut new.last_name);
    }
    if let Some(phone) = &patch.phone {
        new.phone.clone_from(phone);
    }
    let role = patch.role.map(|change| change.of(old.role));
    if let Some(role) = role.filter(|role| *role != old.role) {
        if old.id == by.user {
            return Err(Error::Forbidden("nobody changes their own role".to_owned()));
        }
        new.role = allowed_role(by, role)?;
    }
    if let Some(is_active) = patch.is_active.filter(|is_active| *is_active != old.is_active) {
        if old.id == by.user {
            return Err(Error::Forbidden("nobody deactivates themselves".to_owned()));
        }
        new.is_active = is_active;
    }
    // It is the version too, so no two changes share one.
    new.updated_at = ctx.now().max(old.updated_at + TimeDelta::milliseconds(1));
    Ok(new)
}

async fn new_hash(
    ctx: &Ctx,
    by: &Principal,
    id: UserId,
    change: &PasswordChange,
) -> Result<PasswordHash, Error> {
    if id != by.user {
        let what = "nobody sets another's password: they reset it themselves with POST /auth/forgot-password";
        return Err(Error::Forbidden(what.to_owned()));
    }
    let chosen = Password::chosen("password", &change.new).map_err(|field| Error::Invalid(vec![field]))?;
    let current = change.current.as_deref().ok_or_else(|| {
        Error::invalid(
            "current_password",
            "it is required with `password`: the password that holds until now",
        )
    })?;
    let account = ctx.store.account_by_email(&by.email).await?;
    let stored = account.map(|account| PasswordHash::stored(account.password_hash));
    if !Password::typed(current).matches(stored.as_ref()).await? {
        return Err(Error::invalid(
            "current_password",
            "it is not the password that holds until now",
        ));
    }
    chosen.hash(salt(ctx)).await
}

fn no_admin() -> Error {
    Error::Forbidden("your own account is no longer an active admin's".to_owned())
}

fn busy() -> Error {
    Error::Unavailable {
        what: "the user is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
