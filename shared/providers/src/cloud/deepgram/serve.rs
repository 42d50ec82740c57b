//! One call's recogniser: its loop.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::line::Line;
use super::turns::Turns;
use super::unheard::Unheard;
use super::wire::{self, Heard};
use crate::cloud::socket::Incoming;
use crate::stt::{SttEvent, SttInput};
use crate::{ProviderError, RATE_HZ};

/// A payload that it cannot use, or a rule that was broken: RFC 6455. Another
/// connection would meet the same.
const FATAL_CODES: [u16; 2] = [1_007, 1_008];

/// Serves one call until nobody listens, or it has been told all, or the vendor
/// is lost for good.
pub(super) async fn serve(line: Line, input: mpsc::Receiver<SttInput>, events: mpsc::Sender<SttEvent>) {
    let mut call = Call {
        line,
        turns: Turns::default(),
        unheard: Unheard::default(),
        heard_at: Instant::now(),
        events,
    };
    match call.run(input).await {
        Ok(()) => call.line.close().await,
        // Who has gone away needs no last event.
        Err(error) => drop(call.events.send(SttEvent::Failed(error)).await),
    }
}

struct Call {
    line: Line,
    turns: Turns,
    unheard: Unheard,
    /// The last message from the vendor.
    heard_at: Instant,
    events: mpsc::Sender<SttEvent>,
}

/// What one turn of the loop is about.
enum Happened {
    Incoming(Incoming),
    Late,
    Silent,
    Input(Option<SttInput>),
}

impl Call {
    async fn run(&mut self, mut input: mpsc::Receiver<SttInput>) -> Result<(), ProviderError> {
        let mut open = true;
        while open || self.turns.is_waiting() {
            let (late, silent) = (self.turns.deadline(), self.line.keep_alive_at());
            let happened = tokio::select! {
                biased;
                () = self.events.closed() => return Ok(()),
                incoming = self.line.next() => Happened::Incoming(incoming),
                () = until(late) => Happened::Late,
                () = sleep_until(silent) => Happened::Silent,
                message = input.recv(), if open => Happened::Input(message),
            };
            let done = match happened {
                Happened::Incoming(incoming) => self.incoming(incoming).await,
                Happened::Late => self.late().await,
                Happened::Silent => self.line.tell(wire::KEEP_ALIVE).await,
                Happened::Input(Some(message)) => self.input(message).await,
                Happened::Input(None) => {
                    open = false;
                    Ok(())
                }
            };
            match done {
                Ok(()) => {}
                Err(error @ ProviderError::Unavailable { .. }) => return Err(error),
                Err(lost) => self.reopen(lost).await?,
            }
        }
        Ok(())
    }

    async fn input(&mut self, message: SttInput) -> Result<(), ProviderError> {
        match message {
            SttInput::Audio(samples) => {
                self.unheard.push(&samples);
                self.line.audio(samples).await
            }
            SttInput::EndOfTurn { turn } => {
                let deadline = self.deadline();
                let ended = self.turns.end(turn, self.unheard.next(), deadline);
                self.tell(ended).await;
                if self.turns.is_waiting() {
                    self.line.tell(wire::FINALIZE).await?;
                }
                Ok(())
            }
            SttInput::Reset => {
                self.turns.reset(self.unheard.next());
                // So that no text spans what is forgotten and what is not.
                self.line.tell(wire::FINALIZE).await
            }
        }
    }

    async fn incoming(&mut self, incoming: Incoming) -> Result<(), ProviderError> {
        self.heard_at = Instant::now();
        match incoming {
            Incoming::Text(text) => {
                let heard = wire::read(&text).map_err(|reason| self.line.failed(reason))?;
                if let Some(heard) = heard {
                    self.heard(heard).await;
                }
                Ok(())
            }
            Incoming::Pong | Incoming::Other => Ok(()),
            Incoming::Closed(why) => {
                let fatal = why.as_ref().is_some_and(|(code, _)| FATAL_CODES.contains(code));
                let error = self.line.closed(why);
                Err(if fatal { unavailable(error) } else { error })
            }
        }
    }

    async fn heard(&mut self, heard: Heard) {
        self.line.works();
        let base = self.line.base();
        let heard = Heard {
            from: heard.from + base,
            until: heard.until + base,
            ..heard
        };
        if heard.fixed {
            self.unheard.heard(heard.until);
        }
        let events = self.turns.hear(heard);
        self.tell(events).await;
    }

    /// The oldest turn has waited long enough.
    async fn late(&mut self) -> Result<(), ProviderError> {
        let now = Instant::now();
        let events = self.turns.give_up(now);
        self.tell(events).await;
        // Not a word since the turn's end: somebody half-dead.
        let silence = now - self.heard_at;
        if silence >= self.line.limits().turn {
            return Err(self.line.failed(format!(
                "it has been silent for {silence:.1?} after the end of a turn"
            )));
        }
        Ok(())
    }

    async fn reopen(&mut self, lost: ProviderError) -> Result<(), ProviderError> {
        let deadline = Instant::now() + self.line.limits().reconnect + self.line.limits().turn;
        // What is no longer kept cannot be recognised again.
        let events = self.turns.settle(self.unheard.first());
        self.tell(events).await;
        let ends = self.turns.ends(deadline);
        self.line.reopen(lost, &self.unheard, &ends).await?;
        self.turns.ends(self.deadline());
        self.heard_at = Instant::now();
        Ok(())
    }

    /// When a turn that ends now is to be answered. Audio that was sent faster
    /// than it is spoken, as of a recording, takes a part of its length.
    fn deadline(&self) -> Instant {
        let unheard = self.unheard.next() - self.unheard.first();
        let work = Duration::from_millis(unheard * 1_000 / u64::from(RATE_HZ) / 8);
        Instant::now() + self.line.limits().turn + work
    }

    async fn tell(&self, events: Vec<SttEvent>) {
        for event in events {
            if matches!(event, SttEvent::Partial { .. }) {
                // The next one says more: nobody waits for a full channel's sake.
                drop(self.events.try_send(event));
            } else {
                // Who has gone away ends the loop.
                drop(self.events.send(event).await);
            }
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// So that it is not tried again.
fn unavailable(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Failed { provider, reason } => ProviderError::Unavailable { provider, reason },
        ProviderError::Unavailable { .. } | ProviderError::Overloaded { .. } => error,
    }
}
