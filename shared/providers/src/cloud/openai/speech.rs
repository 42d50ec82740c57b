//! OpenAI's voices.
//!
//! Source: OpenAI API reference, `POST /audio/speech`: `pcm` is 24 kHz, 16 bit,
//! little-endian, without a header, and the body is sent while it is made.

use serde_json::json;
use tokio::sync::mpsc;

use crate::ProviderError;
use crate::cloud::Limits;
use crate::cloud::endpoint::Endpoint;
use crate::cloud::pcm::ToPhone;
use crate::cloud::spoken;
use crate::tts::{TextToSpeech, TtsPart, Voice};

const MODEL: &str = "gpt-4o-mini-tts";
const DEFAULT_VOICE: &str = "alloy";
/// The reference's maximum for one request.
const LETTERS_MAX: usize = 4_096;

/// Speech of one account.
#[derive(Debug)]
pub(in crate::cloud) struct Speech {
    endpoint: Endpoint,
    limits: Limits,
}

impl Speech {
    pub(in crate::cloud) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { endpoint, limits }
    }
}

#[async_trait::async_trait]
impl TextToSpeech for Speech {
    fn name(&self) -> &'static str {
        self.endpoint.vendor.as_str()
    }

    async fn speak(&self, text: &str, voice: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        let text: String = text.trim().chars().take(LETTERS_MAX).collect();
        if text.is_empty() {
            return Ok(spoken::nothing());
        }
        let mut body = json!({
            "model": MODEL,
            "input": text,
            "voice": spoken::id(voice, DEFAULT_VOICE),
            "response_format": "pcm",
        });
        if let Some(speed) = spoken::speed(voice, 0.25, 4.0) {
            body["speed"] = json!(speed);
        }
        let url = self.endpoint.http("/audio/speech");
        spoken::speak(&self.endpoint, url, &body, &self.limits, ToPhone::from_24_khz()).await
    }
}
