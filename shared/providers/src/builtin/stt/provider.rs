//! The built-in recogniser behind the common trait.

use std::sync::Arc;

use rten::ThreadPool;
use tokio::sync::mpsc;

use super::turn;
use super::whisper::Recogniser;
use super::worker::{self, Job};
use crate::ProviderError;
use crate::builtin::LoadError;
use crate::builtin::vad::Silero;
use crate::models::{ModelsDir, file};
use crate::stt::{SpeechToText, SttOptions, SttStream};

pub(super) const NAME: &str = "builtin";

/// Messages that may wait for one call's task: 2.5 s of 20 ms frames.
const MESSAGES_MAX: usize = 128;
/// Results that may wait for one call's media server.
const EVENTS_MAX: usize = 8;

/// Whisper tiny.en: English, on the processor, one final text for each turn.
#[derive(Debug, Clone)]
pub struct Whisper {
    queue: mpsc::Sender<Job>,
}

impl Whisper {
    /// Loads the model and starts its thread. Takes about a second, most of it
    /// to hear 30 s of silence, and reads 75 MB: call it off the async threads.
    ///
    /// # Errors
    /// [`LoadError`] when a file is not there or not that model.
    pub fn load(models: &ModelsDir, detector: Silero, pool: Arc<ThreadPool>) -> Result<Self, LoadError> {
        let recogniser = pool.run(|| Recogniser::load(models, detector))?;
        let queue = worker::start(recogniser, pool).map_err(LoadError::at(&models.path(file::WHISPER)))?;
        Ok(Self { queue })
    }
}

#[async_trait::async_trait]
impl SpeechToText for Whisper {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn open(&self, options: &SttOptions) -> Result<SttStream, ProviderError> {
        if !is_english(&options.language) {
            return Err(ProviderError::Unavailable {
                provider: NAME,
                reason: format!(
                    "the built-in recogniser understands English, not `{}`",
                    options.language
                ),
            });
        }
        let (input, messages) = mpsc::channel(MESSAGES_MAX);
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        tokio::spawn(turn::serve(messages, sender, self.queue.clone()));
        Ok(SttStream { input, events })
    }
}

/// Whether a BCP 47 tag names English; an empty one names nothing else.
fn is_english(tag: &str) -> bool {
    let language = tag.split(['-', '_']).next().unwrap_or_default();
    ["", "en", "eng", "english", "auto", "multi"]
        .iter()
        .any(|known| language.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_goes_by_many_names_and_hindi_by_none_of_them() {
        assert!(
            ["en", "en-US", "EN_gb", "", "english"]
                .into_iter()
                .all(is_english)
        );
        assert!(!["hi", "hi-IN", "es", "ensign"].into_iter().any(is_english));
    }
}
