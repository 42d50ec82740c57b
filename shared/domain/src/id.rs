//! Ids: lower-case UUIDs, one type a kind, so that a lead's id cannot be given for a call's.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: ids are UUIDs such as 6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e")]
pub struct NotAnId(pub String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;
            /// Reads the hyphenated form in any case.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if text.len() != 36 {
                    return Err(NotAnId(text.to_owned()));
                }
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId(text.to_owned()))
            }
        }
    )*};
}

ids! {
    /// A tenant: whose data it is.
    TenantId,
    /// A user of the API.
    UserId,
    /// A login: the family of tokens that came from one password check.
    SessionId,
    /// An AI voice agent.
    VoiceAgentId,
    /// A human agent.
    OperatorId,
    /// A group of human agents.
    GroupId,
    /// A campaign.
    CampaignId,
    /// A lead: one number in one campaign.
    LeadId,
    /// A call: one attempt to reach one number.
    CallId,
    /// An import of leads.
    ImportId,
    /// An event in the outbox.
    EventId,
    /// A provider's account that a tenant gave.
    IntegrationId,
    /// A subscription to events: an outbound webhook.
    SubscriptionId,
    /// An event on its way to a subscription.
    DeliveryId,
}

/// Namespace of the ids that are derived rather than drawn.
const DERIVED: Uuid = Uuid::from_u128(0x7472_756e_6b6c_696e_652d_6964_732d_7631);

impl CallId {
    /// The id of a lead's n-th attempt: derived, so that two dialers which claim
    /// the same attempt collide on one row instead of making two calls.
    #[must_use]
    pub fn of_attempt(lead: LeadId, attempt: u32) -> Self {
        let mut name = [0_u8; 20];
        name[..16].copy_from_slice(lead.0.as_bytes());
        name[16..].copy_from_slice(&attempt.to_be_bytes());
        Self(Uuid::new_v5(&DERIVED, &name))
    }
}

impl EventId {
    /// The id of the `seq`-th event of an aggregate: a repeated write makes the same event.
    #[must_use]
    pub fn of(aggregate: Uuid, seq: u64) -> Self {
        let mut name = [0_u8; 24];
        name[..16].copy_from_slice(aggregate.as_bytes());
        name[16..].copy_from_slice(&seq.to_be_bytes());
        Self(Uuid::new_v5(&DERIVED, &name))
    }
}

impl DeliveryId {
    /// The id of an event's delivery to a subscription: fan-out may see the event twice, the receiver is told once.
    #[must_use]
    pub fn of(event: EventId, subscription: SubscriptionId) -> Self {
        let mut name = [0_u8; 32];
        name[..16].copy_from_slice(event.0.as_bytes());
        name[16..].copy_from_slice(subscription.0.as_bytes());
        Self(Uuid::new_v5(&DERIVED, &name))
    }
}

/// An id derived from text, such as an idempotency key: a rerun finds what the first run made.
#[must_use]
pub fn derived(text: &str) -> Uuid {
    Uuid::new_v5(&DERIVED, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_any_case_and_written_in_lower() {
        let id: CallId = "6F1C2F0E-5A53-4B7E-9D1C-0F6A3C1B2D4E".parse().unwrap();
        assert_eq!(id.to_string(), "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e");
    }

    #[test]
    fn other_spellings_of_a_uuid_are_no_ids() {
        for text in [
            "",
            "42",
            "6f1c2f0e5a534b7e9d1c0f6a3c1b2d4e",
            "{6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e}",
        ] {
            assert!(text.parse::<LeadId>().is_err(), "{text}");
        }
    }

    #[test]
    fn attempts_of_a_lead_have_ids_of_their_own() {
        let lead = LeadId(derived("lead"));
        assert_eq!(CallId::of_attempt(lead, 1), CallId::of_attempt(lead, 1));
        assert_ne!(CallId::of_attempt(lead, 1), CallId::of_attempt(lead, 2));
    }
}
