//! The built-in parts that need models, loaded together and shared by all calls.

use std::num::NonZeroUsize;
use std::sync::Arc;

use rten::ThreadPool;

use crate::builtin::LoadError;
use crate::builtin::stt::Whisper;
use crate::builtin::tts::Piper;
use crate::builtin::vad::Silero;
use crate::models::{MissingModels, ModelsDir, Set, file};

/// Detector, recogniser and voice.
#[derive(Debug)]
pub(super) struct Engines {
    pub(super) vad: Silero,
    pub(super) stt: Whisper,
    pub(super) tts: Piper,
}

/// Why they are not there. The text says how to get them.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoEngines {
    #[error(transparent)]
    Missing(#[from] MissingModels),
    #[error(transparent)]
    Broken(#[from] LoadError),
}

impl Engines {
    /// Checks and loads all models, one after the other. Blocks for about a second.
    pub(super) fn load(models: &ModelsDir, threads: NonZeroUsize) -> Result<Self, NoEngines> {
        models.check(Set::Speech)?;
        // One pool for recogniser and voice: they take turns within a call.
        let pool = Arc::new(ThreadPool::with_num_threads(threads.get()));
        let vad = Silero::load(&models.path(file::SILERO))?;
        let stt = Whisper::load(models, vad.clone(), Arc::clone(&pool))?;
        let tts = Piper::load(models, pool)?;
        Ok(Self { vad, stt, tts })
    }
}
