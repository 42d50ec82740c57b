//! One try at a delivery.
//!
//! It is taken in hand, sent, and what came of it is noted. Dying in between leaves it due: once the hold is over it is sent again,
//! with the same `webhook-id`.

use chrono::Duration;
use trunkline_domain::{Error, id::DeliveryId};
use trunkline_events::{Delivery, Stage, Subscription, Try};
use trunkline_queue::WebhookJob;
use trunkline_store::deliveries::HOLD;

use super::{
    edit,
    message::{Sent, send},
};
use crate::{Ctx, identity};

/// How long a receiver may fail at everything before it is switched off.
const PATIENCE: Duration = Duration::days(5);

/// Tries a delivery that is due; one that is not, or that somebody else tries, is left alone.
///
/// # Errors
/// When the store does not answer; it then comes again.
pub async fn attempt(ctx: &Ctx, id: DeliveryId) -> Result<(), Error> {
    let now = ctx.now();
    let Some(taken) = ctx.store.take_delivery(id, now, now + HOLD).await? else {
        if ctx.store.delivery(id, now).await?.is_none() {
            ctx.store.forget_due(id).await?;
        }
        return Ok(());
    };
    match ctx.store.subscription(taken.tenant, taken.subscription).await? {
        Some(subscription) if subscription.is_active => tried(ctx, &taken, subscription).await,
        Some(subscription) => {
            // What the platform switched off may be replayed; what its owner did not want is over.
            let stage = if subscription.switched_off_at.is_some() {
                Stage::Held
            } else {
                Stage::GivenUp
            };
            leave(
                ctx,
                &taken,
                stage,
                "the webhook is switched off; nothing was sent",
            )
            .await
        }
        None => {
            leave(
                ctx,
                &taken,
                Stage::GivenUp,
                "the webhook was deleted; nothing was sent",
            )
            .await
        }
    }
}

async fn tried(ctx: &Ctx, taken: &Delivery, subscription: Subscription) -> Result<(), Error> {
    let sent = send(ctx, &subscription, &taken.id.to_string(), &taken.body).await;
    let now = ctx.now();
    let next_at = if sent.delivered {
        None
    } else {
        Delivery::next_try(taken.step, now, sent.put_off_s)
    };
    let next = Delivery {
        stage: match (sent.delivered, next_at) {
            (true, _) => Stage::Delivered,
            (false, Some(_)) => Stage::Pending,
            (false, None) => Stage::GivenUp,
        },
        tries: taken.tries + 1,
        step: taken.step + 1,
        next_ms: next_at.unwrap_or(now).timestamp_millis(),
        ..taken.clone()
    };
    let line = line(&next, &sent, now, next_at);
    if !ctx.store.note_try(taken, &next, &line).await? {
        tracing::warn!(delivery.id = %taken.id, "a try took longer than its hold; somebody else tries too");
        return Ok(());
    }
    if let Some(at) = next_at {
        wake(ctx, next.id, at - now).await;
    }
    if sent.delivered {
        Ok(ctx.store.note_working(taken.tenant, taken.subscription).await?)
    } else {
        let since = ctx
            .store
            .note_failing(taken.tenant, taken.subscription, now)
            .await?;
        if now - since >= PATIENCE {
            switch_off(ctx, subscription).await?;
        }
        Ok(())
    }
}

async fn leave(ctx: &Ctx, taken: &Delivery, stage: Stage, why: &str) -> Result<(), Error> {
    let sent = Sent {
        status_code: None,
        delivered: false,
        reason: why.to_owned(),
        duration_ms: 0,
        put_off_s: None,
    };
    let next = Delivery {
        stage,
        tries: taken.tries + 1,
        ..taken.clone()
    };
    let line = line(&next, &sent, ctx.now(), None);
    ctx.store.note_try(taken, &next, &line).await?;
    Ok(())
}

fn line(
    next: &Delivery,
    sent: &Sent,
    at: trunkline_domain::Instant,
    next_at: Option<trunkline_domain::Instant>,
) -> Try {
    Try {
        delivery: next.id,
        event: next.event,
        topic: next.topic,
        attempt: next.tries,
        status_code: sent.status_code,
        delivered: sent.delivered,
        reason: sent.reason.clone(),
        duration_ms: sent.duration_ms,
        at,
        next_at,
    }
}

/// Asks for the try when it is due, as far as a queue can wait; for later the clock does.
pub(super) async fn wake(ctx: &Ctx, id: DeliveryId, wait: Duration) {
    let Some(delay_s) = trunkline_store::deliveries::queued_for(wait) else {
        return;
    };
    if let Err(error) = ctx
        .queues
        .webhook(&WebhookJob::Try { delivery: id }, delay_s)
        .await
    {
        // Only a hint is lost: it stands among what is due.
        tracing::warn!(delivery.id = %id, "no wake-up sent for a delivery: {error}");
    }
}

/// Switches a subscription off, and tells the tenant's managers. They are told first: should this break off in between, they are
/// told twice rather than never.
async fn switch_off(ctx: &Ctx, subscription: Subscription) -> Result<(), Error> {
    let body = format!(
        "Since five days no event has reached {}, so the webhook {} was switched off.\n\n\
         Events go on being kept for 30 days. Once the receiver works again, switch the webhook on \
         (PUT /webhooks/{} with is_active: true) and ask for what it missed (POST /webhooks/{}/replay with since).\n",
        subscription.url, subscription.id, subscription.id, subscription.id
    );
    identity::tell_managers(ctx, subscription.tenant, "A webhook was switched off", &body).await?;
    let now = ctx.now();
    let off = Subscription {
        is_active: false,
        switched_off_at: Some(now),
        version: subscription.version + 1,
        updated_at: now,
        ..subscription
    };
    if edit::write(ctx, &off).await? {
        tracing::warn!(webhook.id = %off.id, "a webhook failed for five days and was switched off");
    }
    Ok(())
}
