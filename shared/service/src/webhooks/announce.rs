//! From an event to deliveries: only kept and queued here, sent by job-webhooks.

use chrono::Duration;
use trunkline_domain::{Error, id::DeliveryId};
use trunkline_events::{Delivery, Event, Stage, Topic};

use super::{attempt, payload};
use crate::Ctx;

/// Keeps an event's delivery for each subscription that is told of it, once, however often the event comes.
///
/// # Errors
/// When the store does not answer; the event then comes again.
pub async fn announce(ctx: &Ctx, event: &Event) -> Result<(), Error> {
    let Some(topic) = Topic::of(event.kind) else {
        return Ok(());
    };
    let all = ctx.store.list_subscriptions_by_tenant(event.tenant).await?;
    let mut told = all.into_iter().filter(|one| one.is_told(event)).peekable();
    if told.peek().is_none() {
        return Ok(());
    }
    let Some(body) = payload::of(ctx, event).await? else {
        return Ok(());
    };
    let now = ctx.now();
    for subscription in told {
        let delivery = Delivery {
            id: DeliveryId::of(event.id, subscription.id),
            tenant: event.tenant,
            subscription: subscription.id,
            event: event.id,
            topic,
            body: body.clone(),
            at: event.at,
            stage: if subscription.is_active {
                Stage::Pending
            } else {
                Stage::Held
            },
            tries: 0,
            step: 0,
            next_ms: now.timestamp_millis(),
            lease_ms: 0,
        };
        if ctx.store.put_delivery(&delivery, now).await? && subscription.is_active {
            attempt::wake(ctx, delivery.id, Duration::zero()).await;
        }
    }
    Ok(())
}
