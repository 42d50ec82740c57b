//! VoiceERA's webhook.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_events::{Subscription, Try};
use trunkline_http::{Seconds, example};
use trunkline_service::webhooks::{Made, Tested};
use uuid::Uuid;

/// A webhook. Its secret is shown when it is made, and never again.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WebhookBody {
    #[schemars(example = example::id("webhook_id"))]
    id: Uuid,
    #[schemars(example = &"https://crm.example/hooks/calls")]
    url: String,
    /// What it is told of; `*` is everything.
    #[schemars(example = ["call.ended", "campaign.completed"])]
    events: Vec<&'static str>,
    #[schemars(example = &"Calls into the CRM")]
    description: Option<String>,
    /// Whether events are sent.
    is_active: bool,
    /// When the platform switched it off, after five days of failures; null otherwise.
    #[schemars(example = None::<Seconds>)]
    switched_off_at: Option<Seconds>,
    created_at: Seconds,
    updated_at: Seconds,
}

impl From<Subscription> for WebhookBody {
    fn from(of: Subscription) -> Self {
        Self {
            id: of.id.0,
            url: of.url,
            events: of
                .events
                .into_iter()
                .map(trunkline_events::Topic::as_str)
                .collect(),
            description: of.description,
            is_active: of.is_active,
            switched_off_at: of.switched_off_at.map(Seconds),
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

/// A webhook that was just made.
#[derive(Serialize, JsonSchema)]
pub(super) struct MadeBody {
    #[serde(flatten)]
    webhook: WebhookBody,
    /// Verifies the messages (<https://www.standardwebhooks.com>): `whsec_…`. Shown this once.
    #[schemars(example = &"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
}

impl From<Made> for MadeBody {
    fn from(made: Made) -> Self {
        Self {
            secret: made.secret.reveal(),
            webhook: made.subscription.into(),
        }
    }
}

/// A replaced secret.
#[derive(Serialize, JsonSchema)]
pub(super) struct RotatedBody {
    #[schemars(example = example::id("webhook_id"))]
    id: Uuid,
    /// The new one. Shown this once.
    #[schemars(example = &"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
    /// Until then messages carry the old one's signature too.
    previous_secret_expires_at: Option<Seconds>,
}

impl From<Made> for RotatedBody {
    fn from(made: Made) -> Self {
        Self {
            id: made.subscription.id.0,
            secret: made.secret.reveal(),
            previous_secret_expires_at: made.subscription.previous.map(|previous| previous.until.into()),
        }
    }
}

/// What a test found; 200 whatever the receiver said.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TestBody {
    /// Whether the receiver took it.
    delivered: bool,
    /// What it answered; null when it did not.
    #[schemars(example = 200)]
    status_code: Option<u16>,
    /// In words.
    #[schemars(example = &"The receiver answered 200")]
    reason: String,
    #[schemars(example = 85)]
    duration_ms: u64,
}

impl From<Tested> for TestBody {
    fn from(of: Tested) -> Self {
        Self {
            delivered: of.delivered,
            status_code: of.status_code,
            reason: of.reason,
            duration_ms: of.duration_ms,
        }
    }
}

/// One try.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LogBody {
    /// Its own id.
    id: Uuid,
    /// The message's `webhook-id`, the same at every try.
    delivery_id: Uuid,
    /// What a replay is asked by.
    event_id: Uuid,
    #[schemars(example = &"call.ended")]
    event: &'static str,
    /// From 1; replays count on.
    #[schemars(example = 1)]
    attempt: u32,
    /// What the receiver answered; null when it did not.
    #[schemars(example = 200)]
    status_code: Option<u16>,
    delivered: bool,
    /// In words.
    #[schemars(example = &"The receiver answered 200")]
    reason: String,
    #[schemars(example = 85)]
    duration_ms: u64,
    created_at: Seconds,
    /// When it is tried again; null when it is not.
    #[schemars(example = None::<Seconds>)]
    next_attempt_at: Option<Seconds>,
}

impl From<Try> for LogBody {
    fn from(of: Try) -> Self {
        Self {
            id: trunkline_domain::id::derived(&format!("{} {}", of.delivery, of.attempt)),
            delivery_id: of.delivery.0,
            event_id: of.event.0,
            event: of.topic.as_str(),
            attempt: of.attempt,
            status_code: of.status_code,
            delivered: of.delivered,
            reason: of.reason,
            duration_ms: of.duration_ms,
            created_at: of.at.into(),
            next_attempt_at: of.next_at.map(Seconds),
        }
    }
}
