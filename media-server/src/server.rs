//! The media server: admits streams, counts them, and lets them end in peace.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocket;
use axum::routing::any;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, timeout};

use crate::clock::Clock;
use crate::driver::{Driver, Steer};
use crate::open::OpenMode;
use crate::parts::Parts;
use crate::plan::session_config;
use crate::port::{CallPlan, CallPort, CallRef, NoPlatform, Refused, StreamStart, VoiceRefused};
use crate::session::{Next, Session, Timings};
use crate::stream::twilio::{self, ClosePolicy, Codec, Handshake, close_with, read_start};
use crate::stream::{Wire, voice};

/// How often free places are published.
const PUBLISH: Duration = Duration::from_secs(5);

/// The platform has this long to admit a stream.
pub(crate) const ADMIT: Duration = Duration::from_secs(5);

/// After a drain's patience, sessions have this long to store what they have.
const LAST_CALL: Duration = Duration::from_secs(15);

/// How the server behaves.
#[derive(Debug, Clone)]
pub struct MediaOptions {
    /// Conversations at once; more are refused.
    pub max_conversations: usize,
    /// Sockets that have not said who they are.
    pub max_pending: usize,
    /// How long a socket may take to send its `start`.
    pub start_timeout: Duration,
    /// How long a drain waits for conversations to end by themselves.
    pub drain_patience: Duration,
    /// The conversations' time limits; a plan sets the maximum duration.
    pub timings: Timings,
    /// Whether a caller's words ask not to be called again.
    pub opt_out: fn(&str) -> bool,
    /// Streams without a call, if at all.
    pub open: Option<OpenMode>,
}

impl Default for MediaOptions {
    fn default() -> Self {
        Self {
            max_conversations: 100,
            max_pending: 256,
            start_timeout: Duration::from_secs(5),
            drain_patience: Duration::from_secs(100),
            timings: Timings::default(),
            opt_out: |_| false,
            open: None,
        }
    }
}

/// A media server. Clones are the same one.
#[derive(Debug, Clone)]
pub struct MediaServer {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) options: MediaOptions,
    pub(crate) parts: Parts,
    pub(crate) port: Arc<dyn CallPort>,
    streams: Mutex<BTreeMap<CallRef, mpsc::Sender<Steer>>>,
    /// How many streams there are.
    active: watch::Sender<usize>,
    pending: AtomicUsize,
    draining: watch::Sender<bool>,
    /// The free places are to be published before their time.
    publish: Notify,
    opened: AtomicU64,
}

/// A socket that has not said who it is; counts while it lives.
#[derive(Debug)]
pub(crate) struct Pending(Arc<Inner>);

/// A place among the conversations; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    inner: Arc<Inner>,
    pub(crate) call: Arc<CallRef>,
}

impl MediaServer {
    /// A server that serves once its [`MediaServer::router`] is mounted.
    #[must_use]
    pub fn new(options: MediaOptions, parts: Parts, port: Arc<dyn CallPort>) -> Self {
        let inner = Inner {
            options,
            parts,
            port,
            streams: Mutex::default(),
            active: watch::Sender::new(0),
            pending: AtomicUsize::new(0),
            draining: watch::Sender::new(false),
            publish: Notify::new(),
            opened: AtomicU64::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The carriers' sockets, `/media-stream`, and the browsers', `/voice`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/media-stream", any(twilio::upgrade))
            .route("/voice", any(voice::upgrade))
            .with_state(self.clone())
    }

    /// Conversations that run now.
    #[must_use]
    pub fn active(&self) -> usize {
        *self.inner.active.borrow()
    }

    /// Conversations that may still start here.
    #[must_use]
    pub fn free(&self) -> usize {
        if self.is_draining() {
            0
        } else {
            self.inner.options.max_conversations.saturating_sub(self.active())
        }
    }

    /// Whether a drain has begun: readiness should fail.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        *self.inner.draining.borrow()
    }

    /// Tells a running call what somebody decided; false if it does not run here.
    #[must_use]
    pub fn steer(&self, call_id: &str, steer: Steer) -> bool {
        let streams = self.inner.streams();
        let first = CallRef {
            call_id: call_id.to_owned(),
            generation: 0,
        };
        let newest = streams
            .range(first..)
            .take_while(|(call, _)| call.call_id == call_id)
            .last();
        newest.is_some_and(|(_, steering)| steering.try_send(steer).is_ok())
    }

    /// Publishes the free places every 5 s until the server is drained; to be
    /// spawned beside it.
    pub async fn publish_capacity(&self) {
        let mut draining = self.inner.draining.subscribe();
        let mut tick = tokio::time::interval(PUBLISH);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if let Err(error) = self.inner.port.capacity(self.active(), self.free()).await {
                tracing::warn!(%error, "the free places could not be published");
            }
            if self.is_draining() && self.active() == 0 {
                return;
            }
            tokio::select! {
                _ = tick.tick() => {}
                // A drain is published at once.
                _ = draining.changed() => {}
                () = self.inner.publish.notified() => {}
            }
        }
    }

    /// Has the free places published at once: what they depend on has changed.
    pub fn publish_now(&self) {
        self.inner.publish.notify_one();
    }

    /// Takes no new streams, lets the running ones end for a while, then makes
    /// the rest continue elsewhere ([`Next::Resume`]) and waits for their writes.
    pub async fn drain(&self) {
        self.inner.draining.send_replace(true);
        let mut active = self.inner.active.subscribe();
        let patience = self.inner.options.drain_patience;
        if timeout(patience, active.wait_for(|active| *active == 0))
            .await
            .is_ok()
        {
            return;
        }
        for (call, steering) in self.inner.streams().iter() {
            if steering.try_send(Steer::Finish(Next::Resume)).is_err() {
                tracing::warn!(call.id = %call.call_id, "the stream could not be told to end");
            }
        }
        if timeout(LAST_CALL, active.wait_for(|active| *active == 0))
            .await
            .is_err()
        {
            tracing::error!(
                active = self.active(),
                "streams were still open when the drain gave up"
            );
        }
    }

    /// Counts a socket that has just connected; `None`: too many, or draining.
    pub(crate) fn enter_pending(&self) -> Option<Pending> {
        let max = self.inner.options.max_pending;
        let counted = self
            .inner
            .pending
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |pending| {
                (pending < max && !self.is_draining()).then_some(pending + 1)
            });
        counted.is_ok().then(|| Pending(Arc::clone(&self.inner)))
    }

    /// Whether a browser's token is good.
    pub(crate) async fn voice_token(&self, token: &str) -> Result<(), VoiceRefused> {
        timeout(ADMIT, self.inner.port.voice_token(token))
            .await
            .unwrap_or_else(|_| Err(VoiceRefused::Unavailable("no answer in time".to_owned())))
    }

    /// Serves one socket from its first message to its last.
    pub(crate) async fn stream(self, mut socket: WebSocket, pending: Pending) {
        let deadline = Instant::now() + self.inner.options.start_timeout;
        let start = match read_start(&mut socket, deadline).await {
            Ok(start) => start,
            Err(reason) => {
                tracing::info!(reason, "a media socket was closed before it started");
                return close_with(&mut socket, ClosePolicy::Policy, reason).await;
            }
        };
        let started = Instant::now();
        drop(pending);
        match self.admit(Handshake::of(*start)).await {
            Ok(admitted) => {
                let Admitted {
                    plan,
                    port,
                    stream_sid,
                    seat,
                    steering,
                } = admitted;
                let engines = match self.inner.parts.engines(&plan) {
                    Ok(engines) => engines,
                    Err(error) => {
                        tracing::error!(call.id = %seat.call.call_id, %error, "a call cannot be held");
                        return close_with(&mut socket, ClosePolicy::Internal, "no provider").await;
                    }
                };
                let options = &self.inner.options;
                let config = session_config(&plan, &engines, &options.timings, options.opt_out);
                let driver = Driver {
                    call: Arc::clone(&seat.call),
                    session: Session::new(config),
                    engines,
                    vad: self.inner.parts.vad().open(),
                    port,
                    steering,
                    wire: Wire::Twilio(Box::new(Codec::new(&stream_sid))),
                    socket,
                    plan,
                    clock: Clock::since(started),
                    leash: None,
                };
                // Boxed: a socket that never starts should not carry a conversation's size.
                Box::pin(driver.run()).await;
                drop(seat);
            }
            Err((code, reason)) => close_with(&mut socket, code, &reason).await,
        }
    }

    async fn admit(&self, handshake: Handshake) -> Result<Admitted, (ClosePolicy, String)> {
        match handshake {
            Handshake::Refused(reason) => {
                tracing::warn!(reason, "a media stream was refused");
                Err((ClosePolicy::Policy, reason.to_owned()))
            }
            Handshake::Anonymous { stream_sid } => {
                let Some(open) = &self.inner.options.open else {
                    tracing::warn!("a media stream without call and token was refused");
                    return Err((
                        ClosePolicy::Policy,
                        "the parameters callId and token are needed".to_owned(),
                    ));
                };
                let number = self.inner.opened.fetch_add(1, Ordering::Relaxed);
                let call = CallRef {
                    call_id: format!("open-{number}"),
                    generation: 0,
                };
                let (seat, steering) = self.take_seat(call)?;
                Ok(Admitted {
                    plan: open.plan.clone(),
                    port: Arc::new(NoPlatform),
                    stream_sid,
                    seat,
                    steering,
                })
            }
            Handshake::Call(start) => {
                let (seat, steering) = self.take_seat(start.call.clone())?;
                let plan = self.ask_platform(&start).await?;
                let port = Arc::clone(&self.inner.port);
                Ok(Admitted {
                    plan,
                    port,
                    stream_sid: start.stream_sid,
                    seat,
                    steering,
                })
            }
        }
    }

    async fn ask_platform(&self, start: &StreamStart) -> Result<CallPlan, (ClosePolicy, String)> {
        let admitted = timeout(ADMIT, self.inner.port.admit(start)).await;
        let refused = match admitted {
            Ok(Ok(plan)) => return Ok(plan),
            Ok(Err(refused)) => refused,
            Err(_) => Refused::Unavailable("the platform did not answer in time".to_owned()),
        };
        let code = match &refused {
            Refused::Token | Refused::Used | Refused::NoCall => ClosePolicy::Policy,
            Refused::Unavailable(_) => ClosePolicy::Internal,
        };
        tracing::warn!(call.id = %start.call.call_id, why = ?refused, "a media stream was refused");
        Err((code, refused.to_string()))
    }

    /// Takes one of the places for conversations. Before the token is used up:
    /// a stream refused for want of room may come again.
    pub(crate) fn take_seat(
        &self,
        call: CallRef,
    ) -> Result<(Seat, mpsc::Receiver<Steer>), (ClosePolicy, String)> {
        let mut streams = self.inner.streams();
        if self.is_draining() || streams.len() >= self.inner.options.max_conversations {
            tracing::warn!(call.id = %call.call_id, active = streams.len(), "no room for a media stream");
            return Err((
                ClosePolicy::TryLater,
                "no room for another conversation here".to_owned(),
            ));
        }
        if streams.contains_key(&call) {
            tracing::warn!(call.id = %call.call_id, "a media stream came twice");
            return Err((ClosePolicy::Policy, Refused::Used.to_string()));
        }
        let (steer, steering) = mpsc::channel(8);
        streams.insert(call.clone(), steer);
        self.inner.active.send_replace(streams.len());
        Ok((
            Seat {
                inner: Arc::clone(&self.inner),
                call: Arc::new(call),
            },
            steering,
        ))
    }
}

/// A stream that may start.
struct Admitted {
    plan: CallPlan,
    port: Arc<dyn CallPort>,
    stream_sid: String,
    seat: Seat,
    steering: mpsc::Receiver<Steer>,
}

impl Inner {
    fn streams(&self) -> MutexGuard<'_, BTreeMap<CallRef, mpsc::Sender<Steer>>> {
        // Nothing panics while it is held, and the map is whole after each step.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self.inner.streams();
        streams.remove(&*self.call);
        self.inner.active.send_replace(streams.len());
    }
}
