//! Testing a subscription: a message of its own, at once.

use serde_json::json;
use trunkline_auth::Principal;
use trunkline_domain::{
    Error,
    id::{DeliveryId, EventId, SubscriptionId},
};
use trunkline_events::{Topic, Try};

use super::{get, message::send};
use crate::Ctx;

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whether the receiver took it.
    pub delivered: bool,
    /// What it answered, if it did.
    pub status_code: Option<u16>,
    /// In words; nothing of what the receiver wrote.
    pub reason: String,
    /// How long it took.
    pub duration_ms: u64,
}

/// Sends a test to the receiver, signed as events are, also while the subscription is switched off. It is logged, and counts neither
/// for nor against the receiver.
///
/// # Errors
/// [`Error::NotFound`]; whatever the receiver says is no error.
pub async fn test(ctx: &Ctx, who: &Principal, id: SubscriptionId) -> Result<Tested, Error> {
    let subscription = get(ctx, who, id).await?;
    let event = EventId(ctx.ids.uuid());
    let delivery = DeliveryId::of(event, id);
    let body = json!({
        "id": event,
        "type": Topic::Test,
        "timestamp": ctx.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "data": { "webhook_id": id, "message": "This is a test of your webhook." },
        "seq": 1,
    });
    let sent = send(ctx, &subscription, &delivery.to_string(), &body.to_string()).await;
    let tried = Try {
        delivery,
        event,
        topic: Topic::Test,
        attempt: 1,
        status_code: sent.status_code,
        delivered: sent.delivered,
        reason: sent.reason.clone(),
        duration_ms: sent.duration_ms,
        at: ctx.now(),
        next_at: None,
    };
    ctx.store.note_test(id, &tried).await?;
    Ok(Tested {
        delivered: sent.delivered,
        status_code: sent.status_code,
        reason: sent.reason,
        duration_ms: sent.duration_ms,
    })
}
