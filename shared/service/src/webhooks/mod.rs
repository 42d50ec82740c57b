//! Outbound webhooks: subscriptions, and how events reach them.

mod announce;
mod attempt;
mod due;
mod edit;
mod list;
mod message;
mod payload;
mod replay;
mod secrets;
mod test;

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role,
    error::Kind,
    id::SubscriptionId,
    page::{Page, PageQuery},
};
use trunkline_events::{Subscription, Try};

use crate::Ctx;

pub use announce::announce;
pub use attempt::attempt;
pub use due::wake_due;
pub use edit::{Made, NewSubscription, SubscriptionPatch, create, rotate_secret, update};
pub use list::{SORTS, SubscriptionSort, SubscriptionsQuery, list};
pub use replay::{Replay, replay, replay_some};
pub use test::{Tested, test};

/// A subscription of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: SubscriptionId) -> Result<Subscription, Error> {
    who.require(Role::User)?;
    ctx.store
        .subscription(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Subscription))
}

/// Deletes a subscription; what is on its way to it is given up.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn delete(ctx: &Ctx, who: &Principal, id: SubscriptionId) -> Result<(), Error> {
    who.require(Role::User)?;
    if ctx.store.delete_subscription(who.tenant, id).await? {
        Ok(())
    } else {
        Err(Error::NotFound(Kind::Subscription))
    }
}

/// A page of a subscription's tries of the last 30 days, newest first.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a wrong cursor.
pub async fn logs(
    ctx: &Ctx,
    who: &Principal,
    id: SubscriptionId,
    page: &PageQuery,
) -> Result<Page<Try>, Error> {
    get(ctx, who, id).await?;
    Ok(ctx.store.list_tries(id, page, ctx.now()).await?)
}
