//! How a call ended, and who answered it.

use serde::{Deserialize, Serialize};

/// Who answered, as the carrier's answering-machine detection or our own says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// A person.
    Human,
    /// A machine whose greeting still runs.
    MachineStart,
    /// A machine after its beep.
    MachineEndBeep,
    /// A machine after its greeting, silent, without a beep.
    MachineEndSilence,
    /// A machine, otherwise.
    MachineEndOther,
    /// A fax.
    Fax,
    /// Not known.
    Unknown,
}

impl AnsweredBy {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Human,
        Self::MachineStart,
        Self::MachineEndBeep,
        Self::MachineEndSilence,
        Self::MachineEndOther,
        Self::Fax,
        Self::Unknown,
    ];

    /// As it is stored, and as the carriers write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::MachineStart => "machine_start",
            Self::MachineEndBeep => "machine_end_beep",
            Self::MachineEndSilence => "machine_end_silence",
            Self::MachineEndOther => "machine_end_other",
            Self::Fax => "fax",
            Self::Unknown => "unknown",
        }
    }

    /// A machine of any kind.
    #[must_use]
    pub const fn is_machine(self) -> bool {
        match self {
            Self::MachineStart
            | Self::MachineEndBeep
            | Self::MachineEndSilence
            | Self::MachineEndOther
            | Self::Fax => true,
            Self::Human | Self::Unknown => false,
        }
    }
}

/// How a call ended; the domain's disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A person answered.
    Answered,
    /// A machine answered.
    Voicemail,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// The carrier could not place it.
    Failed,
    /// Withdrawn by us before it was answered.
    Cancelled,
    /// The carrier never told, and could not be asked for a day.
    Unknown,
}

impl Outcome {
    /// Every outcome, for counters and filters.
    pub const ALL: [Self; 7] = [
        Self::Answered,
        Self::Voicemail,
        Self::NoAnswer,
        Self::Busy,
        Self::Failed,
        Self::Cancelled,
        Self::Unknown,
    ];

    /// The Dialer's word for how a call ended; none for one that was withdrawn.
    #[must_use]
    pub const fn disposition(self) -> Option<&'static str> {
        match self {
            Self::Cancelled => None,
            Self::Unknown => Some(Self::Failed.as_str()),
            Self::Answered | Self::Voicemail | Self::NoAnswer | Self::Busy | Self::Failed => {
                Some(self.as_str())
            }
        }
    }

    /// Somebody or something answered.
    #[must_use]
    pub const fn was_answered(self) -> bool {
        matches!(self, Self::Answered | Self::Voicemail)
    }

    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Voicemail => "voicemail",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}
