//! The voice's thread: speaks clauses from a bounded queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::cache::{Cache, Key};
use super::clause::Clause;
use super::pronounce::Pronouncer;
use super::provider::NAME;
use super::voice::VoiceModel;
use crate::ProviderError;
use crate::tts::TtsPart;

/// One text to be spoken.
#[derive(Debug)]
pub(super) struct Job {
    /// Its clauses, at least one.
    pub(super) clauses: Vec<Clause>,
    /// In percent of the voice's own.
    pub(super) speed_percent: u16,
    /// Where the audio goes; has room for all clauses and the end, so that a
    /// slow listener never holds up the others. Closed when nobody listens any more.
    pub(super) out: mpsc::Sender<TtsPart>,
}

/// Texts that may wait: about three seconds of work.
const WAITING_MAX: usize = 16;
/// 1,000 s of speech.
const CACHE_BYTES: usize = 16 << 20;

/// What makes speech, shared by the thread and by whoever asks.
#[derive(Debug)]
pub(super) struct Engine {
    pronouncer: Pronouncer,
    voice: VoiceModel,
    cache: Mutex<Cache>,
}

impl Engine {
    pub(super) fn new(pronouncer: Pronouncer, voice: VoiceModel) -> Self {
        Self {
            pronouncer,
            voice,
            cache: Mutex::new(Cache::new(CACHE_BYTES)),
        }
    }

    /// A clause spoken before.
    pub(super) fn known(&self, key: &Key) -> Option<Arc<[i16]>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(key)
    }

    fn speak(&self, clause: &Clause, speed_percent: u16) -> Result<Arc<[i16]>, String> {
        let key = clause.key(speed_percent);
        if let Some(audio) = self.known(&key) {
            return Ok(audio);
        }
        let mut sounds = self.pronouncer.sounds(&clause.words);
        sounds.push(clause.mark);
        let audio: Arc<[i16]> = self
            .voice
            .speak(&sounds, f32::from(speed_percent) / 100.0)?
            .into();
        self.cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .put(key, &audio);
        Ok(audio)
    }
}

/// Starts the thread; it ends when the last sender is gone.
pub(super) fn start(engine: Arc<Engine>) -> std::io::Result<mpsc::Sender<Job>> {
    let (queue, mut jobs) = mpsc::channel::<Job>(WAITING_MAX);
    std::thread::Builder::new()
        .name("text-to-speech".into())
        .spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                // One odd text must not take the voice from all other calls.
                let last = catch_unwind(AssertUnwindSafe(|| speak(&engine, &job)))
                    .unwrap_or_else(|_| failed("the voice stopped in the middle of a clause".into()));
                // Whoever has gone does not want to know.
                drop(job.out.try_send(last));
            }
        })?;
    Ok(queue)
}

/// Speaks a job's clauses; answers the part that ends it.
fn speak(engine: &Engine, job: &Job) -> TtsPart {
    for clause in &job.clauses {
        if job.out.is_closed() {
            break;
        }
        match engine.speak(clause, job.speed_percent) {
            Ok(audio) => drop(job.out.try_send(TtsPart::Audio(audio.to_vec()))),
            Err(reason) => return failed(reason),
        }
    }
    TtsPart::Done
}

fn failed(reason: String) -> TtsPart {
    TtsPart::Failed(ProviderError::Failed {
        provider: NAME,
        reason,
    })
}
