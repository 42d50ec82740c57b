//! Webhooks: signed requests to the platform, with the carrier's timeouts, retries, and the faults that were asked for.

mod overrides;
mod send;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    faults::{Faults, Kind, Victim},
    twiml::Target,
};
use send::Sender;

/// So many webhooks are under way at once; further ones wait their turn.
const UNDER_WAY_MAX: usize = 512;

/// One request to the platform.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) target: Target,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) call_sid: String,
    /// The call's `To`, which faults are matched against.
    pub(crate) call_to: String,
}

/// What the platform answered, its status below 400.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    /// Where it came from, after redirects: relative addresses in it start here.
    pub(crate) url: Url,
}

/// Why there was no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum HookError {
    #[error("error 11200: {url} answered {status}")]
    Status { url: String, status: u16 },
    #[error("error 11205: {url} could not be reached: {why}")]
    Unreachable { url: String, why: String },
    #[error("error 11200: {url} did not answer within {ms} ms")]
    TimedOut { url: String, ms: u128 },
    #[error("error 11750: {url} answered with more than {max} bytes")]
    TooLarge { url: String, max: usize },
    #[error("error 11205: the request to {url} was dropped by a fault")]
    Dropped { url: String },
}

impl HookError {
    /// The carrier's error number.
    pub(crate) fn code(&self) -> u32 {
        match self {
            Self::Status { .. } | Self::TimedOut { .. } => 11200,
            Self::Unreachable { .. } | Self::Dropped { .. } => 11205,
            Self::TooLarge { .. } => 11750,
        }
    }
}

/// Sends webhooks.
pub(crate) struct Hooks {
    sender: Sender,
    faults: Arc<Faults>,
    under_way: Semaphore,
    /// Callbacks held back by `reorder`, by call.
    held: Mutex<HashMap<String, Vec<Arc<Notify>>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Hooks {
    /// # Errors
    /// When no HTTP client can be made (no usable TLS roots).
    pub(crate) fn new(
        account_sid: &str,
        token: &str,
        faults: Arc<Faults>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            sender: Sender::new(account_sid, token)?,
            faults,
            under_way: Semaphore::new(UNDER_WAY_MAX),
            held: Mutex::default(),
            tasks,
            stop,
        })
    }

    /// Asks for instructions or a file, and waits for the answer of at most `max` bytes.
    ///
    /// # Errors
    /// [`HookError`] after the retries that the address asks for.
    pub(crate) async fn fetch(&self, request: &Request, max: usize) -> Result<Reply, HookError> {
        let victim = request.victim(true);
        if self.faults.strike(Kind::Drop, victim).is_some() {
            return Err(HookError::Dropped {
                url: request.target.url.to_string(),
            });
        }
        if let Some(delay) = self.faults.strike(Kind::Delay, request.victim(false)) {
            tokio::time::sleep(delay).await;
        }
        let twice = self
            .faults
            .strike(Kind::Duplicate, request.victim(false))
            .is_some();
        let reply = self.sender.send(request, max).await;
        if twice {
            return self.sender.send(request, max).await.or(reply);
        }
        reply
    }

    /// Tells the platform something, beside everything else: callbacks are separate requests and may overtake one another.
    pub(crate) fn notify(self: &Arc<Self>, request: Request) {
        let hooks = Arc::clone(self);
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = hooks.deliver(request) => {}
            }
        });
    }

    async fn deliver(&self, request: Request) {
        let victim = request.victim(false);
        if self.faults.strike(Kind::Drop, victim).is_some() {
            return;
        }
        if let Some(delay) = self.faults.strike(Kind::Delay, victim) {
            tokio::time::sleep(delay).await;
        }
        if let Some(longest) = self.faults.strike(Kind::Reorder, victim) {
            self.wait_for_another(&request.call_sid, longest).await;
        }
        let twice = self.faults.strike(Kind::Duplicate, victim).is_some();
        self.post(&request).await;
        if twice {
            self.post(&request).await;
        }
        for held in self.take_held(&request.call_sid) {
            held.notify_one();
        }
    }

    async fn post(&self, request: &Request) {
        let Ok(_permit) = self.under_way.acquire().await else {
            return;
        };
        if let Err(error) = self.sender.send(request, send::CALLBACK_BYTES_MAX).await {
            tracing::warn!(call.id = %request.call_sid, %error, "a callback could not be delivered and is lost");
        }
    }

    async fn wait_for_another(&self, call_sid: &str, longest: Duration) {
        let another = Arc::new(Notify::new());
        self.hold(call_sid, Arc::clone(&another));
        // After the time it is sent in any case: a call's last callback has no successor.
        let _ = tokio::time::timeout(longest, another.notified()).await;
    }

    fn hold(&self, call_sid: &str, callback: Arc<Notify>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.entry(call_sid.to_owned()).or_default().push(callback);
    }

    fn take_held(&self, call_sid: &str) -> Vec<Arc<Notify>> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(call_sid)
            .unwrap_or_default()
    }
}

impl Request {
    fn victim(&self, only_by_path: bool) -> Victim<'_> {
        Victim {
            to: &self.call_to,
            path: self.target.url.path(),
            only_by_path,
        }
    }
}
