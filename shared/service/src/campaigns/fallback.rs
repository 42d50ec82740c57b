//! What a campaign gives people whom no human agent came for, as it is given: the kind and its AI agent, each by itself.

use trunkline_domain::{Error, VoiceAgentId, campaign::Fallback};

/// The kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FallbackKind {
    /// A sentence of apology.
    #[default]
    Goodbye,
    /// The campaign's voicemail message.
    Voicemail,
    /// An AI agent.
    VoiceAgent,
}

impl FallbackKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Goodbye, Self::Voicemail, Self::VoiceAgent];

    /// As it is written and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Goodbye => "goodbye",
            Self::Voicemail => "voicemail",
            Self::VoiceAgent => "voice_agent",
        }
    }
}

impl From<Fallback> for FallbackKind {
    fn from(fallback: Fallback) -> Self {
        match fallback {
            Fallback::Goodbye => Self::Goodbye,
            Fallback::Voicemail => Self::Voicemail,
            Fallback::VoiceAgent(_) => Self::VoiceAgent,
        }
    }
}

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FallbackChange {
    /// What is given.
    pub kind: Option<Option<FallbackKind>>,
    /// The AI agent that talks then.
    pub agent: Option<Option<VoiceAgentId>>,
}

impl FallbackChange {
    /// The fallback after the change.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an AI agent that would not talk, and for none where one is to talk.
    pub fn apply(&self, old: Fallback) -> Result<Fallback, Error> {
        let kind = self.kind.map_or_else(|| old.into(), Option::unwrap_or_default);
        let of_none = match kind {
            FallbackKind::VoiceAgent => {
                let agent = self.agent.unwrap_or_else(|| old.voice_agent());
                return agent.map(Fallback::VoiceAgent).ok_or_else(|| {
                    Error::invalid(
                        "fallback_agent_id",
                        "is required where fallback is voice_agent; give the id of an AI agent",
                    )
                });
            }
            FallbackKind::Goodbye => Fallback::Goodbye,
            FallbackKind::Voicemail => Fallback::Voicemail,
        };
        match self.agent {
            Some(Some(_)) => Err(Error::invalid(
                "fallback_agent_id",
                format!(
                    "an AI agent talks only where fallback is voice_agent, not {}",
                    kind.as_str()
                ),
            )),
            Some(None) | None => Ok(of_none),
        }
    }
}

#[cfg(test)]
mod tests {
    use trunkline_domain::id::derived;

    use super::*;

    #[test]
    fn kind_and_agent_are_judged_together_with_what_was_there() {
        let (ada, bob) = (VoiceAgentId(derived("ada")), VoiceAgentId(derived("bob")));
        let change = |kind, agent| FallbackChange { kind, agent };
        let agent = Some(Some(FallbackKind::VoiceAgent));
        let cases = [
            (change(None, None), Fallback::Voicemail, Some(Fallback::Voicemail)),
            (
                change(Some(None), None),
                Fallback::VoiceAgent(ada),
                Some(Fallback::Goodbye),
            ),
            (
                change(agent, Some(Some(bob))),
                Fallback::Goodbye,
                Some(Fallback::VoiceAgent(bob)),
            ),
            (
                change(agent, None),
                Fallback::VoiceAgent(ada),
                Some(Fallback::VoiceAgent(ada)),
            ),
            (
                change(None, Some(Some(bob))),
                Fallback::VoiceAgent(ada),
                Some(Fallback::VoiceAgent(bob)),
            ),
            (
                change(None, Some(None)),
                Fallback::Goodbye,
                Some(Fallback::Goodbye),
            ),
            (change(None, Some(Some(bob))), Fallback::Goodbye, None),
            (change(None, Some(None)), Fallback::VoiceAgent(ada), None),
            (change(agent, None), Fallback::Voicemail, None),
        ];
        for (change, old, new) in cases {
            assert_eq!(change.apply(old).ok(), new, "{change:?} of {old:?}");
        }
    }
}
