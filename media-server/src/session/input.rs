//! What happens to a session.

use trunkline_providers::llm::ReplyPart;
use trunkline_providers::stt::SttEvent;
use trunkline_providers::tts::TtsPart;

use super::output::Next;
use crate::audio::Frame;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// The stream has started; comes once, first.
    Start,
    /// The caller's next 20 ms.
    Media {
        /// The audio.
        frame: &'a Frame,
        /// Probability of speech in it, 0 to 1.
        speech: f32,
    },
    /// The carrier has played everything before this mark, or dropped it after a clear.
    Mark {
        /// The mark's number, as sent.
        id: u32,
    },
    /// The caller pressed a key.
    Dtmf(char),
    /// The recogniser, or its failure to open.
    Stt(SttEvent),
    /// A part of the reply that was started under this number.
    Reply {
        /// From [`super::Output::StartReply`].
        id: u32,
        /// The part.
        part: ReplyPart,
    },
    /// A part of the speech that was asked for under this number.
    Speech {
        /// From [`super::Output::Speak`].
        id: u32,
        /// The part.
        part: TtsPart,
    },
    /// Who answered, from the carrier's or our own detection.
    Amd(Answerer),
    /// No person will come who takes the caller over, after [`super::Output::FindPerson`].
    NobodyCame,
    /// Somebody steers: finish now, with this next.
    Finish(Next),
    /// The time of [`super::Session::next_timeout`] has come.
    Timeout,
    /// The carrier says that the stream is over: the caller hung up.
    Stop,
    /// The socket broke without a word: the call may still be there.
    Lost,
}

/// Who or what has answered the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answerer {
    /// A person.
    Human,
    /// A machine, its greeting perhaps still playing.
    Machine,
    /// A machine whose greeting has ended: it records now.
    MachineReady,
    /// The network, with the tones of a number that cannot be reached.
    Nobody,
}
