//! ElevenLabs' voices, over streaming HTTP.
//!
//! Why not their WebSocket (`/stream-input`): its reference says that it is for
//! text that is still being written, and that with the whole text at hand it
//! buffers and so may answer later than HTTP does. Sentences are whole here. A
//! socket also speaks once and closes, while HTTP connections are kept, so the
//! next sentence starts without a handshake.
//!
//! Sources: ElevenLabs API reference, "Stream speech" (`POST
//! /v1/text-to-speech/{voice_id}/stream`) and "WebSocket".

use serde_json::json;
use tokio::sync::mpsc;

use super::Limits;
use super::endpoint::Endpoint;
use super::pcm::ToPhone;
use super::spoken;
use crate::ProviderError;
use crate::tts::{TextToSpeech, TtsPart, Voice};

/// The one that the vendor recommends where time counts.
const MODEL: &str = "eleven_flash_v2_5";
/// The voice of the reference's examples.
const DEFAULT_VOICE: &str = "JBFqnCBsd6RMkjVDRZzb";
/// No sentence is longer; the model takes 40,000.
const LETTERS_MAX: usize = 5_000;

/// Speech of one account.
#[derive(Debug)]
pub(super) struct Elevenlabs {
    endpoint: Endpoint,
    limits: Limits,
}

impl Elevenlabs {
    pub(super) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { endpoint, limits }
    }
}

#[async_trait::async_trait]
impl TextToSpeech for Elevenlabs {
    fn name(&self) -> &'static str {
        self.endpoint.vendor.as_str()
    }

    async fn speak(&self, text: &str, voice: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        let text: String = text.trim().chars().take(LETTERS_MAX).collect();
        if text.is_empty() {
            return Ok(spoken::nothing());
        }
        let mut url = self.endpoint.http("/v1/text-to-speech");
        // The id is of the configuration's making: it must not lead elsewhere.
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend([spoken::id(voice, DEFAULT_VOICE), "stream"]);
        }
        url.query_pairs_mut().append_pair("output_format", "pcm_8000");
        let mut body = json!({"text": text, "model_id": MODEL});
        if let Some(language) = spoken::language(&voice.language) {
            body["language_code"] = json!(language);
        }
        if let Some(speed) = spoken::speed(voice, 0.7, 1.2) {
            body["voice_settings"] = json!({ "speed": speed });
        }
        spoken::speak(&self.endpoint, url, &body, &self.limits, ToPhone::same()).await
    }
}
