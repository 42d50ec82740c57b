//! TwiML: the instructions a platform answers with.

mod attributes;
mod children;
mod nouns;
mod parse;
#[cfg(test)]
mod tests;

use url::Url;

pub(crate) use attributes::Method;
pub(crate) use parse::parse;

/// Where the carrier asks next, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) method: Method,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verb {
    Say {
        text: String,
        loops: u32,
    },
    Play {
        url: Option<Url>,
        digits: String,
        loops: u32,
    },
    Pause {
        length_s: u32,
    },
    Gather(Gather),
    Redirect(Target),
    Hangup,
    Reject {
        busy: bool,
    },
    Record(Record),
    Dial(Dial),
    /// `<Connect><Stream>`: both ways, until either side closes it.
    Connect {
        stream: StreamSpec,
        action: Option<Target>,
    },
    /// `<Start><Stream>`: a copy of the call's audio, beside what follows.
    StartStream(StreamSpec),
    StopStream {
        name: String,
    },
}

/// `<Gather>`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gather {
    pub(crate) keys: bool,
    pub(crate) speech: bool,
    pub(crate) action: Option<Target>,
    pub(crate) timeout_s: u32,
    pub(crate) digits_max: Option<usize>,
    pub(crate) finish_on: String,
    pub(crate) even_if_empty: bool,
    /// `<Say>`, `<Play>` and `<Pause>` only.
    pub(crate) prompts: Vec<Verb>,
}

/// `<Record>`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) action: Option<Target>,
    pub(crate) timeout_s: u32,
    pub(crate) finish_on: String,
    pub(crate) max_s: u32,
    pub(crate) beep: bool,
    pub(crate) callback: Option<Target>,
    pub(crate) callback_events: Vec<String>,
}

/// `<Dial>`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dial {
    pub(crate) action: Option<Target>,
    pub(crate) timeout_s: u32,
    pub(crate) time_limit_s: Option<u32>,
    pub(crate) caller_id: Option<String>,
    pub(crate) hangup_on_star: bool,
    pub(crate) noun: Noun,
}

/// Whom a `<Dial>` connects to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Noun {
    Number {
        to: String,
        whisper: Option<Target>,
        callback: Option<Target>,
        callback_events: Vec<String>,
    },
    Conference(Conference),
}

/// `<Conference>`, and a participant made through the API.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conference {
    pub(crate) name: String,
    pub(crate) start_on_enter: bool,
    pub(crate) end_on_exit: bool,
    pub(crate) beep_on_enter: bool,
    pub(crate) beep_on_exit: bool,
    pub(crate) muted: bool,
    pub(crate) coaching: bool,
    /// The call that alone hears this participant.
    pub(crate) coach: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) wait: Wait,
    pub(crate) callback: Option<Target>,
    /// `start end join leave mute hold modify`.
    pub(crate) callback_events: Vec<String>,
}

impl Conference {
    /// A conference with the carrier's defaults.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            start_on_enter: true,
            end_on_exit: false,
            beep_on_enter: true,
            beep_on_exit: true,
            muted: false,
            coaching: false,
            coach: None,
            label: None,
            wait: Wait::Music,
            callback: None,
            callback_events: Vec::new(),
        }
    }
}

/// What is heard before a conference begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wait {
    /// The carrier's own music.
    Music,
    /// `waitUrl=""`.
    Silence,
    From(Target),
}

/// `<Stream>`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StreamSpec {
    pub(crate) url: Url,
    pub(crate) name: String,
    pub(crate) tracks: Tracks,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) callback: Option<Target>,
}

/// Which sides of a call a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tracks {
    Inbound,
    Outbound,
    Both,
}

/// Why a document cannot be carried out, with the carrier's error number.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("error {code}: {message}")]
pub(crate) struct TwimlError {
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl TwimlError {
    /// 12100: the document could not be parsed.
    pub(crate) fn parse(message: impl Into<String>) -> Self {
        Self {
            code: 12100,
            message: message.into(),
        }
    }
}
