//! The built-in voice behind the common trait.

use std::sync::Arc;

use rten::ThreadPool;
use tokio::sync::mpsc;

use super::clause::clauses;
use super::pronounce::Pronouncer;
use super::text::spoken;
use super::voice::VoiceModel;
use super::worker::{self, Engine, Job};
use crate::ProviderError;
use crate::builtin::LoadError;
use crate::models::{ModelsDir, file};
use crate::tts::{TextToSpeech, TtsPart, Voice};

pub(super) const NAME: &str = "builtin";

/// The most letters that are spoken at once: three minutes of speech.
const LETTERS_MAX: usize = 3_000;

/// Piper's American English voice "joe", on the processor.
#[derive(Debug, Clone)]
pub struct Piper {
    engine: Arc<Engine>,
    queue: mpsc::Sender<Job>,
}

impl Piper {
    /// Loads the voice and starts its thread. Takes half a second and reads
    /// 70 MB: call it off the async threads.
    ///
    /// # Errors
    /// [`LoadError`] when a file is not there or not that model.
    pub fn load(models: &ModelsDir, pool: Arc<ThreadPool>) -> Result<Self, LoadError> {
        let engine = Arc::new(Engine::new(
            Pronouncer::load(models)?,
            VoiceModel::load(models, pool)?,
        ));
        let queue = worker::start(Arc::clone(&engine)).map_err(LoadError::at(&models.path(file::PIPER)))?;
        Ok(Self { engine, queue })
    }
}

#[async_trait::async_trait]
impl TextToSpeech for Piper {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn speak(&self, text: &str, voice: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        let text: String = text.chars().take(LETTERS_MAX).collect();
        let clauses = clauses(spoken(&text));
        let speed_percent = speed_percent(voice.speed);
        let (out, parts) = mpsc::channel(clauses.len() + 1);
        let known: Option<Vec<_>> = clauses
            .iter()
            .map(|clause| self.engine.known(&clause.key(speed_percent)))
            .collect();
        if let Some(known) = known {
            // Spoken before: nothing to wait for. The channel has room for all of it.
            for audio in known {
                drop(out.try_send(TtsPart::Audio(audio.to_vec())));
            }
            drop(out.try_send(TtsPart::Done));
            return Ok(parts);
        }
        self.queue
            .try_send(Job {
                clauses,
                speed_percent,
                out,
            })
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => ProviderError::Overloaded { provider: NAME },
                mpsc::error::TrySendError::Closed(_) => ProviderError::Failed {
                    provider: NAME,
                    reason: "the voice's thread has ended".into(),
                },
            })?;
        Ok(parts)
    }
}

/// A speed in percent; 0 and what is no number mean the voice's own, and the
/// rest is held between half and double.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 50 to 200 just before"
)]
fn speed_percent(speed: f32) -> u16 {
    if speed > 0.0 {
        (speed * 100.0).round().clamp(50.0, 200.0) as u16
    } else {
        100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_held_within_reason() {
        assert_eq!(speed_percent(1.0), 100);
        assert_eq!(speed_percent(0.0), 100);
        assert_eq!(speed_percent(f32::NAN), 100);
        assert_eq!(speed_percent(9.0), 200);
        assert_eq!(speed_percent(1.15), 115);
    }
}
