//! Cartesia's voices, over WebSockets.
//!
//! The vendor asks for sockets that are opened before they are needed and serve
//! many generations, each a context of its own. So a socket goes back to a
//! small pool after a sentence, whether said whole or cancelled; the next
//! sentence pays no handshake.
//!
//! Sources: Cartesia's "Text to Speech (WebSocket)" reference, "Contexts",
//! "Concurrency and WebSocket Limits" and "API Errors", version 2026-03-01.

mod pool;
mod sentence;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use self::pool::Pool;
use self::sentence::Sentence;
use super::Limits;
use super::endpoint::Endpoint;
use super::socket::Socket;
use super::spoken::{self, PARTS_MAX};
use crate::ProviderError;
use crate::tts::{TextToSpeech, TtsPart, Voice};

/// No sentence is longer.
const LETTERS_MAX: usize = 5_000;

/// Speech of one account.
#[derive(Debug)]
pub(super) struct Cartesia {
    endpoint: Endpoint,
    limits: Limits,
    pool: Arc<Pool>,
    /// Contexts so far; their names differ on every socket.
    contexts: AtomicU64,
}

impl Cartesia {
    pub(super) fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self {
            endpoint,
            limits,
            pool: Arc::default(),
            contexts: AtomicU64::new(0),
        }
    }
}

#[async_trait::async_trait]
impl TextToSpeech for Cartesia {
    fn name(&self) -> &'static str {
        self.endpoint.vendor.as_str()
    }

    async fn speak(&self, text: &str, voice: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        let text: String = text.trim().chars().take(LETTERS_MAX).collect();
        if text.is_empty() {
            return Ok(spoken::nothing());
        }
        let number = self.contexts.fetch_add(1, Ordering::Relaxed);
        let url = self.endpoint.socket("/tts/websocket");
        let kept = self.pool.take();
        let fresh = kept.is_none();
        let socket = match kept {
            Some(socket) => socket,
            None => Socket::open(&self.endpoint, &url, &self.limits).await?,
        };
        let mut sentence = Sentence {
            endpoint: self.endpoint.clone(),
            url,
            limits: self.limits,
            request: wire::request(&text, voice),
            number,
            attempt: 0,
            fresh,
            socket,
        };
        let (sender, parts) = mpsc::channel(PARTS_MAX);
        let pool = Arc::clone(&self.pool);
        tokio::spawn(async move {
            let said = tokio::select! {
                biased;
                () = sender.closed() => None,
                said = sentence.say(&sender) => Some(said),
            };
            let reusable = match said {
                // The vendor is told, so that it stops working for nobody.
                None => sentence.cancel().await.is_ok(),
                Some(Ok(())) => {
                    pool.put(sentence.socket);
                    drop(sender.send(TtsPart::Done).await);
                    return;
                }
                Some(Err(error)) => {
                    drop(sender.send(TtsPart::Failed(error)).await);
                    false
                }
            };
            if reusable {
                pool.put(sentence.socket);
            }
        });
        Ok(parts)
    }
}
