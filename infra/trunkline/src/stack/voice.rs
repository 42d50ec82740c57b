//! The simulated people speak with the built-in voice, once it is loaded.

use std::sync::Arc;

use trunkline_carrier_sim::{Babble, SimVoice};
use trunkline_providers::tts::{TextToSpeech, TtsPart, Voice};

/// A provider's voice, for the simulator; where it cannot speak, speech-like sound.
pub(super) struct SpokenVoice(pub(super) Arc<dyn TextToSpeech>);

#[async_trait::async_trait]
impl SimVoice for SpokenVoice {
    async fn say(&self, text: &str) -> Vec<i16> {
        let voice = Voice {
            speed: 1.0,
            language: "en".to_owned(),
            ..Voice::default()
        };
        let Ok(mut parts) = self.0.speak(text, &voice).await else {
            return Babble.say(text).await;
        };
        let mut samples = Vec::new();
        while let Some(part) = parts.recv().await {
            match part {
                TtsPart::Audio(audio) => samples.extend(audio),
                TtsPart::Done => return samples,
                TtsPart::Failed(_) => break,
            }
        }
        Babble.say(text).await
    }
}
