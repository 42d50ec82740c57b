//! One call's loop: the only place where socket, providers and clock meet.
//!
//! What happens becomes the session's input, what the session wants is done.
//! Nothing here waits for a provider or for storage, so a 20 ms tick is never
//! late because of them.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures::SinkExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use trunkline_providers::ProviderError;
use trunkline_providers::llm::{ReplyPart, ReplyRequest};
use trunkline_providers::stt::{SttEvent, SttOptions};
use trunkline_providers::tts::TtsPart;
use trunkline_providers::vad::VoiceActivity;

use crate::audio::{UlawFrame, mulaw};
use crate::ears::Ears;
use crate::job::Job;
use crate::outbox::{Outbox, persist};
use crate::parts::Engines;
use crate::port::{CallPlan, CallPort, CallRef};
use crate::recorder::Recorder;
use crate::session::{Answerer, Input, Next, Output, Session};
use crate::stream::twilio::{ClosePolicy, Codec, Event, close_with};

/// Half-dead sockets never error: a send that takes longer is the end of one.
const SEND: Duration = Duration::from_secs(5);

/// What is still to be stored at the end may take this long, the caller waiting.
const FLUSH: Duration = Duration::from_secs(5);

/// Messages that are not of the protocol, until the socket is given up.
const MAX_MALFORMED: u32 = 16;

/// What somebody else decides about a running call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steer {
    /// Finish now, with this next.
    Finish(Next),
    /// The carrier knows who answered.
    Answered(Answerer),
}

/// Everything that a call needs.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) call: Arc<CallRef>,
    pub(crate) plan: CallPlan,
    pub(crate) session: Session,
    pub(crate) engines: Engines,
    pub(crate) vad: Box<dyn VoiceActivity>,
    pub(crate) port: Arc<dyn CallPort>,
    pub(crate) steering: mpsc::Receiver<Steer>,
    pub(crate) socket: WebSocket,
    pub(crate) codec: Codec,
    /// When the stream started: time 0 of the session.
    pub(crate) started: Instant,
}

/// The parts of a running call that do not touch the socket's reading side.
#[derive(Debug)]
struct Desk {
    outbox: Outbox,
    recorder: Option<Recorder>,
    ears: Ears,
    reply: Job<ReplyPart>,
    speech: Job<TtsPart>,
    next: Option<Next>,
}

/// What one turn of the loop is about.
enum Happened {
    Message(Option<Result<Message, axum::Error>>),
    Timeout,
    Stt(SttEvent),
    Reply(u32, Result<ReplyPart, ProviderError>),
    Speech(u32, Result<TtsPart, ProviderError>),
    Steered(Steer),
}

impl Driver {
    /// Holds the call until its session is over and everything is stored.
    pub(crate) async fn run(mut self) {
        let mut desk = Desk {
            outbox: Outbox::start(Arc::clone(&self.port), Arc::clone(&self.call)),
            recorder: self.plan.record.then(Recorder::default),
            ears: Ears::default(),
            reply: Job::Idle,
            speech: Job::Idle,
            next: None,
        };
        let mut sleep = pin!(sleep_until(self.started));
        let mut open = true;
        let mut malformed = 0;
        self.session.handle(self.now_ms(), Input::Start);
        loop {
            if self.carry_out(&mut desk, open).await.is_err() {
                open = false;
                self.session.handle(self.now_ms(), Input::Lost);
                continue;
            }
            if desk.next.is_some() {
                break;
            }
            let armed = self.arm(&mut sleep);
            let happened = tokio::select! {
                biased;
                Some(steer) = self.steering.recv() => Happened::Steered(steer),
                () = &mut sleep, if armed => Happened::Timeout,
                event = desk.ears.next() => Happened::Stt(event),
                (id, part) = desk.reply.next(), if self.session.wants_text() => Happened::Reply(id, part),
                (id, part) = desk.speech.next(), if self.session.wants_speech() => Happened::Speech(id, part),
                message = self.socket.recv(), if open => Happened::Message(message),
            };
            let now = self.now_ms();
            match happened {
                Happened::Message(message) => open = self.received(&mut desk, now, message, &mut malformed),
                Happened::Timeout => self.session.handle(now, Input::Timeout),
                Happened::Stt(event) => self.session.handle(now, Input::Stt(event)),
                Happened::Reply(id, part) => {
                    let part = part.unwrap_or_else(ReplyPart::Failed);
                    if matches!(part, ReplyPart::Done | ReplyPart::Failed(_)) {
                        desk.reply = Job::Idle;
                    }
                    self.session.handle(now, Input::Reply { id, part });
                }
                Happened::Speech(id, part) => {
                    let part = part.unwrap_or_else(TtsPart::Failed);
                    if matches!(part, TtsPart::Done | TtsPart::Failed(_)) {
                        desk.speech = Job::Idle;
                    }
                    self.session.handle(now, Input::Speech { id, part });
                }
                Happened::Steered(Steer::Finish(next)) => self.session.handle(now, Input::Finish(next)),
                Happened::Steered(Steer::Answered(who)) => self.session.handle(now, Input::Amd(who)),
            }
        }
        self.finish(desk, open).await;
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Sets the timer to what the session wants; false when it wants none.
    fn arm(&self, sleep: &mut std::pin::Pin<&mut Sleep>) -> bool {
        let Some(due) = self.session.next_timeout() else {
            return false;
        };
        let due = self.started + Duration::from_millis(due);
        if sleep.deadline() != due {
            sleep.as_mut().reset(due);
        }
        true
    }

    /// Takes what came from the socket; answers whether it is still open.
    fn received(
        &mut self,
        desk: &mut Desk,
        now: u64,
        message: Option<Result<Message, axum::Error>>,
        malformed: &mut u32,
    ) -> bool {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => return true,
            Some(Ok(Message::Close(_)) | Err(_)) | None => {
                self.session.handle(now, Input::Lost);
                return false;
            }
        };
        let Self {
            codec,
            session,
            vad,
            call,
            ..
        } = self;
        let recorder = &mut desk.recorder;
        let heard = |ulaw: &UlawFrame, at: Option<u64>| {
            if let Some(recorder) = recorder {
                recorder.caller(now, at, ulaw);
            }
            let frame = mulaw::decode_frame(ulaw);
            let speech = vad.push(&frame);
            session.handle(
                now,
                Input::Media {
                    frame: &frame,
                    speech,
                },
            );
        };
        match codec.read(text.as_str(), heard) {
            Ok(None | Some(Event::Start(_))) => {}
            Ok(Some(Event::Mark(id))) => self.session.handle(now, Input::Mark { id }),
            Ok(Some(Event::Dtmf(key))) => self.session.handle(now, Input::Dtmf(key)),
            Ok(Some(Event::Stop)) => {
                self.session.handle(now, Input::Stop);
                return false;
            }
            Err(error) => {
                *malformed += 1;
                tracing::debug!(call.id = %call.call_id, %error, "a message was ignored");
                if *malformed > MAX_MALFORMED {
                    tracing::warn!(call.id = %call.call_id, %error, "the stream does not speak the protocol");
                    self.session.handle(now, Input::Lost);
                    return false;
                }
            }
        }
        if let Some((number, bytes)) = desk.recorder.as_mut().and_then(|recorder| recorder.due(now)) {
            desk.outbox.segment(number, bytes);
        }
        desk.ears.retry();
        true
    }

    /// Does what the session wants. The socket gets it in one write.
    async fn carry_out(&mut self, desk: &mut Desk, open: bool) -> Result<(), SocketDead> {
        let mut wrote = false;
        while let Some(output) = self.session.poll_output() {
            let Some(message) = self.obey(desk, output, open).filter(|_| open) else {
                continue;
            };
            wrote = true;
            alive(timeout(SEND, self.socket.feed(message)).await)?;
        }
        if wrote {
            alive(timeout(SEND, self.socket.flush()).await)?;
        }
        Ok(())
    }

    /// Does one thing; answers what the carrier is to be sent for it.
    fn obey(&mut self, desk: &mut Desk, output: Output, open: bool) -> Option<Message> {
        match output {
            Output::Audio { frame, at_ms } => {
                if let Some(recorder) = desk.recorder.as_mut().filter(|_| open) {
                    recorder.agent(at_ms, &frame);
                }
                return Some(self.codec.audio(&frame));
            }
            Output::Mark { id } => return Some(self.codec.mark(id)),
            Output::Clear { from_ms } => {
                if let Some(recorder) = &mut desk.recorder {
                    recorder.clear(from_ms);
                }
                return Some(self.codec.clear());
            }
            Output::Feed(frame) => desk.ears.feed(&frame),
            Output::EndOfTurn { turn } => desk.ears.end_of_turn(turn),
            Output::ResetStt => desk.ears.reset(),
            Output::OpenStt { choice } => {
                if let Some(stt) = self.engines.stt.get(choice) {
                    desk.ears.open(
                        Arc::clone(stt),
                        SttOptions {
                            language: self.plan.language.clone(),
                        },
                    );
                }
            }
            Output::StartReply { id, choice, history } => {
                if let Some(llm) = self.engines.llm.get(choice).map(Arc::clone) {
                    let request = ReplyRequest {
                        persona: Arc::clone(&self.plan.persona),
                        history,
                    };
                    desk.reply = Job::Starting(id, Box::pin(async move { llm.reply(request).await }));
                }
            }
            Output::CancelReply => desk.reply = Job::Idle,
            Output::Speak { id, choice, text } => {
                if let Some(tts) = self.engines.tts.get(choice).map(Arc::clone) {
                    let voice = self.plan.voice.clone();
                    desk.speech = Job::Starting(id, Box::pin(async move { tts.speak(&text, &voice).await }));
                }
            }
            Output::CancelSpeech => desk.speech = Job::Idle,
            Output::Line(line) => desk.outbox.line(line),
            Output::OptOut => desk.outbox.opt_out(),
            Output::Finish(next) => desk.next = Some(next),
        }
        None
    }

    /// Stores the rest, says what is next, and only then lets go of the socket:
    /// the carrier asks at once what it should do.
    async fn finish(mut self, mut desk: Desk, open: bool) {
        let deadline = Instant::now() + FLUSH;
        if let Some(recorder) = &mut desk.recorder {
            let rest = recorder.finish(self.session.stats().duration_ms);
            desk.outbox.last_segments(rest, deadline).await;
        }
        let lost = desk.outbox.close(deadline).await;
        let next = desk.next.unwrap_or(Next::Hangup);
        let stats = self.session.stats();
        let told = persist(|| self.port.finish(&self.call, next, stats), FLUSH).await;
        let (call_id, generation) = (&self.call.call_id, self.call.generation);
        if let Err(error) = told {
            tracing::error!(call.id = %call_id, generation, %error, ?next, "what the call does next could not be stored");
        }
        let (turns, ended_by, duration_ms) = (stats.turns, stats.ended_by, stats.duration_ms);
        if lost > 0 {
            tracing::warn!(call.id = %call_id, generation, lost, "some of the call could not be stored");
        }
        tracing::info!(call.id = %call_id, generation, ?next, ?ended_by, duration_ms, turns, "stream ended");
        if open {
            close_with(&mut self.socket, ClosePolicy::Normal, "").await;
        }
    }
}

/// The carrier does not take what it is sent.
struct SocketDead;

fn alive<E>(sent: Result<Result<(), E>, tokio::time::error::Elapsed>) -> Result<(), SocketDead> {
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(SocketDead),
    }
}
