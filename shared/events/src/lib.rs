//! What happened: the outbox's events.
//!
//! A record's change and its event are one write: the row carries its last event as `ev`, and the
//! table's stream hands on the records whose `ev.seq` changed. Beside them: who outside is told, and how what is sent is signed.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod delivery;
pub mod signing;
pub mod subscription;
pub mod topic;

use serde::{Deserialize, Serialize};
use trunkline_domain::{
    E164, Instant, OperatorId, TenantId,
    id::{EventId, derived},
    operator::{Operator, OperatorStatus},
};
use uuid::Uuid;

pub use delivery::{Delivery, Stage, Try};
pub use signing::SigningSecret;
pub use subscription::{PreviousSecret, Subscription};
pub use topic::Topic;

/// What can happen, by the names that rows keep; [`Topic`] has those that subscribers see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// A call's row was made and the carrier is about to be asked.
    #[serde(rename = "call.created")]
    CallCreated,
    /// The phone rings, was answered, or the like.
    #[serde(rename = "call.updated")]
    CallUpdated,
    /// The call is over.
    #[serde(rename = "call.ended")]
    CallEnded,
    /// Summary, sentiment and cost are there.
    #[serde(rename = "call.analyzed")]
    CallAnalyzed,
    /// The recording can be fetched.
    #[serde(rename = "recording.ready")]
    RecordingReady,
    /// What was said can be read, or there is more of it.
    #[serde(rename = "transcript.ready")]
    TranscriptReady,
    /// A campaign began to dial.
    #[serde(rename = "campaign.started")]
    CampaignStarted,
    /// A campaign was paused.
    #[serde(rename = "campaign.paused")]
    CampaignPaused,
    /// A campaign goes on.
    #[serde(rename = "campaign.resumed")]
    CampaignResumed,
    /// A campaign has nothing left to dial.
    #[serde(rename = "campaign.completed")]
    CampaignCompleted,
    /// A campaign was stopped.
    #[serde(rename = "campaign.cancelled")]
    CampaignCancelled,
    /// A list of leads was imported, to its end or as far as it went.
    #[serde(rename = "import.completed")]
    ImportCompleted,
    /// Somebody is not to be called again.
    #[serde(rename = "lead.dnc")]
    LeadDnc,
    /// A human agent is rung for a call. Of the desk alone, like the two below: no subscriber is told.
    #[serde(rename = "operator.rung")]
    OperatorRung,
    /// A human agent has a call no more.
    #[serde(rename = "operator.released")]
    OperatorReleased,
    /// A human agent's status is another.
    #[serde(rename = "operator.status")]
    OperatorStatus,
}

/// An event, as a row carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Derived from the record and `seq`: the same write makes the same event.
    pub id: EventId,
    /// Counts the record's events; order between records is not promised.
    pub seq: u64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When.
    pub at: Instant,
    /// To whose record.
    pub tenant: TenantId,
    /// The record's id.
    pub subject: Uuid,
    /// The number that it is about, where a number is the record: it has no id to be found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<E164>,
    /// The human agent whose desk is told, where it is one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
    /// What the human agent says of itself since then, where that is what happened: the row may say something else by the time it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<OperatorStatus>,
}

impl Event {
    /// The `seq`-th event of a record.
    #[must_use]
    pub fn new(kind: EventKind, tenant: TenantId, subject: Uuid, seq: u64, at: Instant) -> Self {
        Self {
            id: EventId::of(subject, seq),
            seq,
            kind,
            at,
            tenant,
            subject,
            phone: None,
            operator: None,
            status: None,
        }
    }

    /// That a human agent's status is the one that its row now has; `seq` is the row's version.
    #[must_use]
    pub fn of_status(operator: &Operator) -> Self {
        let (id, tenant) = (operator.id, operator.tenant);
        let (seq, at) = (operator.version, operator.updated_at);
        Self {
            status: Some(operator.status),
            ..Self::of_desk(EventKind::OperatorStatus, tenant, id.0, id, seq, at)
        }
    }

    /// What a human agent's desk is told of a call (`subject`) that it is rung for, or has no more: `seq` counts the bridge's events, whose ids are
    /// none of the call's own events'. Of its status: [`Event::of_status`].
    #[must_use]
    pub fn of_desk(
        kind: EventKind,
        tenant: TenantId,
        subject: Uuid,
        operator: OperatorId,
        seq: u64,
        at: Instant,
    ) -> Self {
        Self {
            id: EventId::of(derived(&format!("bridge {subject}")), seq),
            operator: Some(operator),
            ..Self::new(kind, tenant, subject, seq, at)
        }
    }

    /// That somebody is not to be called again. A number counts no events of its own; the instant stands for it.
    #[must_use]
    pub fn opted_out(tenant: TenantId, phone: &E164, at: Instant) -> Self {
        let subject = derived(&format!("number {tenant} {phone}"));
        let seq = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        Self {
            phone: Some(phone.clone()),
            ..Self::new(EventKind::LeadDnc, tenant, subject, seq, at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desks_event_is_none_of_its_calls_own_and_keeps_whose_desk_it_is_for() {
        let (tenant, call) = (TenantId(derived("tenant")), derived("call"));
        let operator = OperatorId(derived("operator"));
        let at = "2026-03-06T14:00:00Z".parse().unwrap();
        let rung = Event::of_desk(EventKind::OperatorRung, tenant, call, operator, 3, at);
        assert_ne!(
            rung.id,
            Event::new(EventKind::CallUpdated, tenant, call, 3, at).id
        );
        let again = Event::of_desk(EventKind::OperatorRung, tenant, call, operator, 3, at);
        assert_eq!(rung.id, again.id, "the same write makes the same event");
        let kept = serde_json::to_value(&rung).unwrap();
        assert_eq!(kept["type"], "operator.rung");
        assert_eq!(serde_json::from_value::<Event>(kept).unwrap(), rung);
    }
}
