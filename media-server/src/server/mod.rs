//! The media server: admits streams, counts them, and lets them end in peace.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;

use crate::driver::Steer;
use crate::open::OpenMode;
use crate::parts::Parts;
use crate::port::{CallPort, CallRef, VoiceRefused};
use crate::session::{Next, Timings};
use crate::stream::{twilio, voice};

mod carrier;
mod seats;

pub(crate) use seats::{Pending, Seat};

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

    /// Whether a browser's token is good.
    pub(crate) async fn voice_token(&self, token: &str) -> Result<(), VoiceRefused> {
        timeout(ADMIT, self.inner.port.voice_token(token))
            .await
            .unwrap_or_else(|_| Err(VoiceRefused::Unavailable("no answer in time".to_owned())))
    }
}
