//! Sending again: one event, or all since a moment.

use chrono::Duration;
use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Instant, TenantId,
    error::Kind,
    id::{DeliveryId, EventId, SubscriptionId},
};
use trunkline_queue::WebhookJob;
use trunkline_store::keys;
use uuid::Uuid;

use super::{attempt, get};
use crate::Ctx;

/// Deliveries that one message begins anew; then it asks for the next.
const A_TIME: i32 = 100;

/// What is to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// One event.
    Event(EventId),
    /// All events from a moment on, those that were delivered too.
    Since(Instant),
}

/// Sends again what a subscription was or should have been told in the last 30 days, under the same `webhook-id`s.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it is switched off; [`Error::Invalid`] for an event that was never for it or a moment
/// to come; [`Error::Unavailable`] when the queue does not take it.
pub async fn replay(ctx: &Ctx, who: &Principal, id: SubscriptionId, what: Replay) -> Result<(), Error> {
    let subscription = get(ctx, who, id).await?;
    if !subscription.is_active {
        let what = "the webhook is switched off; switch it on first (is_active: true)";
        return Err(Error::conflict(Kind::Subscription, what));
    }
    match what {
        Replay::Event(event) => one(ctx, id, event).await,
        Replay::Since(since) if since > ctx.now() => {
            Err(Error::invalid("since", "must not be in the future"))
        }
        Replay::Since(since) => {
            let from = keys::delivered_order(since, DeliveryId(Uuid::nil()));
            queue(ctx, who.tenant, id, from).await.map_err(|error| {
                tracing::warn!(webhook.id = %id, "a replay could not be queued: {error}");
                let what = "the queue does not take it now; try again".to_owned();
                Error::Unavailable {
                    what,
                    retry_after_s: 5,
                }
            })
        }
    }
}

async fn one(ctx: &Ctx, id: SubscriptionId, event: EventId) -> Result<(), Error> {
    let now = ctx.now();
    let Some(delivery) = ctx.store.delivery(DeliveryId::of(event, id), now).await? else {
        let what = "no event with this id was for this webhook in the last 30 days";
        return Err(Error::invalid("event_id", what));
    };
    if ctx.store.begin_again(&delivery, now).await? {
        attempt::wake(ctx, delivery.id, Duration::zero()).await;
    }
    // Otherwise it is being sent in this moment, which is what was asked for.
    Ok(())
}

/// Begins some deliveries anew, from a place in their list on, and asks for the rest. A repeated message sends some twice, which their
/// `webhook-id` tells.
///
/// # Errors
/// When store or queue do not answer; repeating is harmless.
pub async fn replay_some(ctx: &Ctx, tenant: TenantId, id: SubscriptionId, from: &str) -> Result<(), Error> {
    let Some(subscription) = ctx.store.subscription(tenant, id).await? else {
        return Ok(());
    };
    if !subscription.is_active {
        return Ok(());
    }
    let now = ctx.now();
    let (deliveries, next) = ctx.store.list_deliveries(id, from, A_TIME, now).await?;
    for delivery in deliveries {
        if let Some(delivery) = ctx.store.delivery(delivery, now).await?
            && ctx.store.begin_again(&delivery, now).await?
        {
            attempt::wake(ctx, delivery.id, Duration::zero()).await;
        }
    }
    match next {
        Some(from) => queue(ctx, tenant, id, from).await,
        None => Ok(()),
    }
}

async fn queue(ctx: &Ctx, tenant: TenantId, subscription: SubscriptionId, from: String) -> Result<(), Error> {
    let job = WebhookJob::Replay {
        tenant,
        subscription,
        from,
    };
    ctx.queues.webhook(&job, 0).await.map_err(Error::internal)
}
