//! Desks: human agents' browsers, by Socket.IO at `/socket.io`. They hear what happens as it happens, on whichever instance they are.
//!
//! [`port`] is what this needs of the platform; `hub` knows who is in which room; `news` brings what happens in, posted by the platform or a
//! peer and, whatever gets lost, read again from where it is written down; `requests` is what desks ask for.

mod elsewhere;
mod handshake;
mod hub;
mod news;
pub mod port;
mod requests;
mod seen;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use futures::{StreamExt, stream};
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use tokio::sync::Semaphore;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use elsewhere::Sessions;
use handshake::Auth;
use hub::Hub;
use port::{DeskPort, DeskRefused};

/// The platform has this long to answer.
const ADMIT: Duration = Duration::from_secs(5);
/// A socket has this long to say who it is.
const CONNECT: Duration = Duration::from_secs(5);
/// How often an instance says that it is there, and learns who else is.
const PRESENT: Duration = Duration::from_secs(2);
/// The most bytes of a message from a desk.
const MESSAGE_MAX: usize = 16 * 1024;
/// The most bytes of an event that is posted.
const POSTED_MAX: usize = 16 * 1024;
/// Events that are told at once.
const DELIVERIES: usize = 256;
/// Desks at once for which the platform is asked whether they may stay open.
const RIGHTS_AT_ONCE: usize = 8;
/// Polls at once for which the platform is asked where their session is.
const ASKING: usize = 32;

/// How many of what.
#[derive(Debug, Clone)]
pub struct DeskOptions {
    /// Sockets on this instance.
    pub sockets_max: usize,
    /// Sockets of one user on this instance.
    pub sockets_a_user_max: usize,
    /// Rooms that a socket is in: the tenant's, and one for each desk.
    pub rooms_a_socket_max: usize,
    /// Requests of a socket in a minute.
    pub requests_a_minute_max: usize,
    /// Sockets that have not said who they are.
    pub pending_max: usize,
    /// Packets that wait for a desk that does not read; then it is dropped. More than a desk that comes back is told at once.
    pub unsent_max: usize,
    /// How often tokens are looked at: an ended login closes its sockets within a second.
    pub leash: Duration,
    /// How often it is asked whether who opened a desk still may: the agent, or the user, may be another by now.
    pub rights: Duration,
    /// How often it is read what no post has brought.
    pub look: Duration,
    /// How often a desk is asked whether it is there.
    pub ping_interval: Duration,
    /// How long it may take to answer.
    pub ping_timeout: Duration,
}

impl Default for DeskOptions {
    fn default() -> Self {
        Self {
            sockets_max: 5_000,
            sockets_a_user_max: 10,
            rooms_a_socket_max: 51,
            requests_a_minute_max: 60,
            pending_max: 512,
            unsent_max: 256,
            leash: Duration::from_millis(600),
            rights: Duration::from_secs(60),
            look: Duration::from_secs(5),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
        }
    }
}

/// The desks' sockets of one instance. Clones are the same ones.
#[derive(Clone)]
pub struct DeskServer {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for DeskServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeskServer")
            .field("sockets", &self.inner.hub.len())
            .finish_non_exhaustive()
    }
}

struct Inner {
    port: Arc<dyn DeskPort>,
    hub: Hub,
    pending: Arc<Semaphore>,
    /// Connections, whatever of them is a socket.
    connections: Arc<Semaphore>,
    asking: Semaphore,
    deliveries: Arc<Semaphore>,
    sessions: Sessions,
    closing: AtomicBool,
    io: SocketIo,
    sockets: Router,
}

impl DeskServer {
    /// Sockets that are served once [`DeskServer::router`] is mounted, and looked after by [`DeskServer::run`].
    #[must_use]
    pub fn new(options: DeskOptions, port: Arc<dyn DeskPort>) -> Self {
        let (service, io) = SocketIo::builder()
            .ping_interval(options.ping_interval)
            .ping_timeout(options.ping_timeout)
            .connect_timeout(CONNECT)
            .max_payload(MESSAGE_MAX as u64)
            .ws_max_message_size(MESSAGE_MAX)
            .ws_max_frame_size(MESSAGE_MAX)
            .max_buffer_size(options.unsent_max)
            .build_svc();
        let inner = Inner {
            port,
            pending: Arc::new(Semaphore::new(options.pending_max)),
            connections: Arc::new(Semaphore::new(options.sockets_max + options.pending_max)),
            asking: Semaphore::new(ASKING),
            deliveries: Arc::new(Semaphore::new(DELIVERIES)),
            hub: Hub::new(options),
            sessions: Sessions::default(),
            closing: AtomicBool::new(false),
            io,
            sockets: Router::new()
                .route_service("/socket.io", service.clone())
                .route_service("/socket.io/", service),
        };
        let desks = Self {
            inner: Arc::new(inner),
        };
        desks.listen();
        desks
    }

    /// The sockets, `/socket.io`: for browsers.
    pub fn router(&self) -> Router {
        let sockets = self.inner.sockets.clone();
        sockets.layer(from_fn_with_state(self.clone(), handshake::gate))
    }

    /// Where the platform and the peers post what happens: `/internal/desk`, taken with a signature alone.
    pub fn internal_router(&self) -> Router {
        Router::new()
            .route("/internal/desk", post(news::posted))
            .layer(DefaultBodyLimit::max(POSTED_MAX))
            .with_state(self.clone())
    }

    /// Sockets that are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.inner.hub.len()
    }

    /// Says that this instance is there, so that it is told of what happens.
    pub async fn present(&self) {
        if self.inner.closing.load(Ordering::Relaxed) {
            return;
        }
        match timeout(ADMIT, self.inner.port.present()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "peers may not know that desks are here"),
            Err(_) => tracing::warn!("peers may not know that desks are here: no answer in time"),
        }
    }

    /// Looks after the sockets until `stop`; to be spawned beside the server.
    pub async fn run(&self, stop: CancellationToken) {
        let options = self.inner.hub.options();
        let presence = async {
            let mut tick = ticks(PRESENT);
            loop {
                tick.tick().await;
                self.present().await;
            }
        };
        let leashes = async {
            let mut tick = ticks(options.leash);
            loop {
                tick.tick().await;
                self.leash().await;
            }
        };
        let rights = async {
            let mut tick = ticks(options.rights);
            loop {
                tick.tick().await;
                self.rights().await;
            }
        };
        let looks = async {
            let mut tick = ticks(options.look);
            let mut looked = HashMap::new();
            loop {
                tick.tick().await;
                self.look(&mut looked).await;
            }
        };
        tokio::select! {
            () = presence => {}
            () = leashes => {}
            () = rights => {}
            () = looks => {}
            () = stop.cancelled() => {}
        }
    }

    /// Closes all sockets, so that they come back elsewhere, and says that this instance goes.
    pub async fn close(&self) {
        self.inner.closing.store(true, Ordering::Relaxed);
        self.leave().await;
        if timeout(ADMIT, self.inner.io.close()).await.is_err() {
            tracing::warn!(open = self.open(), "some desks did not let go in time");
        }
        // Again: it may have been saying that it is there just as it left.
        self.leave().await;
    }

    async fn leave(&self) {
        match timeout(ADMIT, self.inner.port.leave()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "peers go on telling this instance for some seconds"),
            Err(_) => tracing::warn!("peers go on telling this instance for some seconds"),
        }
    }

    /// Closes the sockets whose tokens are not good any more. That the platform cannot say is no reason.
    async fn leash(&self) {
        self.inner.hub.forget_closed(CONNECT);
        self.inner.hub.drop_again();
        let tokens = self.inner.hub.tokens();
        if tokens.is_empty() {
            return;
        }
        match timeout(ADMIT, self.inner.port.ended(&tokens)).await {
            Ok(Ok(ended)) => {
                for (token, why) in tokens.iter().zip(ended) {
                    if let Some(why) = why {
                        self.inner.hub.end(token, &why);
                    }
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "whether desks may stay open cannot be said now"),
            Err(_) => tracing::warn!("whether desks may stay open was not said in time"),
        }
    }

    /// Shuts the desks that may not be open any more. That the platform cannot say is no reason, and an ended login is the leash's.
    async fn rights(&self) {
        let asked = stream::iter(self.inner.hub.desks());
        asked
            .for_each_concurrent(RIGHTS_AT_ONCE, async |(token, desk)| {
                let may = self.inner.port.may_join(&token, &desk.agent, &desk.tenant);
                match timeout(ADMIT, may).await {
                    Ok(Err(DeskRefused::Request(why))) => self.inner.hub.shut(&token, &desk, &why),
                    Ok(
                        Ok(_)
                        | Err(DeskRefused::Token(_) | DeskRefused::Closed(_) | DeskRefused::Unavailable(_)),
                    )
                    | Err(_) => {}
                }
            })
            .await;
    }

    fn listen(&self) {
        let (gate, desks) = (self.clone(), self.clone());
        let admit = move |socket: SocketRef, TryData(auth): TryData<Auth>| gate.admit(socket, auth.ok());
        let serve = move |socket: SocketRef| desks.serve(socket);
        self.inner.io.ns("/", serve.with(admit));
    }

    /// Lets a socket in, or says why not: the client's `connect_error`.
    async fn admit(self, socket: SocketRef, auth: Option<Auth>) -> Result<(), String> {
        let refuse = |refused: DeskRefused| refused.to_string();
        let token = handshake::token(auth, socket.req_parts()).map_err(refuse)?;
        let user = handshake::admit(&self, &token).await.map_err(refuse)?;
        self.inner.hub.enter(socket, token, user)
    }

    async fn serve(self, socket: SocketRef) {
        let desks = self.clone();
        socket.on(
            "agent:join",
            move |socket: SocketRef, TryData(asked): TryData<Value>, ack: AckSender| {
                requests::join(desks, socket, asked.unwrap_or_default(), ack)
            },
        );
        let desks = self.clone();
        socket.on(
            "agent:status",
            move |socket: SocketRef, TryData(asked): TryData<Value>, ack: AckSender| {
                requests::status(desks, socket, asked.unwrap_or_default(), ack)
            },
        );
        socket.on_fallback(requests::unknown);
        socket.on_disconnect(move |socket: SocketRef| async move { self.inner.hub.exit(socket.id) });
    }
}

/// The first at once; one that comes late does not hurry the next.
fn ticks(pause: Duration) -> Interval {
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
