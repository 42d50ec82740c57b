//! The connection of one call, and how it comes back.

use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::unheard::Unheard;
use super::wire;
use crate::ProviderError;
use crate::cloud::Limits;
use crate::cloud::endpoint::Endpoint;
use crate::cloud::retry::{ATTEMPTS, backoff};
use crate::cloud::socket::{Incoming, Socket};

/// A message of audio; larger ones are cut.
const PIECE: usize = 8_000;

/// An open connection and what it takes to open it again.
#[derive(Debug)]
pub(super) struct Line {
    endpoint: Endpoint,
    url: Url,
    limits: Limits,
    socket: Socket,
    /// The number in the call of this connection's first sample.
    base: u64,
    /// Connections lost since a text was last heard.
    losses: u32,
    /// The last message to the vendor: it wants one every 10 s.
    sent_at: Instant,
}

impl Line {
    pub(super) async fn open(endpoint: &Endpoint, url: Url, limits: Limits) -> Result<Self, ProviderError> {
        Ok(Self {
            socket: Socket::open(endpoint, &url, &limits).await?,
            endpoint: endpoint.clone(),
            url,
            limits,
            base: 0,
            losses: 0,
            sent_at: Instant::now(),
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The next message. Cancel-safe.
    pub(super) async fn next(&mut self) -> Incoming {
        self.socket.next().await
    }

    /// What the end of the connection means.
    pub(super) fn closed(&self, why: Option<(u16, String)>) -> ProviderError {
        self.socket.closed(why)
    }

    pub(super) fn failed(&self, reason: impl AsRef<str>) -> ProviderError {
        self.endpoint.failed(reason)
    }

    /// When the next sign of life is due.
    pub(super) fn keep_alive_at(&self) -> Instant {
        self.sent_at + self.limits.keep_alive
    }

    pub(super) async fn tell(&mut self, message: &str) -> Result<(), ProviderError> {
        self.sent_at = Instant::now();
        self.socket.text(message.to_owned()).await
    }

    pub(super) async fn audio(
        &mut self,
        samples: impl IntoIterator<Item = i16>,
    ) -> Result<(), ProviderError> {
        self.sent_at = Instant::now();
        let mut bytes = Vec::new();
        for sample in samples {
            bytes.extend_from_slice(&sample.to_le_bytes());
            if bytes.len() >= 2 * PIECE {
                self.socket.bytes(std::mem::take(&mut bytes)).await?;
            }
        }
        if !bytes.is_empty() {
            self.socket.bytes(bytes).await?;
        }
        Ok(())
    }

    /// The number in the call of this connection's first sample. Its texts
    /// count from there.
    pub(super) fn base(&self) -> u64 {
        self.base
    }

    /// The connection works: something was heard on it.
    pub(super) fn works(&mut self) {
        self.losses = 0;
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        if self.tell(wire::CLOSE_STREAM).await.is_ok() {
            self.socket.close().await;
        }
    }

    /// Opens a new connection in place of a lost one, makes sure that somebody
    /// is there, and sends what has no text yet, with the `ends` of turns in it.
    /// Gives up after some tries, or when the last ones brought no text.
    pub(super) async fn reopen(
        &mut self,
        lost: ProviderError,
        unheard: &Unheard,
        ends: &[u64],
    ) -> Result<(), ProviderError> {
        self.losses += 1;
        tracing::warn!(error = %lost, losses = self.losses, "a recogniser's connection was lost");
        if self.losses > ATTEMPTS {
            return Err(lost);
        }
        let bound = self.limits.reconnect;
        match timeout(bound, Box::pin(self.try_reopen(unheard, ends))).await {
            Ok(result) => result,
            Err(_) => Err(self.failed(format!(
                "it could not be reached again within {bound:?}; before: {lost}"
            ))),
        }
    }

    async fn try_reopen(&mut self, unheard: &Unheard, ends: &[u64]) -> Result<(), ProviderError> {
        let mut attempt = 1;
        loop {
            if attempt > 1 || self.losses > 1 {
                sleep(backoff(&self.limits, attempt.max(self.losses - 1))).await;
            }
            match self.attempt(unheard, ends).await {
                Ok(()) => return Ok(()),
                // A key that is refused now is refused again.
                Err(error @ ProviderError::Unavailable { .. }) => return Err(error),
                Err(error) if attempt >= ATTEMPTS => return Err(error),
                Err(error) => tracing::debug!(%error, attempt, "a recogniser could not be reached again"),
            }
            attempt += 1;
        }
    }

    async fn attempt(&mut self, unheard: &Unheard, ends: &[u64]) -> Result<(), ProviderError> {
        self.socket = Socket::open(&self.endpoint, &self.url, &self.limits).await?;
        self.socket.ping().await?;
        loop {
            match self.socket.next().await {
                Incoming::Pong => break,
                // No audio was sent yet, so there is no text; but there may be an error.
                Incoming::Text(text) => drop(wire::read(&text).map_err(|reason| self.failed(reason))?),
                Incoming::Other => {}
                Incoming::Closed(why) => return Err(self.closed(why)),
            }
        }
        self.base = unheard.first();
        let mut from = self.base;
        for &end in ends {
            self.audio(unheard.between(from, end)).await?;
            self.tell(wire::FINALIZE).await?;
            from = from.max(end);
        }
        self.audio(unheard.between(from, unheard.next())).await
    }
}
