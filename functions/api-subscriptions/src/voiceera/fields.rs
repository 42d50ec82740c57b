//! What a webhook is made from and changed by.

use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_http::Patch;
use trunkline_service::webhooks::{NewSubscription, SubscriptionPatch};

/// A webhook's fields. At its making `url` and `events` are required; in a change what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    /// Where events are sent: an address on the public internet.
    #[schemars(example = &"https://crm.example/hooks/calls")]
    url: Patch<String>,
    /// What it is told of: `call.started`, `call.updated`, `call.ended`, `interaction.added`, `qa.score.updated`, `sentiment.changed`,
    /// `escalation.triggered`, `escalation.completed`, `notification.created`, `campaign.started`, `campaign.paused`,
    /// `campaign.resumed`, `campaign.completed`, `campaign.cancelled`, `import.completed`, `recording.ready`, `transcript.ready`,
    /// `lead.dnc`, or `*` for everything.
    #[schemars(example = ["call.ended", "campaign.completed"])]
    events: Patch<Vec<String>>,
    /// At most 1,000 characters.
    #[schemars(example = &"Calls into the CRM")]
    description: Patch<String>,
    /// Whether events are sent; true unless given.
    is_active: Patch<bool>,
}

impl Fields {
    pub(super) fn into_new(self) -> NewSubscription {
        NewSubscription { rest: self.patch() }
    }

    pub(super) fn patch(self) -> SubscriptionPatch {
        SubscriptionPatch {
            url: self.url.change(),
            events: self.events.change(),
            description: self.description.change(),
            is_active: self.is_active.change(),
        }
    }
}
