//! Making and changing human agents.

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, OperatorId, Role,
    error::Kind,
    id::GroupId,
    operator::{Operator, OperatorStatus},
};
use trunkline_events::Event;
use trunkline_store::operators::OperatorNotWritten;

use super::{
    Known, OperatorPatch, TRIES, busy,
    fields::{read_name, read_phone, zone_of},
    get, groups, known,
};
use crate::{Ctx, bridging, campaigns::country, realtime};

/// Makes a human agent under this id, which an idempotent request derives from its key. It takes no calls before it says that it is
/// available.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field; [`Error::Conflict`] for an e-mail address that another one has.
pub async fn create(
    ctx: &Ctx,
    who: &Principal,
    id: OperatorId,
    new: &OperatorPatch,
    status: OperatorStatus,
) -> Result<Known, Error> {
    who.require(Role::Manager)?;
    let country = country(ctx, who.tenant).await?;
    let name = read_name(new.name.as_ref().and_then(Option::as_deref));
    let phone = read_phone(new.phone.as_ref().and_then(Option::as_deref), country.as_deref());
    let (name, phone) = match (name, phone) {
        (Ok(name), Ok(phone)) => (name, phone),
        (name, phone) => {
            return Err(Error::Invalid(
                [name.err(), phone.err()].into_iter().flatten().collect(),
            ));
        }
    };
    let now = ctx.now();
    let blank = Operator {
        id,
        tenant: who.tenant,
        name,
        timezone: zone_of(&phone),
        phone,
        email: None,
        group: GroupId(uuid::Uuid::nil()),
        status,
        max_concurrent_calls: 1,
        calls: Vec::new(),
        total_calls: 0,
        total_talk_s: 0,
        working_hours: None,
        is_active: true,
        idle_since: now,
        last_active_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut operator = new.applied(blank, country.as_deref())?;
    operator.group = group_of(ctx, who, new.group.flatten()).await?;
    match ctx.store.create_operator(&operator).await? {
        Ok(()) => known(ctx, operator).await,
        Err(OperatorNotWritten::EmailTaken) => Err(taken(&operator)),
        Err(OperatorNotWritten::NoGroup) => Err(no_group()),
        // The id is there already: an earlier run of this very request made it.
        Err(OperatorNotWritten::Changed) => get(ctx, who, id).await,
    }
}

/// Changes a human agent, if its version is `fresh` to the client.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`]; [`Error::Conflict`] for an e-mail address that another one has; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: OperatorId,
    patch: &OperatorPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<Known, E> {
    who.require(Role::Manager)?;
    let country = country(ctx, who.tenant).await?;
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?.operator;
        fresh(old.version)?;
        let mut new = patch.applied(old.clone(), country.as_deref())?;
        if let Some(asked) = patch.group {
            new.group = group_of(ctx, who, asked).await?;
        }
        new.version += 1;
        new.updated_at = ctx.now();
        match ctx.store.update_operator(&old, &new).await.map_err(Error::from)? {
            Ok(()) => {
                if old.status != new.status {
                    realtime::tell(ctx, &Event::of_status(&new)).await;
                }
                // Who came to another group, is active again or takes more calls at once may take one now.
                bridging::wake(ctx, &new).await;
                return Ok(known(ctx, new).await?);
            }
            Err(OperatorNotWritten::EmailTaken) => return Err(taken(&new).into()),
            Err(OperatorNotWritten::NoGroup) => return Err(no_group().into()),
            Err(OperatorNotWritten::Changed) => {}
        }
    }
    Err(busy().into())
}

/// The group that is asked for, which must be there; none: the tenant's default one.
async fn group_of(ctx: &Ctx, who: &Principal, asked: Option<GroupId>) -> Result<GroupId, Error> {
    match asked {
        None => Ok(groups::default_group(ctx, who.tenant).await?.id),
        Some(id) => match ctx.store.group(who.tenant, id).await? {
            Some(group) => Ok(group.id),
            None => Err(no_group()),
        },
    }
}

fn no_group() -> Error {
    Error::invalid("agent_group_id", "there is no agent group with this id")
}

fn taken(operator: &Operator) -> Error {
    let email = operator.email.as_deref().unwrap_or_default();
    let what = format!("another agent has the e-mail address {email}");
    Error::conflict(Kind::Operator, what)
}
