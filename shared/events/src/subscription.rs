//! Who is told, and of what.

use serde::{Deserialize, Serialize};
use trunkline_domain::{Instant, TenantId, UserId, id::SubscriptionId};

use crate::{Event, Topic};

/// A subscription, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who made it.
    pub created_by: UserId,
    /// Where events are sent.
    pub url: String,
    /// Which.
    pub events: Vec<Topic>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether events are sent.
    pub is_active: bool,
    /// What signs, sealed for this tenant and id.
    pub secret: String,
    /// What also signs for a while after a rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousSecret>,
    /// It failed for so long that the platform switched it off. Events go on being kept, and can be replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switched_off_at: Option<Instant>,
    /// Rises with every change.
    pub version: u64,
    /// When it was made; earlier events are not sent.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A secret that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// Sealed.
    pub secret: String,
    /// Until when it signs.
    pub until: Instant,
}

impl Subscription {
    /// Whether it asked for events of a topic.
    #[must_use]
    pub fn asks_for(&self, topic: Topic) -> bool {
        self.events
            .iter()
            .any(|asked| *asked == Topic::All || *asked == topic)
    }

    /// Whether an event is to be kept for it: asked for, and after it was made, and either sent now or once it is switched on again.
    #[must_use]
    pub fn is_told(&self, event: &Event) -> bool {
        (self.is_active || self.switched_off_at.is_some())
            && event.at >= self.created_at
            && Topic::of(event.kind).is_some_and(|topic| self.asks_for(topic))
    }
}
