//! One call's side of the recogniser: keeps the turn's audio, asks for its
//! text at the end, and passes the answers on in order.

use std::collections::VecDeque;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use tokio::sync::{mpsc, oneshot};

use super::provider::NAME;
use super::whisper::Transcript;
use super::worker::Job;
use crate::ProviderError;
use crate::builtin::vad::Gate;
use crate::stt::{SttEvent, SttInput};
use crate::vad::FRAME;

/// How long a turn waits for a place in the queue before the call gives up.
const QUEUE_WAIT: Duration = Duration::from_secs(2);
/// Turns of one call that may be with the decoder at once; more wait in the channel.
const TURNS_MAX: usize = 3;

/// Serves one call until its media server hangs up or the recogniser breaks.
pub(super) async fn serve(
    mut input: mpsc::Receiver<SttInput>,
    events: mpsc::Sender<SttEvent>,
    queue: mpsc::Sender<Job>,
) {
    let mut turn_audio = TurnAudio::new();
    let mut answers = FuturesOrdered::new();
    loop {
        let event = tokio::select! {
            message = input.recv(), if answers.len() < TURNS_MAX => match message {
                None => return,
                Some(SttInput::Audio(samples)) => {
                    turn_audio.push(&samples);
                    continue;
                }
                Some(SttInput::Reset) => {
                    turn_audio.clear();
                    continue;
                }
                Some(SttInput::EndOfTurn { turn }) => {
                    answers.push_back(answer(turn, turn_audio.take(), queue.clone()));
                    continue;
                }
            },
            Some(event) = answers.next() => event,
        };
        let broken = matches!(event, SttEvent::Failed(_));
        if events.send(event).await.is_err() || broken {
            return;
        }
    }
}

async fn answer(turn: u32, samples: Vec<i16>, queue: mpsc::Sender<Job>) -> SttEvent {
    match ask(samples, &queue).await {
        Ok(Transcript { text, confidence }) => SttEvent::Final {
            turn,
            text,
            confidence,
        },
        Err(error) => SttEvent::Failed(error),
    }
}

async fn ask(samples: Vec<i16>, queue: &mpsc::Sender<Job>) -> Result<Transcript, ProviderError> {
    let gone = || ProviderError::Failed {
        provider: NAME,
        reason: "the recogniser has stopped".into(),
    };
    let place = tokio::time::timeout(QUEUE_WAIT, queue.reserve())
        .await
        .map_err(|_| ProviderError::Overloaded { provider: NAME })?
        .map_err(|_| gone())?;
    let (reply, answer) = oneshot::channel();
    place.send(Job { samples, reply });
    answer.await.map_err(|_| gone())?
}

/// The most that is kept of a turn, at 8 kHz: 28 s; the oldest goes first.
const SAMPLES_MAX: usize = 28 * 8_000;
/// What is kept while nobody has begun to speak.
const BEFORE_SPEECH: usize = 2 * 8_000;

/// The audio of the turn so far.
struct TurnAudio {
    samples: VecDeque<i16>,
    gate: Gate,
    begun: bool,
}

impl TurnAudio {
    fn new() -> Self {
        Self {
            samples: VecDeque::new(),
            gate: Gate::new(),
            begun: false,
        }
    }

    fn push(&mut self, samples: &[i16]) {
        for frame in samples.as_chunks::<FRAME>().0 {
            self.begun |= self.gate.observe(frame, false);
        }
        self.samples.extend(samples);
        let most = if self.begun { SAMPLES_MAX } else { BEFORE_SPEECH };
        let surplus = self.samples.len().saturating_sub(most);
        self.samples.drain(..surplus);
    }

    fn take(&mut self) -> Vec<i16> {
        self.begun = false;
        std::mem::take(&mut self.samples).into()
    }

    fn clear(&mut self) {
        self.begun = false;
        self.samples.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vad::tests_audio::{silence, tone};

    fn said(text: &str) -> Transcript {
        Transcript {
            text: text.into(),
            confidence: Some(0.9),
        }
    }

    #[test]
    fn silence_before_a_turn_is_not_hoarded_and_long_turns_keep_their_end() {
        let mut audio = TurnAudio::new();
        silence(500).iter().for_each(|frame| audio.push(frame));
        assert_eq!(audio.samples.len(), BEFORE_SPEECH);
        tone(2_000, 300.0, 5_000)
            .iter()
            .for_each(|frame| audio.push(frame));
        assert_eq!(audio.samples.len(), SAMPLES_MAX);
        assert_eq!(audio.take().len(), SAMPLES_MAX);
        assert!(audio.take().is_empty());
    }

    #[tokio::test]
    async fn each_end_of_turn_has_one_final_in_order() {
        let (queue, mut jobs) = mpsc::channel(4);
        let (input, messages) = mpsc::channel(8);
        let (sender, mut events) = mpsc::channel(8);
        let call = tokio::spawn(serve(messages, sender, queue));
        input.send(SttInput::Audio(vec![1; 160])).await.unwrap();
        input.send(SttInput::EndOfTurn { turn: 1 }).await.unwrap();
        input.send(SttInput::Audio(vec![2; 320])).await.unwrap();
        input.send(SttInput::EndOfTurn { turn: 2 }).await.unwrap();
        let (first, second) = (jobs.recv().await.unwrap(), jobs.recv().await.unwrap());
        assert_eq!((first.samples.len(), second.samples.len()), (160, 320));
        // The second is ready first, and still comes second.
        second.reply.send(Ok(said("two"))).unwrap();
        first.reply.send(Ok(said("one"))).unwrap();
        for (turn, text) in [(1, "one"), (2, "two")] {
            let want = SttEvent::Final {
                turn,
                text: text.into(),
                confidence: Some(0.9),
            };
            assert_eq!(events.recv().await.unwrap(), want);
        }
        drop(input);
        call.await.unwrap();
    }

    #[tokio::test]
    async fn reset_forgets_what_was_heard() {
        let (queue, mut jobs) = mpsc::channel(1);
        let (input, messages) = mpsc::channel(8);
        let (sender, _events) = mpsc::channel(8);
        tokio::spawn(serve(messages, sender, queue));
        input.send(SttInput::Audio(vec![1; 160])).await.unwrap();
        input.send(SttInput::Reset).await.unwrap();
        input.send(SttInput::EndOfTurn { turn: 7 }).await.unwrap();
        assert!(jobs.recv().await.unwrap().samples.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_ends_the_stream_as_overloaded() {
        let (queue, _jobs) = mpsc::channel(1);
        let (reply, _) = oneshot::channel();
        queue
            .try_send(Job {
                samples: Vec::new(),
                reply,
            })
            .unwrap();
        let (input, messages) = mpsc::channel(8);
        let (sender, mut events) = mpsc::channel(8);
        tokio::spawn(serve(messages, sender, queue));
        input.send(SttInput::EndOfTurn { turn: 1 }).await.unwrap();
        let overloaded = SttEvent::Failed(ProviderError::Overloaded { provider: NAME });
        assert_eq!(events.recv().await, Some(overloaded));
        assert_eq!(events.recv().await, None);
    }
}
