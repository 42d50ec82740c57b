//! The driver's end of a recogniser: audio in batches, never waiting.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use trunkline_providers::ProviderError;
use trunkline_providers::stt::{SpeechToText, SttEvent, SttInput, SttOptions, SttStream};

use crate::audio::Frame;

/// 100 ms: one allocation for five frames.
const BATCH: usize = 800;

/// 2 s of audio may wait for a recogniser; then the oldest is dropped.
const MAX_WAITING: usize = 20;

/// One call's recogniser.
#[derive(Default)]
pub(crate) struct Ears {
    opening: Option<BoxFuture<'static, Result<SttStream, ProviderError>>>,
    stream: Option<SttStream>,
    batch: Vec<i16>,
    waiting: VecDeque<SttInput>,
}

impl std::fmt::Debug for Ears {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ears")
            .field("open", &self.stream.is_some())
            .field("waiting", &self.waiting.len())
            .finish()
    }
}

impl Ears {
    /// Opens a recogniser in place of the one before. What it has not been
    /// given yet goes to the new one.
    pub(crate) fn open(&mut self, stt: Arc<dyn SpeechToText>, options: SttOptions) {
        self.stream = None;
        // Questions to the old one are the session's to ask again.
        self.waiting.retain(|input| matches!(input, SttInput::Audio(_)));
        self.opening = Some(Box::pin(async move { stt.open(&options).await }));
    }

    pub(crate) fn feed(&mut self, frame: &Frame) {
        if self.batch.capacity() == 0 {
            self.batch.reserve_exact(BATCH);
        }
        self.batch.extend_from_slice(frame);
        if self.batch.len() >= BATCH {
            self.send_batch();
        }
    }

    pub(crate) fn end_of_turn(&mut self, turn: u32) {
        self.send_batch();
        self.push(SttInput::EndOfTurn { turn });
    }

    pub(crate) fn reset(&mut self) {
        self.batch.clear();
        self.waiting
            .retain(|input| matches!(input, SttInput::EndOfTurn { .. }));
        self.push(SttInput::Reset);
    }

    /// The next event; waits for ever while there is no recogniser.
    pub(crate) async fn next(&mut self) -> SttEvent {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<SttEvent> {
        if let Some(opening) = &mut self.opening {
            match opening.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    self.opening = None;
                    return Poll::Ready(SttEvent::Failed(error));
                }
                Poll::Ready(Ok(stream)) => {
                    self.opening = None;
                    self.stream = Some(stream);
                    self.send_waiting();
                }
            }
        }
        let Some(stream) = &mut self.stream else {
            return Poll::Pending;
        };
        match stream.events.poll_recv(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(event)) => {
                if matches!(event, SttEvent::Failed(_)) {
                    self.stream = None;
                }
                Poll::Ready(event)
            }
            Poll::Ready(None) => {
                self.stream = None;
                Poll::Ready(SttEvent::Failed(ProviderError::Failed {
                    provider: "speech-to-text",
                    reason: "it closed its events".to_owned(),
                }))
            }
        }
    }

    fn send_batch(&mut self) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            self.push(SttInput::Audio(batch));
        }
    }

    fn push(&mut self, input: SttInput) {
        self.waiting.push_back(input);
        self.send_waiting();
        // Only audio is dropped: the question at its end must be answered.
        while self.waiting.len() > MAX_WAITING {
            let Some(oldest) = self
                .waiting
                .iter()
                .position(|input| matches!(input, SttInput::Audio(_)))
            else {
                break;
            };
            self.waiting.remove(oldest);
        }
    }

    /// Gives the recogniser what it takes; called again with each batch.
    fn send_waiting(&mut self) {
        let Some(stream) = &self.stream else { return };
        while let Some(input) = self.waiting.pop_front() {
            match stream.input.try_send(input) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(input) | mpsc::error::TrySendError::Closed(input)) => {
                    // Closed: the end of its events says so too.
                    self.waiting.push_front(input);
                    return;
                }
            }
        }
    }

    /// Tries again to give the recogniser what waits; cheap when nothing does.
    pub(crate) fn retry(&mut self) {
        if !self.waiting.is_empty() {
            self.send_waiting();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME;

    fn ears_with(capacity: usize) -> (Ears, mpsc::Receiver<SttInput>, mpsc::Sender<SttEvent>) {
        let (input, inputs) = mpsc::channel(capacity);
        let (event, events) = mpsc::channel(4);
        (
            Ears {
                stream: Some(SttStream { input, events }),
                ..Ears::default()
            },
            inputs,
            event,
        )
    }

    #[test]
    fn audio_goes_in_batches_and_the_question_comes_after_all_of_it() {
        let (mut ears, mut inputs, _event) = ears_with(16);
        for _ in 0..7 {
            ears.feed(&[1; FRAME]);
        }
        ears.end_of_turn(1);
        assert_eq!(inputs.try_recv(), Ok(SttInput::Audio(vec![1; 800])));
        assert_eq!(inputs.try_recv(), Ok(SttInput::Audio(vec![1; 320])));
        assert_eq!(inputs.try_recv(), Ok(SttInput::EndOfTurn { turn: 1 }));
    }

    #[test]
    fn a_recogniser_that_does_not_listen_costs_two_seconds_of_audio_at_most_and_no_question() {
        let (mut ears, mut inputs, _event) = ears_with(1);
        for _ in 0..1_000 {
            ears.feed(&[1; FRAME]);
        }
        ears.end_of_turn(1);
        assert!(ears.waiting.len() <= MAX_WAITING);
        let mut last = None;
        while let Ok(input) = inputs.try_recv() {
            last = Some(input);
            ears.retry();
        }
        assert_eq!(last, Some(SttInput::EndOfTurn { turn: 1 }));
    }

    #[test]
    fn a_reset_forgets_the_noise_but_not_what_was_asked() {
        let mut ears = Ears::default();
        ears.feed(&[1; FRAME]);
        ears.end_of_turn(1);
        for _ in 0..6 {
            ears.feed(&[1; FRAME]);
        }
        ears.reset();
        assert_eq!(ears.waiting, [SttInput::EndOfTurn { turn: 1 }, SttInput::Reset]);
    }
}
