//! What stands on the queues. A message is only ever a hint or a pointer: the truth is in the
//! store, so a repeated or late message does no harm.

use serde::{Deserialize, Serialize};
use trunkline_domain::id::{DeliveryId, SubscriptionId};
use trunkline_domain::{CallId, CampaignId, ImportId, OperatorId, TenantId};

/// A message in its envelope: readers refuse versions that they do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum Versioned<T> {
    /// The first version.
    #[serde(rename = "1")]
    V1(T),
}

/// For job-dialer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum DialJob {
    /// There may be something to dial in this shard of the campaign.
    Refill {
        /// Whose.
        tenant: TenantId,
        /// Which campaign.
        campaign: CampaignId,
        /// Which slot shard.
        shard: u32,
    },
    /// This call was asked to stop: cancel it at the carrier if it has it.
    Cancel {
        /// Whose.
        tenant: TenantId,
        /// Which call.
        call: CallId,
    },
}

/// For job-bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum BridgeJob {
    /// Do what is left for this call's caller and human agent.
    Work {
        /// Which call.
        call: CallId,
        /// Somebody who has just become free.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        free: Option<OperatorId>,
    },
    /// The same, and ask the carrier whether those who talk still do.
    Check {
        /// Which call.
        call: CallId,
    },
}

/// For job-post-call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum PostCallJob {
    /// Join the recording, analyse, price.
    Finish {
        /// Whose.
        tenant: TenantId,
        /// Which call.
        call: CallId,
    },
    /// Write on at an export of many calls.
    Export {
        /// Whose.
        tenant: TenantId,
        /// Which.
        export: uuid::Uuid,
    },
    /// Fetch a call's recording from the carrier.
    Recording {
        /// Whose.
        tenant: TenantId,
        /// Which call's.
        call: CallId,
        /// The carrier's id of it.
        recording: String,
        /// How long it is, in seconds.
        duration_s: u32,
    },
    /// Bring the copy of a campaign's voicemail message up to date.
    Voicemail {
        /// Whose.
        tenant: TenantId,
        /// Which campaign's.
        campaign: CampaignId,
    },
    /// Recognise what was said from the recording.
    Transcribe {
        /// Whose.
        tenant: TenantId,
        /// Which call.
        call: CallId,
        /// Which wish: one that another has followed does nothing.
        #[serde(rename = "wish")]
        job: uuid::Uuid,
    },
}

/// For job-webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum WebhookJob {
    /// Try this delivery, if it is due.
    Try {
        /// Which.
        delivery: DeliveryId,
    },
    /// Begin some of a subscription's deliveries anew.
    Replay {
        /// Whose.
        tenant: TenantId,
        /// Which subscription's.
        subscription: SubscriptionId,
        /// From which place in their list on.
        from: String,
    },
}

/// For job-importer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum ImportJob {
    /// Work on at this import, if nobody does.
    Run {
        /// Whose.
        tenant: TenantId,
        /// Which.
        import: ImportId,
    },
}

/// For job-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum MailJob {
    /// Send this mail, if it waits.
    Send {
        /// When it was written: with the id, its key.
        at: trunkline_domain::Instant,
        /// Which.
        id: uuid::Uuid,
    },
}
