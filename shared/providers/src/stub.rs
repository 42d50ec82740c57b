//! Providers that answer at once with something fixed, for load tests: all
//! else of a call stays as it is.

use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;

use crate::llm::{LanguageModel, ReplyPart, ReplyRequest, Speaker};
use crate::stt::{SpeechToText, SttEvent, SttInput, SttOptions, SttStream};
use crate::tts::{TextToSpeech, TtsPart, Voice};
use crate::{ProviderError, RATE_HZ};

const NAME: &str = "stub";

/// What every turn is understood as.
pub const HEARD: &str = "This is what the caller said.";
/// What every greeting is.
pub const GREETING: &str = "Hello, this is the stub agent.";
/// What every other reply is.
pub const REPLY: &str = "This is the stub agent's reply.";

/// A recogniser that hears [`HEARD`] in every turn, at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct StubStt;

#[async_trait::async_trait]
impl SpeechToText for StubStt {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn open(&self, _: &SttOptions) -> Result<SttStream, ProviderError> {
        let (input, mut messages) = mpsc::channel(64);
        let (sender, events) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                if let SttInput::EndOfTurn { turn } = message {
                    let event = SttEvent::Final {
                        turn,
                        text: HEARD.into(),
                        confidence: Some(1.0),
                    };
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
            }
        });
        Ok(SttStream { input, events })
    }
}

/// A model that says [`GREETING`], then [`REPLY`] to everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct StubLlm;

#[async_trait::async_trait]
impl LanguageModel for StubLlm {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn reply(&self, request: ReplyRequest) -> Result<mpsc::Receiver<ReplyPart>, ProviderError> {
        let spoken_to = request.history.iter().any(|line| line.speaker == Speaker::User);
        let text = if spoken_to { REPLY } else { GREETING };
        let (sender, parts) = mpsc::channel(2);
        for part in [ReplyPart::Text(text.into()), ReplyPart::Done] {
            // There is room for both, and the receiver is in our hands.
            drop(sender.try_send(part));
        }
        Ok(parts)
    }
}

/// A voice that says everything as one second of a speech-like tone.
#[derive(Debug, Clone, Copy, Default)]
pub struct StubTts;

#[async_trait::async_trait]
impl TextToSpeech for StubTts {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn speak(&self, _: &str, _: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        let (sender, parts) = mpsc::channel(2);
        for part in [TtsPart::Audio(one_second().to_vec()), TtsPart::Done] {
            drop(sender.try_send(part));
        }
        Ok(parts)
    }
}

/// 200 Hz with overtones that swells four times a second, as syllables do.
fn one_second() -> &'static Arc<[i16]> {
    static TONE: OnceLock<Arc<[i16]>> = OnceLock::new();
    TONE.get_or_init(|| {
        let sample = |i: u32| {
            let turn = std::f32::consts::TAU * i as f32 / RATE_HZ as f32;
            let voice: f32 = (1_u8..=6)
                .map(|k| (200.0 * f32::from(k) * turn).sin() / f32::from(k))
                .sum();
            let syllable = 0.55 - 0.45 * (4.0 * turn).cos();
            crate::audio::to_i16(0.15 * voice * syllable)
        };
        (0..RATE_HZ).map(sample).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{Line, Persona};

    #[tokio::test]
    async fn every_turn_is_heard_once_and_audio_is_swallowed() {
        let mut stream = StubStt
            .open(&SttOptions {
                language: "en".into(),
            })
            .await
            .unwrap();
        for turn in 1..=3 {
            stream.input.send(SttInput::Audio(vec![0; 160])).await.unwrap();
            stream.input.send(SttInput::EndOfTurn { turn }).await.unwrap();
            let want = SttEvent::Final {
                turn,
                text: HEARD.into(),
                confidence: Some(1.0),
            };
            assert_eq!(stream.events.recv().await, Some(want));
        }
    }

    #[tokio::test]
    async fn it_greets_once_and_replies_ever_after() {
        let persona = Arc::new(Persona::default());
        let line = |speaker, text: &str| Line {
            speaker,
            text: text.into(),
        };
        for (history, want) in [
            (vec![], GREETING),
            (
                vec![line(Speaker::Agent, GREETING), line(Speaker::User, "hi")],
                REPLY,
            ),
        ] {
            let request = ReplyRequest {
                persona: Arc::clone(&persona),
                history,
            };
            let mut parts = StubLlm.reply(request).await.unwrap();
            assert_eq!(parts.recv().await, Some(ReplyPart::Text(want.into())));
            assert_eq!(parts.recv().await, Some(ReplyPart::Done));
            assert_eq!(parts.recv().await, None);
        }
    }

    #[tokio::test]
    async fn it_speaks_a_second_of_sound() {
        let mut parts = StubTts.speak("anything", &Voice::default()).await.unwrap();
        let Some(TtsPart::Audio(samples)) = parts.recv().await else {
            panic!("no audio")
        };
        assert_eq!(samples.len(), 8_000);
        assert!(samples.iter().any(|s| s.abs() > 3_000) && samples.iter().all(|s| s.abs() < 32_000));
        assert_eq!(parts.recv().await, Some(TtsPart::Done));
    }
}
