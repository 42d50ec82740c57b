//! All speech parts of a process.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use super::choice::Choice;
use super::engines::Engines;
use super::lazy::Lazy;
use crate::builtin::dialogue::Extractive;
use crate::builtin::vad::Energy;
use crate::llm::LanguageModel;
use crate::models::ModelsDir;
use crate::stt::SpeechToText;
use crate::stub::{StubLlm, StubStt, StubTts};
use crate::tts::TextToSpeech;
use crate::vad::VoiceActivityFactory;

/// What to use.
#[derive(Debug, Clone)]
pub struct SpeechOptions {
    /// The folder of the built-in parts' models.
    pub models_dir: PathBuf,
    /// Who understands.
    pub stt: Choice,
    /// Who decides what is said.
    pub llm: Choice,
    /// Who speaks.
    pub tts: Choice,
    /// Processor threads that inference may use at once; the machine's cores
    /// are a good number.
    pub threads: NonZeroUsize,
}

/// How far the built-in speech parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpeechStatus {
    /// The models are being read.
    Loading,
    /// Calls can be spoken. At once, when no chosen part needs a model.
    Ready,
    /// Models are absent or broken; says which, and how to get them.
    Missing(String),
}

/// The parts that a call speaks through.
#[derive(Debug, Clone)]
pub struct Providers {
    /// Who understands.
    pub stt: Arc<dyn SpeechToText>,
    /// Who decides what is said.
    pub llm: Arc<dyn LanguageModel>,
    /// Who speaks.
    pub tts: Arc<dyn TextToSpeech>,
    /// Who hears whether someone speaks.
    pub vad: Arc<dyn VoiceActivityFactory>,
}

/// The process's speech parts: made once, shared by all calls.
#[derive(Debug)]
pub struct Speech {
    models: ModelsDir,
    threads: NonZeroUsize,
    needs_models: bool,
    engines: Arc<OnceLock<Engines>>,
    status: watch::Sender<SpeechStatus>,
    providers: Providers,
}

impl Speech {
    /// Makes the parts, without reading any model yet: see [`Speech::load`].
    #[must_use]
    pub fn new(options: SpeechOptions) -> Self {
        // The network's detector serves the built-in recogniser and any call
        // that is not wholly a stub.
        let needs_models = options.stt == Choice::Builtin || options.tts == Choice::Builtin;
        let start = if needs_models {
            SpeechStatus::Loading
        } else {
            SpeechStatus::Ready
        };
        let (status, receiver) = watch::channel(start);
        let engines = Arc::new(OnceLock::new());
        let lazy = Lazy {
            engines: Arc::clone(&engines),
            status: receiver,
        };
        let providers = Providers {
            stt: match options.stt {
                Choice::Builtin => Arc::new(lazy.clone()),
                Choice::Stub => Arc::new(StubStt),
            },
            llm: match options.llm {
                Choice::Builtin => Arc::new(Extractive),
                Choice::Stub => Arc::new(StubLlm),
            },
            tts: match options.tts {
                Choice::Builtin => Arc::new(lazy.clone()),
                Choice::Stub => Arc::new(StubTts),
            },
            vad: if needs_models {
                Arc::new(lazy)
            } else {
                Arc::new(Energy)
            },
        };
        let (models, threads) = (ModelsDir::new(options.models_dir), options.threads);
        Self {
            models,
            threads,
            needs_models,
            engines,
            status,
            providers,
        }
    }

    /// The parts. Built-in ones answer `Unavailable` until they are loaded.
    #[must_use]
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// Follows the status; the current one is there at once.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<SpeechStatus> {
        self.status.subscribe()
    }

    /// Reads the models, about a second's work on a thread of its own, and
    /// answers the status reached. After [`SpeechStatus::Missing`] it can be
    /// called again, once the files are there.
    pub async fn load(&self) -> SpeechStatus {
        if !self.needs_models || self.engines.get().is_some() {
            return self.status.borrow().clone();
        }
        self.status.send_replace(SpeechStatus::Loading);
        let (models, threads, engines) = (self.models.clone(), self.threads, Arc::clone(&self.engines));
        let loaded = tokio::task::spawn_blocking(move || {
            let loaded = Engines::load(&models, threads)?;
            engines.get_or_init(|| loaded);
            Ok::<_, super::engines::NoEngines>(())
        })
        .await;
        let status = match loaded {
            Ok(Ok(())) => SpeechStatus::Ready,
            Ok(Err(reason)) => SpeechStatus::Missing(reason.to_string()),
            Err(stopped) => SpeechStatus::Missing(format!("the speech models could not be read: {stopped}")),
        };
        self.status.send_replace(status.clone());
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProviderError;
    use crate::stt::SttOptions;
    use crate::tts::Voice;

    fn options(models_dir: PathBuf, choice: Choice) -> SpeechOptions {
        SpeechOptions {
            models_dir,
            stt: choice,
            llm: choice,
            tts: choice,
            threads: NonZeroUsize::MIN,
        }
    }

    #[tokio::test]
    async fn stubs_are_ready_without_any_model() {
        let speech = Speech::new(options("/nowhere".into(), Choice::Stub));
        assert_eq!(speech.load().await, SpeechStatus::Ready);
        let parts = speech.providers();
        assert_eq!(
            (
                parts.stt.name(),
                parts.llm.name(),
                parts.tts.name(),
                parts.vad.name()
            ),
            ("stub", "stub", "stub", "energy")
        );
    }

    #[tokio::test]
    async fn missing_models_are_named_in_status_and_in_every_refusal() {
        let folder = tempfile::tempdir().unwrap();
        let speech = Speech::new(options(folder.path().into(), Choice::Builtin));
        assert_eq!(*speech.status().borrow(), SpeechStatus::Loading);
        let refusal = speech
            .providers()
            .tts
            .speak("hi", &Voice::default())
            .await
            .unwrap_err();
        assert!(refusal.to_string().contains("still being loaded"), "{refusal}");
        let SpeechStatus::Missing(reason) = speech.load().await else {
            panic!("models out of nothing")
        };
        assert!(
            reason.contains("silero_vad_16k.safetensors is missing"),
            "{reason}"
        );
        let refusal = speech
            .providers()
            .stt
            .open(&SttOptions {
                language: "en".into(),
            })
            .await
            .unwrap_err();
        assert_eq!(
            refusal,
            ProviderError::Unavailable {
                provider: "builtin",
                reason
            }
        );
        // Voice activity goes on by level, and the dialogue needs no model.
        assert_eq!(speech.providers().vad.name(), "energy");
        assert_eq!(speech.providers().llm.name(), "builtin (extractive)");
    }
}
