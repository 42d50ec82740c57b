//! The catalogue that subscribers choose from.

use serde::{Deserialize, Serialize};

use crate::EventKind;

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What can be subscribed to. The first nine are those of the desk's events.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Topic {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Topic {
            /// Every one, in the catalogue's order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As subscribers see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

topics! {
    /// A call is about to be placed, or one reached us.
    CallStarted = "call.started",
    /// It rings, was answered, changed hands.
    CallUpdated = "call.updated",
    /// It is over.
    CallEnded = "call.ended",
    /// Something was said.
    InteractionAdded = "interaction.added",
    /// A call was scored.
    QaScoreUpdated = "qa.score.updated",
    /// A call's sentiment is known, or another.
    SentimentChanged = "sentiment.changed",
    /// A human is asked for.
    EscalationTriggered = "escalation.triggered",
    /// The human's part is over.
    EscalationCompleted = "escalation.completed",
    /// Somebody is told something.
    NotificationCreated = "notification.created",
    /// A campaign began to dial.
    CampaignStarted = "campaign.started",
    /// A campaign was paused.
    CampaignPaused = "campaign.paused",
    /// A campaign goes on.
    CampaignResumed = "campaign.resumed",
    /// A campaign has nothing left to dial.
    CampaignCompleted = "campaign.completed",
    /// A campaign was stopped.
    CampaignCancelled = "campaign.cancelled",
    /// A list was imported, to its end or as far as it went.
    ImportCompleted = "import.completed",
    /// A recording can be fetched.
    RecordingReady = "recording.ready",
    /// A transcript can be read.
    TranscriptReady = "transcript.ready",
    /// Somebody is not to be called again.
    LeadDnc = "lead.dnc",
    /// Whatever a test sends.
    Test = "webhook.test",
    /// All of them.
    All = "*",
}

impl Topic {
    /// What may be asked for: a test is sent when asked for, never subscribed to.
    pub fn choices() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|topic| *topic != Self::Test)
    }

    /// What subscribers are told of an event; none: it is the desk's alone.
    #[must_use]
    pub const fn of(kind: EventKind) -> Option<Self> {
        Some(match kind {
            EventKind::CallCreated => Self::CallStarted,
            EventKind::CallUpdated => Self::CallUpdated,
            EventKind::CallEnded => Self::CallEnded,
            EventKind::CallAnalyzed => Self::SentimentChanged,
            EventKind::RecordingReady => Self::RecordingReady,
            EventKind::TranscriptReady => Self::TranscriptReady,
            EventKind::CampaignStarted => Self::CampaignStarted,
            EventKind::CampaignPaused => Self::CampaignPaused,
            EventKind::CampaignResumed => Self::CampaignResumed,
            EventKind::CampaignCompleted => Self::CampaignCompleted,
            EventKind::CampaignCancelled => Self::CampaignCancelled,
            EventKind::ImportCompleted => Self::ImportCompleted,
            EventKind::LeadDnc => Self::LeadDnc,
            EventKind::OperatorRung | EventKind::OperatorReleased | EventKind::OperatorStatus => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_the_documents_and_ours() {
        let words: Vec<&str> = Topic::choices().map(Topic::as_str).collect();
        assert_eq!(words.len(), 19);
        assert_eq!((words[0], words[18]), ("call.started", "*"));
        for topic in Topic::ALL {
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.as_str());
        }
    }
}
