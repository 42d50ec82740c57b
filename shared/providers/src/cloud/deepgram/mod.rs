//! Deepgram's streaming recogniser.
//!
//! One socket a call. The media server ends turns; `Finalize` then flushes what
//! Deepgram still holds, so its own end-of-speech detection decides nothing.
//!
//! Sources: Deepgram's "Live Audio" reference (`wss /v1/listen`), "Finalize",
//! "Audio Keep Alive", "Close Stream" and "Recovering From Connection Errors".

mod line;
mod serve;
mod turns;
mod unheard;
mod wire;

#[cfg(test)]
mod turns_tests;

use tokio::sync::mpsc;

use self::line::Line;
use super::Limits;
use super::endpoint::Endpoint;
use crate::ProviderError;
use crate::stt::{SpeechToText, SttOptions, SttStream};

/// Messages that may wait for one call's task: 3 s in pieces of 100 ms.
const MESSAGES_MAX: usize = 32;
/// Results that may wait for one call's media server.
const EVENTS_MAX: usize = 8;

/// Live recognition of one account.
#[derive(Debug)]
pub(super) struct Deepgram {
    endpoint: Endpoint,
    limits: Limits,
}

impl Deepgram {
    pub(super) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { endpoint, limits }
    }
}

#[async_trait::async_trait]
impl SpeechToText for Deepgram {
    fn name(&self) -> &'static str {
        self.endpoint.vendor.as_str()
    }

    async fn open(&self, options: &SttOptions) -> Result<SttStream, ProviderError> {
        let url = wire::url(&self.endpoint, &options.language);
        let line = Line::open(&self.endpoint, url, self.limits).await?;
        let (input, messages) = mpsc::channel(MESSAGES_MAX);
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        tokio::spawn(serve::serve(line, messages, sender));
        Ok(SttStream { input, events })
    }
}
