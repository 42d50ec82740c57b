//! The sockets: a carrier's, or a browser's.

pub mod twilio;
pub mod voice;

use axum::extract::ws::Message;
use trunkline_providers::ProviderError;
use trunkline_providers::stt::SttEvent;

use crate::audio::UlawFrame;
use twilio::Malformed;

/// Something that the other side says, besides its audio.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    /// What was sent up to this mark has been played.
    Mark(u32),
    /// A key.
    Dtmf(char),
    /// The call is over.
    Stop,
    /// Nothing is to be heard or said until [`Said::Resume`].
    Pause,
    /// It goes on.
    Resume,
    /// What a browser says of its call: a JSON object.
    Metadata(String),
}

/// A part of the conversation that may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Llm,
    Tts,
}

/// The language of one stream's socket.
#[derive(Debug)]
pub(crate) enum Wire {
    Twilio(Box<twilio::Codec>),
    Voice(Box<voice::Codec>),
}

impl Wire {
    /// Reads a message. Each frame of the caller's audio goes to `each` with the other side's
    /// time of it, in ms; anything else is answered.
    ///
    /// # Errors
    /// [`Malformed`], where the message is not of this protocol.
    pub(crate) fn read(
        &mut self,
        text: &str,
        each: impl FnMut(&UlawFrame, Option<u64>),
    ) -> Result<Option<Said>, Malformed> {
        match self {
            Self::Twilio(codec) => Ok(match codec.read(text, each)? {
                None | Some(twilio::Event::Start(_)) => None,
                Some(twilio::Event::Mark(id)) => Some(Said::Mark(id)),
                Some(twilio::Event::Dtmf(key)) => Some(Said::Dtmf(key)),
                Some(twilio::Event::Stop) => Some(Said::Stop),
            }),
            Self::Voice(codec) => codec.read(text, each),
        }
    }

    /// 20 ms of the agent; what is not answered here comes from [`Wire::gathered`].
    pub(crate) fn audio(&mut self, frame: &UlawFrame) -> Option<Message> {
        match self {
            Self::Twilio(codec) => Some(codec.audio(frame)),
            Self::Voice(codec) => {
                codec.audio(frame);
                None
            }
        }
    }

    /// A mark behind the audio so far; a browser has none.
    pub(crate) fn mark(&mut self, id: u32) -> Option<Message> {
        match self {
            Self::Twilio(codec) => Some(codec.mark(id)),
            Self::Voice(_) => None,
        }
    }

    /// What was sent and not played is not to be heard. A browser holds a fifth of a second, so
    /// for it only what has not been sent is dropped.
    pub(crate) fn clear(&mut self) -> Option<Message> {
        match self {
            Self::Twilio(codec) => Some(codec.clear()),
            Self::Voice(codec) => {
                codec.clear();
                None
            }
        }
    }

    /// The next message that was gathered, once a round.
    pub(crate) fn gathered(&mut self) -> Option<Message> {
        match self {
            Self::Twilio(_) => None,
            Self::Voice(codec) => codec.gathered(),
        }
    }

    /// Whether the other side closes the socket after it said [`Said::Stop`]; a browser waits for us.
    pub(crate) const fn closes(&self) -> bool {
        matches!(self, Self::Twilio(_))
    }

    /// Tells a browser what is being done for it.
    pub(crate) fn status(&mut self, status: voice::Status<'_>) {
        match self {
            Self::Twilio(_) => {}
            Self::Voice(codec) => codec.status(status),
        }
    }

    /// Tells a browser what the recogniser said.
    pub(crate) fn heard(&mut self, event: &SttEvent) {
        match self {
            Self::Twilio(_) => {}
            Self::Voice(codec) => codec.heard(event),
        }
    }

    /// Tells a browser what broke.
    pub(crate) fn failed(&mut self, part: Part, error: &ProviderError) {
        match self {
            Self::Twilio(_) => {}
            Self::Voice(codec) => codec.failed(part, error),
        }
    }

    /// Tells a browser that a message of its was not understood.
    pub(crate) fn complain(&mut self, error: &Malformed) {
        match self {
            Self::Twilio(_) => {}
            Self::Voice(codec) => codec.complain(error),
        }
    }
}
