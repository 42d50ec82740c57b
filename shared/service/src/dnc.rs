//! The do-not-call list of a tenant: who is on it, by whom and until when.

use trunkline_auth::Principal;
use trunkline_domain::{
    E164, Error, FieldError, Instant, Role,
    error::Kind,
    page::{Page, PageQuery},
};
pub use trunkline_store::DncEntry;

use trunkline_store::{CallFilter, CallOrder};

use crate::{Ctx, campaigns::country, dialing::opt_out, operators};

/// Marks that a tick looks at of each shard.
const A_SHARD: i32 = 500;

/// A number to be put on the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// The number; a national one is read with the tenant's country.
    pub phone: Option<String>,
    /// How the wish came, in the client's word; unless given `operator` of a human agent, else `api`.
    pub source: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Until when; none: for good.
    pub expires_at: Option<Instant>,
}

/// A page of the tenant's list, newest first; of one number its entry alone.
///
/// # Errors
/// [`Error::Invalid`] for a wrong cursor.
pub async fn list(
    ctx: &Ctx,
    who: &Principal,
    phone: Option<&E164>,
    page: &PageQuery,
) -> Result<Page<DncEntry>, Error> {
    who.require(Role::User)?;
    let Some(phone) = phone else {
        return Ok(ctx.store.list_dnc(who.tenant, page).await?);
    };
    let found = ctx.store.dnc(who.tenant, phone).await?;
    Ok(Page {
        total: u64::from(found.is_some()),
        items: found
            .into_iter()
            .skip(usize::try_from(page.skip).unwrap_or(usize::MAX))
            .collect(),
        total_is_lower_bound: false,
        next_cursor: None,
    })
}

/// Puts a number on the list. From then on no campaign of the tenant dials it, and a call to it that is not answered yet is withdrawn. A
/// number that is on the list already keeps its entry, which only becomes longer. A human agent puts numbers of its own calls there.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field; [`Error::Forbidden`] for a human agent that never was in a call with the number.
pub async fn add(ctx: &Ctx, who: &Principal, new: NewEntry) -> Result<DncEntry, Error> {
    let now = ctx.now();
    let mut errors = Vec::new();
    let mut text = |field: &str, text: Option<String>, most: usize| {
        let text = text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            let what = format!("must be at most {most} characters");
            errors.push(FieldError::new(field, what));
        }
        text
    };
    let source = text("source", new.source, 64);
    let reason = text("reason", new.reason, 500);
    if new.expires_at.is_some_and(|end| end <= now) {
        let what = "must be in the future; leave it out for a mark that stays";
        errors.push(FieldError::new("expires_at", what));
    }
    let phone = read(ctx, who, new.phone.as_deref()).await;
    let phone = match phone {
        Ok(phone) if errors.is_empty() => phone,
        Err(Error::Invalid(wrong)) => return Err(Error::Invalid([wrong, errors].concat())),
        Ok(_) => return Err(Error::Invalid(errors)),
        Err(error) => return Err(error),
    };
    let usual = if who.role == Role::Agent {
        heard_it(ctx, who, &phone).await?;
        "operator"
    } else {
        "api"
    };
    let entry = DncEntry {
        source: source.unwrap_or_else(|| usual.to_owned()),
        reason,
        added_by: Some(who.user),
        expires_at: new.expires_at,
        ..DncEntry::lasting(who.tenant, &phone, usual, now)
    };
    opt_out::mark(ctx, &entry).await?;
    // As it stands: an earlier entry may be the longer one. Gone again already: what was asked was done.
    Ok(ctx.store.dnc(who.tenant, &phone).await?.unwrap_or(entry))
}

/// Refuses a human agent that is not, and never was, in a call with the number: only there it can have heard the wish.
async fn heard_it(ctx: &Ctx, who: &Principal, phone: &E164) -> Result<(), Error> {
    if let Some(own) = operators::own(ctx, who).await? {
        // Its row first: the index of its calls may be a moment behind.
        for id in &own.calls {
            let call = ctx.store.call(who.tenant, *id).await?;
            if call.is_some_and(|call| call.to == *phone) {
                return Ok(());
            }
        }
        let with_it = CallFilter {
            operator: Some(own.id),
            phone: Some(phone.clone()),
            ..CallFilter::default()
        };
        let one = PageQuery {
            limit: 1,
            ..PageQuery::default()
        };
        let calls = ctx
            .store
            .list_calls_alone(who.tenant, &with_it, CallOrder::Newest, &one);
        if !calls.await?.items.is_empty() {
            return Ok(());
        }
    }
    let what = "a human agent puts numbers of its own calls on the list; ask a colleague with the role `user` for any other";
    Err(Error::Forbidden(what.to_owned()))
}

/// Takes a number off the list. Leads that were given up for it stay so; importing them again calls them.
///
/// # Errors
/// [`Error::NotFound`] when it is not on it; [`Error::Invalid`] for what is no number.
pub async fn remove(ctx: &Ctx, who: &Principal, phone: Option<&str>) -> Result<(), Error> {
    who.require(Role::Manager)?;
    let phone = read(ctx, who, phone).await?;
    if ctx.store.lift_dnc(who.tenant, &phone, None).await? {
        Ok(())
    } else {
        Err(Error::NotFound(Kind::DoNotCall))
    }
}

/// Lifts marks that have ended; how many.
///
/// # Errors
/// When the store does not answer; the next tick finds the same.
pub async fn lift_ended(ctx: &Ctx) -> Result<usize, Error> {
    let now = ctx.now();
    let mut lifted = 0;
    for (tenant, phone) in ctx.store.ended_dnc(now, A_SHARD).await? {
        lifted += usize::from(ctx.store.lift_dnc(tenant, &phone, Some(now)).await?);
    }
    Ok(lifted)
}

async fn read(ctx: &Ctx, who: &Principal, phone: Option<&str>) -> Result<E164, Error> {
    let Some(text) = phone.map(str::trim).filter(|text| !text.is_empty()) else {
        let what = "is required: the number that is not to be called, such as +14155552671";
        return Err(Error::Invalid(vec![FieldError::phone("phone", what)]));
    };
    let country = country(ctx, who.tenant).await?;
    E164::read(text, country.as_deref())
        .map_err(|error| Error::Invalid(vec![FieldError::phone("phone", error.to_string())]))
}
