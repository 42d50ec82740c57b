//! One call's loop: the only place where socket, providers and clock meet.
//!
//! What happens becomes the session's input, what the session wants is done.
//! Nothing here waits for a provider or for storage, so a 20 ms tick is never
//! late because of them.

mod ending;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures::SinkExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use trunkline_providers::ProviderError;
use trunkline_providers::llm::{ReplyPart, ReplyRequest};
use trunkline_providers::stt::{SttEvent, SttOptions};
use trunkline_providers::tts::TtsPart;
use trunkline_providers::vad::VoiceActivity;

use crate::audio::{FRAME_MS, UlawFrame, mulaw};
use crate::clock::Clock;
use crate::ears::Ears;
use crate::job::Job;
use crate::outbox::Outbox;
use crate::parts::Engines;
use crate::port::{CallPlan, CallPort, CallRef};
use crate::recorder::Recorder;
use crate::search::nobody_comes;
use crate::session::{Answerer, Input, Next, Output, Session};
use crate::stream::twilio::{ClosePolicy, close_with};
use crate::stream::voice::Status;
use crate::stream::{Part, Said, Wire};

/// Half-dead sockets never error: a send that takes longer is the end of one.
const SEND: Duration = Duration::from_secs(5);

/// Messages that are not of the protocol, until the socket is given up.
const MAX_MALFORMED: u32 = 16;

/// Audio that may come earlier than its time; what is beyond is dropped, since no voice speaks
/// faster than the clock.
const EARLY_MS: u64 = 5_000;

/// What somebody else decides about a running call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steer {
    /// Finish now, with this next.
    Finish(Next),
    /// The carrier knows who answered.
    Answered(Answerer),
}

/// Everything that a call needs.
pub(crate) struct Driver {
    pub(crate) call: Arc<CallRef>,
    pub(crate) plan: CallPlan,
    pub(crate) session: Session,
    pub(crate) engines: Engines,
    pub(crate) vad: Box<dyn VoiceActivity>,
    pub(crate) port: Arc<dyn CallPort>,
    pub(crate) steering: mpsc::Receiver<Steer>,
    pub(crate) socket: WebSocket,
    pub(crate) wire: Wire,
    /// Its 0 is the stream's start.
    pub(crate) clock: Clock,
    /// Ends when the caller may not talk on.
    pub(crate) leash: Option<BoxFuture<'static, ()>>,
}

/// The parts of a running call that do not touch the socket's reading side.
struct Desk {
    outbox: Outbox,
    recorder: Option<Recorder>,
    ears: Ears,
    reply: Job<ReplyPart>,
    speech: Job<TtsPart>,
    next: Option<Next>,
    /// The caller's audio so far.
    heard_ms: u64,
    /// A person is looked for; ends when nobody will come.
    search: Option<BoxFuture<'static, ()>>,
}

/// What one turn of the loop is about.
enum Happened {
    Message(Option<Result<Message, axum::Error>>),
    Timeout,
    Stt(SttEvent),
    Reply(u32, Result<ReplyPart, ProviderError>),
    Speech(u32, Result<TtsPart, ProviderError>),
    Steered(Steer),
    NobodyCame,
    Revoked,
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
            heard_ms: 0,
            search: None,
        };
        let mut sleep = pin!(sleep_until(Instant::now()));
        let mut open = true;
        let mut malformed = 0;
        self.session.handle(self.clock.now_ms(), Input::Start);
        loop {
            if self.carry_out(&mut desk, open).await.is_err() {
                open = false;
                self.clock.resume();
                self.session.handle(self.clock.now_ms(), Input::Lost);
                continue;
            }
            if desk.next.is_some() {
                break;
            }
            let armed = self.arm(&mut sleep);
            let runs = !self.clock.is_paused();
            let happened = tokio::select! {
                biased;
                Some(steer) = self.steering.recv() => Happened::Steered(steer),
                () = &mut sleep, if armed => Happened::Timeout,
                () = end_of(&mut self.leash) => Happened::Revoked,
                () = end_of(&mut desk.search) => Happened::NobodyCame,
                event = desk.ears.next(), if runs => Happened::Stt(event),
                (id, part) = desk.reply.next(), if runs && self.session.wants_text() => Happened::Reply(id, part),
                (id, part) = desk.speech.next(), if runs && self.session.wants_speech() => Happened::Speech(id, part),
                message = self.socket.recv(), if open => Happened::Message(message),
            };
            if !runs && !matches!(happened, Happened::Message(_)) {
                // Whatever it is, it is not to wait for the pause's end.
                self.clock.resume();
            }
            let now = self.clock.now_ms();
            match happened {
                Happened::Message(message) => open = self.received(&mut desk, now, message, &mut malformed),
                Happened::Timeout if runs => self.session.handle(now, Input::Timeout),
                // Nobody came back from the pause.
                Happened::Timeout => self.session.handle(now, Input::Stop),
                Happened::NobodyCame => {
                    desk.search = None;
                    self.session.handle(now, Input::NobodyCame);
                }
                Happened::Revoked => {
                    self.leash = None;
                    if open {
                        let why = "the login has ended";
                        close_with(&mut self.socket, ClosePolicy::Unauthorized, why).await;
                    }
                    open = false;
                    self.session.handle(now, Input::Stop);
                }
                Happened::Stt(event) => {
                    self.wire.heard(&event);
                    self.session.handle(now, Input::Stt(event));
                }
                Happened::Reply(id, part) => {
                    let part = part.unwrap_or_else(ReplyPart::Failed);
                    if let ReplyPart::Failed(error) = &part {
                        self.wire.failed(Part::Llm, error);
                    }
                    if matches!(part, ReplyPart::Done | ReplyPart::Failed(_)) {
                        desk.reply = Job::Idle;
                    }
                    self.session.handle(now, Input::Reply { id, part });
                }
                Happened::Speech(id, part) => {
                    let part = part.unwrap_or_else(TtsPart::Failed);
                    if let TtsPart::Failed(error) = &part {
                        self.wire.failed(Part::Tts, error);
                    }
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

    /// Sets the timer to what the session wants, or to the pause's end; false when there is nothing to wait for.
    fn arm(&self, sleep: &mut std::pin::Pin<&mut Sleep>) -> bool {
        let wanted = || self.session.next_timeout().map(|due| self.clock.at(due));
        let Some(due) = self.clock.pause_ends().or_else(wanted) else {
            return false;
        };
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
            wire,
            clock,
            session,
            vad,
            call,
            ..
        } = self;
        let (recorder, heard_ms) = (&mut desk.recorder, &mut desk.heard_ms);
        let heard = |ulaw: &UlawFrame, at: Option<u64>| {
            if clock.is_paused() || *heard_ms > now + EARLY_MS {
                return;
            }
            *heard_ms = (*heard_ms).max(now.saturating_sub(EARLY_MS)) + FRAME_MS;
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
        match wire.read(text.as_str(), heard) {
            Ok(None) => {}
            Ok(Some(Said::Mark(id))) => self.session.handle(now, Input::Mark { id }),
            Ok(Some(Said::Dtmf(key))) => self.session.handle(now, Input::Dtmf(key)),
            Ok(Some(Said::Stop)) => {
                clock.resume();
                self.session.handle(now, Input::Stop);
                return !wire.closes();
            }
            Ok(Some(Said::Pause)) => clock.pause(),
            Ok(Some(Said::Resume)) => clock.resume(),
            Ok(Some(Said::Metadata(text))) => desk.outbox.metadata(text),
            Err(error) => {
                *malformed += 1;
                wire.complain(&error);
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
        while open && let Some(message) = self.wire.gathered() {
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
                return self.wire.audio(&frame);
            }
            Output::Mark { id } => return self.wire.mark(id),
            Output::Clear { from_ms } => {
                if let Some(recorder) = &mut desk.recorder {
                    recorder.clear(from_ms);
                }
                return self.wire.clear();
            }
            Output::Feed(frame) => desk.ears.feed(&frame),
            Output::EndOfTurn { turn } => {
                self.wire.status(Status::Transcribing);
                desk.ears.end_of_turn(turn);
            }
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
                self.wire.status(Status::Processing);
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
                self.wire.status(Status::Synthesizing(&text));
                if let Some(tts) = self.engines.tts.get(choice).map(Arc::clone) {
                    let voice = self.plan.voice.clone();
                    desk.speech = Job::Starting(id, Box::pin(async move { tts.speak(&text, &voice).await }));
                }
            }
            Output::CancelSpeech => desk.speech = Job::Idle,
            Output::Line(line) => desk.outbox.line(line),
            Output::OptOut(by) => desk.outbox.opt_out(by),
            Output::FindPerson => {
                desk.search = Some(nobody_comes(Arc::clone(&self.port), Arc::clone(&self.call)));
            }
            Output::Finish(next) => desk.next = Some(next),
        }
        None
    }
}

/// Waits for something to end; for ever where there is nothing.
async fn end_of(what: &mut Option<BoxFuture<'static, ()>>) {
    match what {
        Some(what) => what.await,
        None => std::future::pending().await,
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
