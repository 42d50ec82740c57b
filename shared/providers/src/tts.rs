//! Text to speech, as the media server uses it.

use tokio::sync::mpsc;

use crate::ProviderError;

/// The voice to speak with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Voice {
    /// The provider's voice id; empty for its default.
    pub id: String,
    /// 1.0 is the voice's own speed.
    pub speed: f32,
    /// BCP 47 language tag.
    pub language: String,
}

/// A piece of speech, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum TtsPart {
    /// Audio, 8 kHz mono.
    Audio(Vec<i16>),
    /// The text has been spoken whole.
    Done,
    /// The voice broke; no more parts follow.
    Failed(ProviderError),
}

/// A voice provider.
#[async_trait::async_trait]
pub trait TextToSpeech: Send + Sync + std::fmt::Debug {
    /// Its name: `builtin`, `stub`, `cartesia`, …
    fn name(&self) -> &'static str;

    /// Speaks one sentence or clause. Dropping the receiver cancels it.
    ///
    /// # Errors
    /// When synthesis could not even be started.
    async fn speak(&self, text: &str, voice: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError>;
}
