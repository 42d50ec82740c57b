//! One sentence on one socket.

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::wire::{self, Said};
use crate::ProviderError;
use crate::cloud::Limits;
use crate::cloud::endpoint::Endpoint;
use crate::cloud::pcm::ToPhone;
use crate::cloud::retry;
use crate::cloud::socket::{Incoming, Socket};
use crate::tts::TtsPart;

/// A sentence that is being said.
pub(super) struct Sentence {
    pub(super) endpoint: Endpoint,
    pub(super) url: Url,
    pub(super) limits: Limits,
    pub(super) request: Value,
    /// Among all of the account's.
    pub(super) number: u64,
    /// Requests so far; each is a context of its own.
    pub(super) attempt: u32,
    /// The socket was opened for this sentence.
    pub(super) fresh: bool,
    pub(super) socket: Socket,
}

/// Why a request brought nothing.
enum Trouble {
    /// The socket was closed while it was kept.
    Stale,
    /// Too many at once.
    Busy(ProviderError),
    Failed(ProviderError),
}

impl Sentence {
    /// Says it whole.
    pub(super) async fn say(&mut self, parts: &mpsc::Sender<TtsPart>) -> Result<(), ProviderError> {
        let deadline = Instant::now() + self.limits.answer;
        loop {
            self.attempt += 1;
            let again = match self.ask(deadline, parts).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Failed(error)) => return Err(error),
                Err(Trouble::Stale) => {
                    let opening = Socket::open(&self.endpoint, &self.url, &self.limits);
                    self.socket = opening.await?;
                    self.fresh = true;
                    continue;
                }
                Err(Trouble::Busy(error)) => error,
            };
            let pause = retry::backoff(&self.limits, self.attempt);
            if self.attempt >= retry::ATTEMPTS || Instant::now() + pause >= deadline {
                return Err(again);
            }
            sleep(pause).await;
        }
    }

    /// Nobody listens any more.
    pub(super) async fn cancel(&mut self) -> Result<(), ProviderError> {
        let cancel = json!({"context_id": self.context(), "cancel": true});
        self.socket.text(cancel.to_string()).await
    }

    fn context(&self) -> String {
        format!("{}-{}", self.number, self.attempt)
    }

    /// One request and its answer; `deadline` is that of the first sound.
    async fn ask(&mut self, deadline: Instant, parts: &mpsc::Sender<TtsPart>) -> Result<(), Trouble> {
        let context = self.context();
        self.request["context_id"] = json!(context);
        if let Err(error) = self.socket.text(self.request.to_string()).await {
            return Err(self.stale_or(error));
        }
        let mut phone = ToPhone::same();
        let (mut heard, mut deadline) = (false, deadline);
        loop {
            let incoming = timeout_at(deadline, self.socket.next()).await;
            let text = match incoming {
                Ok(Incoming::Text(text)) => text,
                Ok(Incoming::Pong | Incoming::Other) => continue,
                Ok(Incoming::Closed(why)) if heard => return Err(Trouble::Failed(self.socket.closed(why))),
                Ok(Incoming::Closed(why)) => return Err(self.stale_or(self.socket.closed(why))),
                Err(_) => return Err(Trouble::Failed(self.silence(heard))),
            };
            let failed = |reason: String| Trouble::Failed(self.endpoint.failed(reason));
            match wire::read(&text, &context).map_err(failed)? {
                Said::Audio(bytes) => {
                    let samples = phone.take(&bytes);
                    if !samples.is_empty() {
                        heard = true;
                        // Who has gone away ends this from outside.
                        drop(parts.send(TtsPart::Audio(samples)).await);
                    }
                }
                Said::Done if heard => return Ok(()),
                Said::Done => return Err(failed("it sent no audio".to_owned())),
                Said::Error(status) => {
                    let error = self.endpoint.refused(status, text.as_bytes());
                    let busy = status == 429 && !heard;
                    return Err(if busy {
                        Trouble::Busy(error)
                    } else {
                        Trouble::Failed(error)
                    });
                }
                Said::Nothing => continue,
            }
            deadline = Instant::now() + self.limits.quiet;
        }
    }

    /// A socket that was kept may have been closed meanwhile; a new one not.
    fn stale_or(&self, error: ProviderError) -> Trouble {
        if self.fresh {
            Trouble::Failed(error)
        } else {
            Trouble::Stale
        }
    }

    fn silence(&self, heard: bool) -> ProviderError {
        let Limits { answer, quiet, .. } = self.limits;
        self.endpoint.failed(if heard {
            format!("it stopped for more than {quiet:?} in mid-answer")
        } else {
            format!("it did not answer within {answer:?}")
        })
    }
}
