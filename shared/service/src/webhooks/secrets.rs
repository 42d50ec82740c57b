//! A subscription's secrets: sealed in the store, open only to sign and, once, to show.

use trunkline_domain::{Error, Instant, TenantId, id::SubscriptionId};
use trunkline_events::{SigningSecret, Subscription};

use crate::Ctx;

/// A new secret, and what is stored of it.
pub(super) fn fresh(
    ctx: &Ctx,
    tenant: TenantId,
    id: SubscriptionId,
) -> Result<(SigningSecret, String), Error> {
    let secret = SigningSecret::new(ctx.ids.secret());
    let sealed = ctx.keys.seal().seal(tenant, id.0, &secret.reveal());
    Ok((secret, sealed.map_err(Error::internal)?))
}

/// The secret that signs.
pub(super) fn current(ctx: &Ctx, subscription: &Subscription) -> Result<SigningSecret, Error> {
    open(ctx, subscription, &subscription.secret)
}

/// All that sign now: the current one first, and for a while the one that it replaced.
pub(super) fn signing(
    ctx: &Ctx,
    subscription: &Subscription,
    now: Instant,
) -> Result<Vec<SigningSecret>, Error> {
    let mut secrets = vec![current(ctx, subscription)?];
    if let Some(previous) = subscription
        .previous
        .as_ref()
        .filter(|previous| previous.until > now)
    {
        secrets.push(open(ctx, subscription, &previous.secret)?);
    }
    Ok(secrets)
}

fn open(ctx: &Ctx, subscription: &Subscription, sealed: &str) -> Result<SigningSecret, Error> {
    let text = ctx
        .keys
        .seal()
        .open(subscription.tenant, subscription.id.0, sealed);
    let text = text.map_err(Error::internal)?;
    SigningSecret::read(&text).ok_or_else(|| Error::internal("a webhook's secret is of no known shape"))
}
