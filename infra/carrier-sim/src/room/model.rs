//! The words of conferences: phases, events, participants, and what follows from a change.

use super::slots::Slots;
use crate::{
    clock::Moment,
    twiml::{Conference, Target},
    voice::Clip,
};

/// How far a conference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waits for a second participant, or for one that may start it.
    Init,
    InProgress,
    Completed,
}

impl Phase {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
        }
    }
}

/// What the platform is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Start,
    End,
    Join,
    Leave,
    Mute,
    Unmute,
    Hold,
    Unhold,
    Modify,
}

impl Event {
    /// Its name in a callback.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "conference-start",
            Self::End => "conference-end",
            Self::Join => "participant-join",
            Self::Leave => "participant-leave",
            Self::Mute => "participant-mute",
            Self::Unmute => "participant-unmute",
            Self::Hold => "participant-hold",
            Self::Unhold => "participant-unhold",
            Self::Modify => "participant-modify",
        }
    }

    /// The word that subscribes to it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
            Self::Join => "join",
            Self::Leave => "leave",
            Self::Mute | Self::Unmute => "mute",
            Self::Hold | Self::Unhold => "hold",
            Self::Modify => "modify",
        }
    }
}

/// A participant.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) call_sid: String,
    pub(crate) call_to: String,
    pub(crate) settings: Conference,
    pub(crate) hold: bool,
    /// False while a participant made through the API is still being rung.
    pub(crate) joined: bool,
    pub(crate) since: Moment,
    pub(crate) updated: Moment,
    pub(super) wait: Option<Clip>,
    pub(super) since_tick: u64,
    pub(super) spoken: Slots,
}

/// One thing to tell the platform.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) event: Event,
    pub(crate) sequence: u32,
    /// The participant it is about; for an end, the one that caused it.
    pub(crate) member: Option<Member>,
    pub(crate) target: Target,
    pub(crate) reason: Option<&'static str>,
}

/// What follows from a change.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) told: Vec<Told>,
    /// Calls that must leave the conference now.
    pub(crate) leave: Vec<String>,
}

/// A change of a participant through the API; none leaves as it is.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) muted: Option<bool>,
    pub(crate) hold: Option<bool>,
    pub(crate) end_on_exit: Option<bool>,
    pub(crate) beep_on_exit: Option<bool>,
    pub(crate) coaching: Option<bool>,
    pub(crate) coach: Option<String>,
}
