//! Registration: who may join which tenant, and as what.

use trunkline_auth::{Password, PasswordHash, Principal, fingerprint};
use trunkline_domain::{Error, Instant, Role, TenantId, Usd, User, UserId, error::Kind, tenant::Tenant};
use trunkline_store::identity::{Account, Invitation, NewAccount, NotRegistered};

use super::email::read_email;
use crate::{Ctx, settings::Registration};

/// What somebody who registers says of themselves.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// E-mail address, as typed.
    pub email: String,
    /// Password, as chosen.
    pub password: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Phone number, as given.
    pub phone: Option<String>,
    /// The role that is asked for; a tenant's first user is its manager whatever it says.
    pub role: Option<Role>,
    /// The tenant to join or to found; none founds one's own.
    pub tenant: Option<TenantId>,
    /// An invitation's token.
    pub invitation: Option<String>,
}

/// The most a new tenant may spend a day with a real carrier, until the admin says otherwise.
const DAILY_CAP: Usd = Usd::from_micros(100_000_000);

/// Makes a user. `by` is who asks with a token, if anybody.
///
/// # Errors
/// Fields that are wrong, an address that is taken, a tenant that one may not join, a closed registration.
pub async fn register(ctx: &Ctx, by: Option<&Principal>, new: NewUser) -> Result<User, Error> {
    let email = read_email("email", &new.email);
    let password = Password::chosen("password", &new.password);
    let (email, password) = match (email, password) {
        (Ok(email), Ok(password)) => (email, password),
        (email, password) => {
            return Err(Error::Invalid(
                [email.err(), password.err()].into_iter().flatten().collect(),
            ));
        }
    };
    let now = ctx.now();
    let invitation = match &new.invitation {
        Some(token) => Some(invitation(ctx, token, &email, new.tenant, now).await?),
        None => None,
    };
    let place = place(ctx, by, &new, invitation.as_ref()).await?;
    let hash = password.hash(salt(ctx)).await?;
    let user = User {
        id: UserId(ctx.ids.uuid()),
        tenant: place.tenant,
        email,
        first_name: new.first_name.trim().to_owned(),
        last_name: new.last_name.trim().to_owned(),
        phone: new.phone,
        role: place.role,
        is_active: true,
        token_epoch: 0,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    };
    let spends = new.invitation.as_deref().map(fingerprint);
    let founds = place.founds.then(|| tenant(ctx, place.tenant, now));
    write(ctx, user, &hash, founds.as_ref(), spends.as_deref(), false).await
}

/// Writes a user and says what stood in the way.
pub(super) async fn write(
    ctx: &Ctx,
    user: User,
    hash: &PasswordHash,
    founds: Option<&Tenant>,
    spends: Option<&str>,
    first_admin: bool,
) -> Result<User, Error> {
    let account = Account {
        user,
        password_hash: hash.as_str().to_owned(),
    };
    let new = NewAccount {
        account: &account,
        founds,
        spends,
        first_admin,
    };
    match ctx.store.register(new, ctx.now()).await? {
        Ok(()) => Ok(account.user),
        Err(NotRegistered::EmailTaken) => Err(Error::conflict(
            Kind::User,
            "a user with this e-mail address already exists",
        )),
        Err(NotRegistered::TenantTaken) => Err(not_a_member()),
        Err(NotRegistered::InvitationSpent) => Err(no_invitation()),
        Err(NotRegistered::AdminThere) => Err(Error::conflict(
            Kind::User,
            "the platform's first admin already exists",
        )),
    }
}

/// A tenant as it is founded.
pub(super) fn tenant(ctx: &Ctx, id: TenantId, now: Instant) -> Tenant {
    let simulated = ctx.settings.simulated_carrier;
    Tenant {
        id,
        country: None,
        may_dial: simulated,
        countries: Vec::new(),
        // The simulated carrier's money is not real.
        daily_cap: (!simulated).then_some(DAILY_CAP),
        created_at: now,
    }
}

pub(super) fn salt(ctx: &Ctx) -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&ctx.ids.secret()[..16]);
    salt
}

struct Place {
    tenant: TenantId,
    role: Role,
    founds: bool,
}

async fn place(
    ctx: &Ctx,
    by: Option<&Principal>,
    new: &NewUser,
    invitation: Option<&Invitation>,
) -> Result<Place, Error> {
    if let Some(invitation) = invitation {
        return Ok(Place {
            tenant: invitation.tenant,
            role: invitation.role,
            founds: false,
        });
    }
    let by_admin = by.is_some_and(|by| by.role == Role::Admin);
    if ctx.settings.registration == Registration::Closed && !by_admin {
        return Err(Error::Forbidden(
            "registration is closed: ask a manager for an invitation".to_owned(),
        ));
    }
    let found = match new.tenant {
        Some(id) => ctx.store.tenant(id).await?.is_some(),
        None => false,
    };
    if !found {
        let tenant = new.tenant.unwrap_or_else(|| TenantId(ctx.ids.uuid()));
        // Only an admin makes another; everybody else who founds a tenant is its manager.
        let role = if by_admin && new.role == Some(Role::Admin) {
            Role::Admin
        } else {
            Role::Manager
        };
        return Ok(Place {
            tenant,
            role,
            founds: true,
        });
    }
    let tenant = new.tenant.ok_or_else(not_a_member)?;
    let by = by
        .filter(|by| by_admin || (by.tenant == tenant && by.role.rank() >= Role::Manager.rank()))
        .ok_or_else(not_a_member)?;
    let role = allowed_role(by, new.role.unwrap_or(Role::User))?;
    Ok(Place {
        tenant,
        role,
        founds: false,
    })
}

/// A role that somebody may give: at most one's own.
pub(super) fn allowed_role(by: &Principal, asked: Role) -> Result<Role, Error> {
    if asked.rank() <= by.role.rank() {
        return Ok(asked);
    }
    let what = format!(
        "nobody gives a role above one's own: yours is `{}`, asked was `{}`",
        by.role.as_str(),
        asked.as_str()
    );
    Err(Error::Forbidden(what))
}

async fn invitation(
    ctx: &Ctx,
    token: &str,
    email: &str,
    tenant: Option<TenantId>,
    now: Instant,
) -> Result<Invitation, Error> {
    let found = ctx.store.invitation(&fingerprint(token), now).await?;
    let fits = |invitation: &Invitation| {
        invitation.email == email && tenant.is_none_or(|tenant| tenant == invitation.tenant)
    };
    found.filter(fits).ok_or_else(no_invitation)
}

pub(super) fn no_invitation() -> Error {
    Error::Forbidden("the invitation is spent, over, or not for this e-mail address".to_owned())
}

fn not_a_member() -> Error {
    Error::Forbidden("this tenant is taken: to join it, ask its manager for an invitation".to_owned())
}
