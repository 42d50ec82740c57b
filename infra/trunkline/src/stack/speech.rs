//! The speech parts of this process: who uses them, and how far they are.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use trunkline_carrier_sim::SimVoice;
use trunkline_providers::registry::{Choice, Speech, SpeechOptions, SpeechStatus};
use trunkline_runtime::{Config, config::threads};
use trunkline_service::{
    Ctx,
    readiness::{Part, PartState},
    recordings::Recogniser,
};

use super::voice::SpokenVoice;
use crate::models;

/// The speech parts.
pub(super) struct Parts {
    speech: Arc<Speech>,
    models_dir: std::path::PathBuf,
    stubs: bool,
}

impl Parts {
    pub(super) fn new(config: &Config) -> Self {
        let chosen = &config.speech;
        let options = SpeechOptions {
            models_dir: chosen.models_dir.clone(),
            stt: chosen.stt,
            llm: chosen.llm,
            tts: chosen.tts,
            threads: threads(),
        };
        let stubs = chosen.stt == Choice::Stub && chosen.tts == Choice::Stub;
        Self {
            speech: Arc::new(Speech::new(options)),
            models_dir: chosen.models_dir.clone(),
            stubs,
        }
    }

    /// For the media server, under the names that agents use and those that force them.
    pub(super) fn media(&self) -> trunkline_media::Parts {
        let parts = self.speech.providers();
        let mut all = trunkline_media::Parts::new(parts.vad.clone());
        for name in ["builtin", parts.stt.name()] {
            all = all.with_stt(name, parts.stt.clone());
        }
        for name in ["builtin", parts.llm.name()] {
            all = all.with_llm(name, parts.llm.clone());
        }
        for name in ["builtin", parts.tts.name()] {
            all = all.with_tts(name, parts.tts.clone());
        }
        all
    }

    /// For recordings that are transcribed again.
    pub(super) fn recogniser(&self) -> Recogniser {
        let parts = self.speech.providers();
        Recogniser {
            stt: parts.stt.clone(),
            vad: parts.vad.clone(),
        }
    }

    /// For the simulated people; with stubs they make speech-like sound.
    pub(super) fn sim_voice(&self) -> Arc<dyn SimVoice> {
        if self.stubs {
            Arc::new(trunkline_carrier_sim::Babble)
        } else {
            Arc::new(SpokenVoice(self.speech.providers().tts.clone()))
        }
    }

    /// How far they are.
    pub(super) fn status(&self) -> watch::Receiver<SpeechStatus> {
        self.speech.status()
    }

    /// Ready only when the media server's places are published: who reads "ok" may call at once.
    pub(super) fn readiness(&self, open: watch::Receiver<bool>) -> Arc<dyn Part> {
        Arc::new(SpeechPart {
            status: self.speech.status(),
            open,
        })
    }

    /// Fetches what is missing and loads it, behind the requests that are served meanwhile, and then does `ready`. Until
    /// then this media server publishes no places, so no call that needs the models is dialled.
    pub(super) fn load(
        &self,
        stop: &CancellationToken,
        tasks: &TaskTracker,
        ready: impl FnOnce() + Send + 'static,
    ) {
        let (speech, folder, stop) = (self.speech.clone(), self.models_dir.clone(), stop.clone());
        tasks.spawn(async move {
            let loading = async {
                let mut status = speech.load().await;
                if let SpeechStatus::Missing(reason) = &status {
                    tracing::info!("speech models are fetched once: {reason}");
                    match models::fetch(&folder, models::Set::Speech, true).await {
                        Ok(()) => status = speech.load().await,
                        Err(error) => tracing::warn!("the speech models cannot be fetched: {error}"),
                    }
                }
                if status == SpeechStatus::Ready {
                    ready();
                    tracing::info!("speech is ready");
                }
            };
            tokio::select! {
                () = loading => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

#[derive(Debug)]
struct SpeechPart {
    status: watch::Receiver<SpeechStatus>,
    open: watch::Receiver<bool>,
}

#[async_trait::async_trait]
impl Part for SpeechPart {
    fn name(&self) -> &'static str {
        "speech"
    }

    async fn check(&self, _: &Ctx) -> PartState {
        state(&self.status.borrow(), *self.open.borrow())
    }
}

/// How speech is, where its models are so, and calls are `open` to be handed out or not yet.
const fn state(models: &SpeechStatus, open: bool) -> PartState {
    match models {
        SpeechStatus::Ready if open => PartState::Ok,
        SpeechStatus::Loading | SpeechStatus::Ready => PartState::Loading,
        SpeechStatus::Missing(_) => PartState::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_ready_when_its_places_are_published_and_no_sooner() {
        assert_eq!(state(&SpeechStatus::Loading, false), PartState::Loading);
        assert_eq!(state(&SpeechStatus::Ready, false), PartState::Loading);
        assert_eq!(state(&SpeechStatus::Ready, true), PartState::Ok);
        let missing = SpeechStatus::Missing("no such file".to_owned());
        assert_eq!(state(&missing, false), PartState::Missing);
    }
}
