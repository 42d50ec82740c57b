//! Groups of human agents. Who is given none joins the tenant's default one.

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, FieldError, Role, TenantId,
    error::Kind,
    id::{GroupId, derived},
    operator::Group,
};
use trunkline_store::operators::GroupNotWritten;

use super::{TRIES, fields::read_name};
use crate::Ctx;

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPatch {
    /// Unique in the tenant, in any case; cannot be cleared.
    pub name: Option<Option<String>>,
    /// What it is for.
    pub description: Option<Option<String>>,
}

/// A group of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn group(ctx: &Ctx, who: &Principal, id: GroupId) -> Result<Group, Error> {
    who.require(Role::User)?;
    ctx.store
        .group(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Group))
}

/// The tenant's groups, newest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list_groups(ctx: &Ctx, who: &Principal) -> Result<Vec<Group>, Error> {
    who.require(Role::User)?;
    let mut groups = ctx.store.list_groups_by_tenant(who.tenant).await?;
    groups.sort_by_key(|group| (std::cmp::Reverse(group.created_at), group.id));
    Ok(groups)
}

/// Makes a group under this id, which an idempotent request derives from its key.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field, [`Error::Conflict`] a name that is taken.
pub async fn create_group(ctx: &Ctx, who: &Principal, id: GroupId, new: &GroupPatch) -> Result<Group, Error> {
    who.require(Role::Manager)?;
    let required = GroupPatch {
        name: Some(new.name.clone().flatten()),
        ..new.clone()
    };
    let group = required.applied(blank(ctx, who.tenant, id))?;
    match ctx.store.create_group(&group).await? {
        Ok(()) => Ok(group),
        Err(GroupNotWritten::NameTaken) => Err(taken(&group.name)),
        // The id is there already: an earlier run of this very request made it.
        Err(GroupNotWritten::Changed | GroupNotWritten::HasMembers) => self::group(ctx, who, id).await,
    }
}

/// Changes a group, if its version is `fresh` to the client.
///
/// # Errors
/// As of [`create_group`]; [`Error::NotFound`]; what `fresh` says.
pub async fn update_group<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: GroupId,
    patch: &GroupPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<Group, E> {
    who.require(Role::Manager)?;
    for _ in 0..TRIES {
        let old = group(ctx, who, id).await?;
        fresh(old.version)?;
        let mut new = patch.applied(old.clone())?;
        new.version += 1;
        new.updated_at = ctx.now();
        match ctx.store.update_group(&old, &new).await.map_err(Error::from)? {
            Ok(()) => return Ok(new),
            Err(GroupNotWritten::NameTaken) => return Err(taken(&new.name).into()),
            Err(GroupNotWritten::Changed | GroupNotWritten::HasMembers) => {}
        }
    }
    Err(busy().into())
}

/// Deletes a group that nobody is in and no live campaign gives its calls to.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while it is used.
pub async fn delete_group(ctx: &Ctx, who: &Principal, id: GroupId) -> Result<(), Error> {
    who.require(Role::Manager)?;
    for _ in 0..TRIES {
        let group = group(ctx, who, id).await?;
        if group.members > 0 {
            let what = format!(
                "{} agents are in this group; give them another one first",
                group.members
            );
            return Err(Error::conflict(Kind::Group, what));
        }
        let campaigns = ctx.store.list_campaigns_by_tenant(who.tenant).await?;
        if let Some(user) = campaigns
            .iter()
            .find(|campaign| campaign.group == Some(id) && campaign.state.is_live())
        {
            let what = format!(
                "the {} campaign `{}` uses this group; give it another one or stop it first",
                user.state.as_str(),
                user.name
            );
            return Err(Error::conflict(Kind::Group, what));
        }
        match ctx.store.delete_group(&group).await? {
            Ok(()) => return Ok(()),
            Err(GroupNotWritten::Changed | GroupNotWritten::HasMembers | GroupNotWritten::NameTaken) => {}
        }
    }
    Err(busy())
}

/// The tenant's default group, if somebody needed one before.
///
/// # Errors
/// When the store does not answer.
pub async fn known_default_group(ctx: &Ctx, tenant: TenantId) -> Result<Option<GroupId>, Error> {
    let id = GroupId(derived(&format!("default group of {tenant}")));
    if ctx.store.group(tenant, id).await?.is_some() {
        return Ok(Some(id));
    }
    let named = ctx.store.group_by_name(tenant, DEFAULT).await?;
    Ok(named.map(|group| group.id))
}

/// The tenant's default group, made when it is first needed.
pub(super) async fn default_group(ctx: &Ctx, tenant: TenantId) -> Result<Group, Error> {
    let id = GroupId(derived(&format!("default group of {tenant}")));
    if let Some(group) = ctx.store.group(tenant, id).await? {
        return Ok(group);
    }
    let group = Group {
        name: DEFAULT.to_owned(),
        ..blank(ctx, tenant, id)
    };
    match ctx.store.create_group(&group).await? {
        Ok(()) => Ok(group),
        // Somebody made one of this name: that is the default one then. Or another request made ours just now.
        Err(GroupNotWritten::NameTaken | GroupNotWritten::Changed | GroupNotWritten::HasMembers) => {
            ctx.store.group_by_name(tenant, DEFAULT).await?.ok_or_else(busy)
        }
    }
}

const DEFAULT: &str = "Default";

fn blank(ctx: &Ctx, tenant: TenantId, id: GroupId) -> Group {
    let now = ctx.now();
    Group {
        id,
        tenant,
        name: String::new(),
        description: None,
        members: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

impl GroupPatch {
    fn applied(&self, mut group: Group) -> Result<Group, Error> {
        let mut errors = Vec::new();
        if let Some(name) = &self.name {
            match read_name(name.as_deref()) {
                Ok(name) => group.name = name,
                Err(error) => errors.push(error),
            }
        }
        if let Some(description) = &self.description {
            let text = description.as_deref().map(str::trim).unwrap_or_default();
            if text.chars().count() > 1_000 {
                errors.push(FieldError::new("description", "must be at most 1000 characters"));
            }
            group.description = (!text.is_empty()).then(|| text.to_owned());
        }
        if errors.is_empty() {
            Ok(group)
        } else {
            Err(Error::Invalid(errors))
        }
    }
}

fn taken(name: &str) -> Error {
    Error::conflict(
        Kind::Group,
        format!("another agent group is named `{name}`; names are unique in any case"),
    )
}

fn busy() -> Error {
    Error::Unavailable {
        what: "the agent group is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
