//! The built-in parts as calls see them: there from the start, and working
//! once the models are loaded.

use std::sync::{Arc, OnceLock};

use tokio::sync::{mpsc, watch};

use super::engines::Engines;
use super::speech::SpeechStatus;
use crate::ProviderError;
use crate::builtin::vad::Energy;
use crate::stt::{SpeechToText, SttOptions, SttStream};
use crate::tts::{TextToSpeech, TtsPart, Voice};
use crate::vad::{VoiceActivity, VoiceActivityFactory};

/// Where the engines appear once they are loaded.
#[derive(Debug, Clone)]
pub(super) struct Lazy {
    pub(super) engines: Arc<OnceLock<Engines>>,
    pub(super) status: watch::Receiver<SpeechStatus>,
}

impl Lazy {
    fn get(&self) -> Result<&Engines, ProviderError> {
        self.engines.get().ok_or_else(|| {
            let reason = match &*self.status.borrow() {
                SpeechStatus::Loading | SpeechStatus::Ready => {
                    "the speech models are still being loaded".to_owned()
                }
                SpeechStatus::Missing(reason) => reason.clone(),
            };
            ProviderError::Unavailable {
                provider: "builtin",
                reason,
            }
        })
    }
}

#[async_trait::async_trait]
impl SpeechToText for Lazy {
    fn name(&self) -> &'static str {
        "builtin"
    }

    async fn open(&self, options: &SttOptions) -> Result<SttStream, ProviderError> {
        self.get()?.stt.open(options).await
    }
}

#[async_trait::async_trait]
impl TextToSpeech for Lazy {
    fn name(&self) -> &'static str {
        "builtin"
    }

    async fn speak(&self, text: &str, voice: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        self.get()?.tts.speak(text, voice).await
    }
}

/// The network's detector once it is loaded, the one by level until then.
impl VoiceActivityFactory for Lazy {
    fn name(&self) -> &'static str {
        if self.engines.get().is_some() {
            "silero"
        } else {
            "energy"
        }
    }

    fn open(&self) -> Box<dyn VoiceActivity> {
        self.engines
            .get()
            .map_or_else(|| Energy.open(), |engines| engines.vad.open())
    }
}
