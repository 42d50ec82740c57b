//! What a call was asked for.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    amd::{Mode, Thresholds},
    call::Status,
    room::Room,
    twiml::{Conference, Target, Verb},
};

/// Where a call's instructions come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Asked for, with these parameters beside the usual ones.
    Document {
        target: Target,
        extra: Vec<(String, String)>,
    },
    /// Given as text.
    Inline(String),
    /// Known already.
    Ready(Document),
}

/// Instructions, and where they came from (what an `action` that is not given defaults to).
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    pub(crate) verbs: Vec<Verb>,
    pub(crate) from: Option<Target>,
}

impl Source {
    pub(crate) fn of(target: Target) -> Self {
        Self::Document {
            target,
            extra: Vec::new(),
        }
    }

    pub(crate) fn verbs(verbs: Vec<Verb>) -> Self {
        Self::Ready(Document { verbs, from: None })
    }
}

/// What a status callback is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallEvent {
    Initiated,
    Ringing,
    Answered,
    Completed,
}

impl CallEvent {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "initiated" => Some(Self::Initiated),
            "ringing" => Some(Self::Ringing),
            "answered" => Some(Self::Answered),
            "completed" => Some(Self::Completed),
            _ => None,
        }
    }
}

/// Who is told of a call's progress.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) target: Target,
    pub(crate) events: Vec<CallEvent>,
}

/// Answering machine detection.
#[derive(Debug, Clone)]
pub(crate) struct AmdSetup {
    pub(crate) mode: Mode,
    pub(crate) thresholds: Thresholds,
    /// Instructions are asked for at once, and the finding told later; else they wait for it.
    pub(crate) is_async: bool,
    pub(crate) callback: Option<Target>,
}

/// What a recording callback is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordingEvent {
    InProgress,
    Completed,
    Absent,
}

impl RecordingEvent {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "in-progress" => Some(Self::InProgress),
            "completed" => Some(Self::Completed),
            "absent" => Some(Self::Absent),
            _ => None,
        }
    }
}

/// `Record=true`.
#[derive(Debug, Clone)]
pub(crate) struct RecordingSetup {
    pub(crate) channels: u16,
    pub(crate) callback: Option<Target>,
    pub(crate) events: Vec<RecordingEvent>,
}

/// How a dialled call tells the one that dialled it how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Ringing,
    /// Answered, and done with what it was to hear first.
    Connected,
    Ended {
        status: Status,
        duration_s: i64,
    },
}

/// What a call was asked for.
pub(crate) struct Setup {
    pub(crate) source: Source,
    pub(crate) fallback: Option<Target>,
    pub(crate) status: Option<Subscription>,
    pub(crate) amd: Option<AmdSetup>,
    pub(crate) recording: Option<RecordingSetup>,
    pub(crate) ring_timeout_s: u32,
    pub(crate) time_limit_s: u32,
    /// A human agent's phone.
    pub(crate) operator: bool,
    /// How long this phone rings before its fate; none: as long as every phone.
    pub(crate) ring_ms: Option<u64>,
    /// The conference that rings this call.
    pub(crate) room: Option<(Arc<Room>, Conference)>,
    /// The bridge this call enters when its instructions are done.
    pub(crate) bridge: Option<Arc<Room>>,
    pub(crate) progress: Option<watch::Sender<Progress>>,
}

impl Setup {
    /// How long a phone rings at most, and how long a call lasts at most, when nobody says otherwise.
    pub(crate) const RING_TIMEOUT_S: u32 = 60;
    pub(crate) const TIME_LIMIT_S: u32 = 14_400;

    /// Just instructions.
    pub(crate) fn new(source: Source) -> Self {
        Self {
            source,
            fallback: None,
            status: None,
            amd: None,
            recording: None,
            ring_timeout_s: Self::RING_TIMEOUT_S,
            time_limit_s: Self::TIME_LIMIT_S,
            operator: false,
            ring_ms: None,
            room: None,
            bridge: None,
            progress: None,
        }
    }
}
