//! What a session wants done.

use trunkline_providers::llm::Line;

use crate::audio::{Frame, UlawFrame};

/// One thing to do, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send 20 ms to the carrier.
    Audio {
        /// The audio.
        frame: UlawFrame,
        /// When it will be played, by the estimate.
        at_ms: u64,
    },
    /// Ask the carrier to say when all before it has been played.
    Mark {
        /// Comes back in [`super::Input::Mark`].
        id: u32,
    },
    /// Make the carrier drop what it has not played.
    Clear {
        /// Audio estimated at or after this time was not heard.
        from_ms: u64,
    },
    /// Open a recogniser, dropping the one before.
    OpenStt {
        /// Index in order of preference.
        choice: usize,
    },
    /// Give the caller's audio to the recogniser.
    Feed(Frame),
    /// Ask the recogniser what the turn was.
    EndOfTurn {
        /// Counted from 1.
        turn: u32,
    },
    /// Make the recogniser forget a noise.
    ResetStt,
    /// Ask the model for the next words, dropping a reply that still runs.
    StartReply {
        /// Comes back in [`super::Input::Reply`].
        id: u32,
        /// Index in order of preference.
        choice: usize,
        /// The conversation as it was heard.
        history: Vec<Line>,
    },
    /// Drop the reply that runs.
    CancelReply,
    /// Speak a piece of text, dropping one that still runs.
    Speak {
        /// Comes back in [`super::Input::Speech`].
        id: u32,
        /// Index in order of preference.
        choice: usize,
        /// What to say.
        text: String,
    },
    /// Drop the speech that is being made.
    CancelSpeech,
    /// Store a line of the transcript. Lines come in the order of their start.
    Line(LineRecord),
    /// Record that the person does not want to be called again.
    OptOut(OptOutBy),
    /// Look for a person who takes the caller over. Should nobody come, [`super::Input::NobodyCame`] says so.
    FindPerson,
    /// The session is over; nothing follows.
    Finish(Next),
}

/// How a person said that it does not want to be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutBy {
    /// With the key for it.
    Key,
    /// In words, which the session or the model understood.
    Speech,
}

impl OptOutBy {
    /// As the do-not-call list has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Speech => "speech",
        }
    }
}

/// One line of the transcript: what was really said and heard.
#[derive(Debug, Clone, PartialEq)]
pub struct LineRecord {
    /// When it began, ms from the stream's start; unique within its track.
    pub start_ms: u64,
    /// When it ended.
    pub end_ms: u64,
    /// Whose it is.
    pub track: Track,
    /// The words.
    pub text: String,
    /// The recogniser's confidence, 0 to 1, where it has one.
    pub confidence: Option<f32>,
}

/// A side of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Track {
    /// The person.
    Caller,
    /// The AI agent.
    Agent,
}

/// What the call does when the stream has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// It ends.
    Hangup,
    /// It goes to a human.
    Operator,
    /// The voicemail message is played.
    Voicemail,
    /// A new stream continues it.
    Resume,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndedBy {
    /// The caller hung up.
    Caller,
    /// The agent said goodbye, transferred or opted the caller out.
    #[default]
    Agent,
    /// Nobody spoke.
    Silence,
    /// The maximum duration.
    TimeLimit,
    /// A machine had answered.
    Machine,
    /// No provider was left.
    Providers,
    /// The stream broke.
    LineLost,
    /// Steering or a drain.
    Platform,
}

/// Figures of a whole session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Why it ended.
    pub ended_by: EndedBy,
    /// From the stream's start to the finish.
    pub duration_ms: u64,
    /// The caller's turns that had words.
    pub turns: u32,
    /// Times that the caller interrupted the agent.
    pub barge_ins: u32,
    /// Of those, taken back since nothing had been said.
    pub false_barge_ins: u32,
    /// Voice heard from the caller.
    pub caller_speech_ms: u64,
    /// Audio sent and not cleared.
    pub agent_speech_ms: u64,
    /// Replies begun, and from the caller's last voice to their first audio: the sum and the longest.
    pub replies: u32,
    /// Sum over all replies.
    pub reply_delay_sum_ms: u64,
    /// The longest.
    pub reply_delay_max_ms: u64,
    /// Marks that never came back.
    pub marks_lost: u32,
    /// Failures of providers: recogniser, model, voice.
    pub failures: [u32; 3],
    /// What each provider did.
    pub work: Work,
}

/// What each provider did, by its index in order of preference; one that did nothing may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Milliseconds that a recogniser listened.
    pub heard_ms: Vec<u64>,
    /// Letters that a model wrote.
    pub written: Vec<u64>,
    /// Letters that a voice spoke.
    pub spoken: Vec<u64>,
}

impl Work {
    /// Adds to one provider's part.
    pub(super) fn add(part: &mut Vec<u64>, choice: usize, amount: u64) {
        if part.len() <= choice {
            part.resize(choice + 1, 0);
        }
        if let Some(so_far) = part.get_mut(choice) {
            *so_far = so_far.saturating_add(amount);
        }
    }
}
