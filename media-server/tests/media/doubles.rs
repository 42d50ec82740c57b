//! Providers that do as they are told, and a platform that remembers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use trunkline_media::port::{
    CallPlan, CallPort, CallRef, PortError, Refused, StreamStart, VoiceCall, VoiceRefused, VoiceStart,
};
use trunkline_media::session::{LineRecord, Next, OptOutBy, Stats};
use trunkline_media::{MediaOptions, Parts};
use trunkline_providers::ProviderError;
use trunkline_providers::llm::{LanguageModel, ReplyPart, ReplyRequest};
use trunkline_providers::stt::{SpeechToText, SttEvent, SttInput, SttOptions, SttStream};
use trunkline_providers::tts::{TextToSpeech, TtsPart, Voice};
use trunkline_providers::vad::{FRAME, VoiceActivity, VoiceActivityFactory};

/// What the double of each provider answers next.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) words: Mutex<VecDeque<String>>,
    pub(crate) replies: Mutex<VecDeque<Vec<ReplyPart>>>,
    /// Samples of speech that the recogniser was given.
    pub(crate) heard: AtomicUsize,
    pub(crate) requests: Mutex<Vec<ReplyRequest>>,
}

#[derive(Debug)]
struct Scripted(Arc<Script>);

#[async_trait::async_trait]
impl SpeechToText for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn open(&self, _: &SttOptions) -> Result<SttStream, ProviderError> {
        let (input, mut inputs) = mpsc::channel(64);
        let (sender, events) = mpsc::channel(8);
        let script = Arc::clone(&self.0);
        tokio::spawn(async move {
            while let Some(input) = inputs.recv().await {
                match input {
                    SttInput::Audio(samples) => {
                        let loud = samples.iter().filter(|sample| sample.abs() > 1_000).count();
                        script.heard.fetch_add(loud, Ordering::Relaxed);
                    }
                    SttInput::EndOfTurn { turn } => {
                        let text = script.words.lock().unwrap().pop_front().unwrap_or_default();
                        if sender
                            .send(SttEvent::Final {
                                turn,
                                text,
                                confidence: None,
                            })
                            .await
                            .is_err()
                        {
                            return;
                        }
                    }
                    SttInput::Reset => {}
                }
            }
        });
        Ok(SttStream { input, events })
    }
}

#[async_trait::async_trait]
impl LanguageModel for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn reply(&self, request: ReplyRequest) -> Result<mpsc::Receiver<ReplyPart>, ProviderError> {
        self.0.requests.lock().unwrap().push(request);
        let parts = self.0.replies.lock().unwrap().pop_front();
        let parts = parts.unwrap_or_else(|| vec![ReplyPart::Text("I see.".to_owned()), ReplyPart::Done]);
        let (sender, receiver) = mpsc::channel(parts.len());
        for part in parts {
            sender.try_send(part).unwrap();
        }
        Ok(receiver)
    }
}

/// A square wave of 40 ms a letter.
#[async_trait::async_trait]
impl TextToSpeech for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn speak(&self, text: &str, _: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        let (sender, receiver) = mpsc::channel(4);
        let samples = vec![6_000; text.chars().count() * 320];
        tokio::spawn(async move {
            for part in samples.chunks(1_600) {
                if sender.send(TtsPart::Audio(part.to_vec())).await.is_err() {
                    return;
                }
            }
            drop(sender.send(TtsPart::Done).await);
        });
        Ok(receiver)
    }
}

/// A provider that is not there.
#[derive(Debug)]
pub(crate) struct Gone;

fn gone<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Unavailable {
        provider: "gone",
        reason: "it is gone".to_owned(),
    })
}

#[async_trait::async_trait]
impl SpeechToText for Gone {
    fn name(&self) -> &'static str {
        "gone"
    }
    async fn open(&self, _: &SttOptions) -> Result<SttStream, ProviderError> {
        gone()
    }
}

#[async_trait::async_trait]
impl LanguageModel for Gone {
    fn name(&self) -> &'static str {
        "gone"
    }
    async fn reply(&self, _: ReplyRequest) -> Result<mpsc::Receiver<ReplyPart>, ProviderError> {
        gone()
    }
}

#[async_trait::async_trait]
impl TextToSpeech for Gone {
    fn name(&self) -> &'static str {
        "gone"
    }
    async fn speak(&self, _: &str, _: &Voice) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
        gone()
    }
}

#[derive(Debug)]
struct Loud;

impl VoiceActivity for Loud {
    fn push(&mut self, frame: &[i16; FRAME]) -> f32 {
        if frame.iter().any(|sample| sample.abs() > 1_000) {
            0.95
        } else {
            0.01
        }
    }
    fn reset(&mut self) {}
}

impl VoiceActivityFactory for Loud {
    fn name(&self) -> &'static str {
        "loud"
    }
    fn open(&self) -> Box<dyn VoiceActivity> {
        Box::new(Self)
    }
}

pub(crate) fn parts(script: &Arc<Script>) -> Parts {
    Parts::new(Arc::new(Loud))
        .with_stt("scripted", Arc::new(Scripted(Arc::clone(script))))
        .with_llm("scripted", Arc::new(Scripted(Arc::clone(script))))
        .with_tts("scripted", Arc::new(Scripted(Arc::clone(script))))
        .with_stt("gone", Arc::new(Gone))
        .with_llm("gone", Arc::new(Gone))
        .with_tts("gone", Arc::new(Gone))
}

pub(crate) fn plan() -> CallPlan {
    let scripted = || vec!["scripted".to_owned()];
    CallPlan {
        stt: scripted(),
        llm: scripted(),
        tts: scripted(),
        greeting: "Hello, Anna here.".to_owned(),
        max_duration_s: 60,
        ..CallPlan::stub()
    }
}

/// Turns that end soon, so that a test of real time is short.
pub(crate) fn options() -> MediaOptions {
    let mut options = MediaOptions {
        max_conversations: 10,
        ..MediaOptions::default()
    };
    options.timings.probe_ms = 100;
    options.timings.endpoint_ms = 200;
    options.timings.linger_ms = 200;
    options
}

/// What the platform was told.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    pub(crate) admitted: Vec<StreamStart>,
    pub(crate) lines: Vec<LineRecord>,
    pub(crate) segments: BTreeMap<u32, Bytes>,
    pub(crate) opt_outs: usize,
    /// How often a person was looked for, and how often it was asked whether one may still come.
    pub(crate) searches: (usize, usize),
    pub(crate) metadata: Vec<String>,
    pub(crate) finished: Vec<(Next, Stats)>,
    pub(crate) capacity: Vec<(usize, usize)>,
}

/// A platform with one-time tokens.
#[derive(Debug)]
pub(crate) struct Platform {
    tokens: Mutex<BTreeSet<String>>,
    plan: CallPlan,
    told: watch::Sender<Told>,
    /// Why nobody may begin, when nobody may.
    pub(crate) closed: OnceLock<String>,
    /// How many writes still fail.
    pub(crate) failures: AtomicUsize,
    /// How often it is still answered that a person may come.
    pub(crate) hope: AtomicUsize,
}

impl Platform {
    pub(crate) fn new(plan: CallPlan, tokens: &[&str]) -> Arc<Self> {
        Arc::new(Self {
            tokens: Mutex::new(tokens.iter().map(|token| (*token).to_owned()).collect()),
            plan,
            told: watch::Sender::new(Told::default()),
            closed: OnceLock::new(),
            failures: AtomicUsize::new(0),
            hope: AtomicUsize::new(0),
        })
    }

    /// Ends the login that this token is of.
    pub(crate) fn log_out(&self, token: &str) {
        self.tokens.lock().unwrap().remove(token);
    }

    pub(crate) fn told(&self) -> Told {
        self.told.borrow().clone()
    }

    /// Waits until what was told is enough.
    pub(crate) async fn wait_until(&self, enough: impl FnMut(&Told) -> bool) -> Told {
        let mut told = self.told.subscribe();
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), told.wait_for(enough)).await;
        waited
            .unwrap_or_else(|_| panic!("the platform was only told {:?}", self.told()))
            .unwrap()
            .clone()
    }

    fn hopes(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        self.hope
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }

    fn write(&self, note: impl FnOnce(&mut Told)) -> Result<(), PortError> {
        let fails = self
            .failures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if fails.is_ok() {
            return Err(PortError::Retry("asked to".to_owned()));
        }
        self.told.send_modify(note);
        Ok(())
    }
}

#[async_trait::async_trait]
impl CallPort for Platform {
    async fn admit(&self, start: &StreamStart) -> Result<CallPlan, Refused> {
        if start.call.call_id == "used" {
            return Err(Refused::Used);
        }
        if !self.tokens.lock().unwrap().remove(&start.token) {
            return Err(Refused::Token);
        }
        self.told.send_modify(|told| told.admitted.push(start.clone()));
        Ok(self.plan.clone())
    }

    fn handshake_signed(&self, path_and_query: &str, signature: &str) -> bool {
        path_and_query == "/media-stream" && signature == "ours"
    }

    async fn line(&self, _: &CallRef, line: &LineRecord) -> Result<(), PortError> {
        self.write(|told| told.lines.push(line.clone()))
    }

    async fn segment(&self, _: &CallRef, number: u32, bytes: Bytes) -> Result<(), PortError> {
        self.write(|told| {
            told.segments.insert(number, bytes);
        })
    }

    async fn opt_out(&self, _: &CallRef, _: OptOutBy) -> Result<(), PortError> {
        self.write(|told| told.opt_outs += 1)
    }

    async fn find_person(&self, _: &CallRef) -> Result<bool, PortError> {
        self.write(|told| told.searches.0 += 1)?;
        Ok(self.hopes())
    }

    async fn is_sought(&self, _: &CallRef) -> Result<bool, PortError> {
        self.write(|told| told.searches.1 += 1)?;
        Ok(self.hopes())
    }

    async fn finish(&self, _: &CallRef, next: Next, stats: &Stats) -> Result<(), PortError> {
        self.write(|told| told.finished.push((next, stats.clone())))
    }

    async fn voice_token(&self, token: &str) -> Result<(), VoiceRefused> {
        if self.tokens.lock().unwrap().contains(token) {
            return match self.closed.get() {
                None => Ok(()),
                Some(why) => Err(VoiceRefused::Closed(why.clone())),
            };
        }
        Err(VoiceRefused::Token("the login has ended".to_owned()))
    }

    async fn voice_open(&self, start: &VoiceStart) -> Result<VoiceCall, VoiceRefused> {
        self.voice_token(&start.token).await?;
        if start.agent_id != "anna" {
            return Err(VoiceRefused::Request("there is no such voice agent".to_owned()));
        }
        let call = CallRef {
            call_id: format!("web-{}", start.token),
            generation: 0,
        };
        Ok(VoiceCall {
            call,
            plan: self.plan.clone(),
        })
    }

    async fn voice_metadata(&self, _: &CallRef, metadata: &str) -> Result<(), PortError> {
        self.write(|told| told.metadata.push(metadata.to_owned()))
    }

    async fn capacity(&self, active: usize, free: usize) -> Result<(), PortError> {
        self.write(|told| told.capacity.push((active, free)))
    }
}
