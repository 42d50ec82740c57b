//! Speech to text, as the media server uses it.

use tokio::sync::mpsc;

use crate::ProviderError;

/// How the speech is to be read.
#[derive(Debug, Clone)]
pub struct SttOptions {
    /// BCP 47 language tag, such as `en` or `en-US`.
    pub language: String,
}

/// What the media server sends to a recogniser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SttInput {
    /// The caller's audio, 8 kHz mono, in order; any length.
    Audio(Vec<i16>),
    /// The caller has stopped: answer with one [`SttEvent::Final`] carrying
    /// this turn number, even when nothing was understood (empty text).
    EndOfTurn {
        /// The caller's turn, counted from 1 by the session.
        turn: u32,
    },
    /// Forget what has been heard since the last final.
    Reset,
}

/// What a recogniser answers.
#[derive(Debug, Clone, PartialEq)]
pub enum SttEvent {
    /// What the turn sounds like so far; may still change.
    Partial {
        /// The text so far.
        text: String,
    },
    /// The turn's text; exactly one for each [`SttInput::EndOfTurn`].
    Final {
        /// The turn that was asked for.
        turn: u32,
        /// The text; empty when no words were understood.
        text: String,
        /// 0 to 1, where the recogniser knows it.
        confidence: Option<f32>,
    },
    /// The recogniser broke; no more events follow.
    Failed(ProviderError),
}

/// One call's recogniser. Dropping it frees what the call held.
#[derive(Debug)]
pub struct SttStream {
    /// Where audio goes; bounded. A full channel is backpressure, never a wait.
    pub input: mpsc::Sender<SttInput>,
    /// Where results come from.
    pub events: mpsc::Receiver<SttEvent>,
}

/// A recogniser.
#[async_trait::async_trait]
pub trait SpeechToText: Send + Sync + std::fmt::Debug {
    /// Its name in configuration and on the call: `builtin`, `stub`, `deepgram`, …
    fn name(&self) -> &'static str;

    /// Opens a stream for one call.
    ///
    /// # Errors
    /// [`ProviderError::Unavailable`] when it cannot work at all.
    async fn open(&self, options: &SttOptions) -> Result<SttStream, ProviderError>;
}
