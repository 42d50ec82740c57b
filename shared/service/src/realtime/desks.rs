//! The way to the instances that hold desks' sockets.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use trunkline_events::Event;
use trunkline_store::desks::DeskServer;

use crate::Ctx;

/// Where an instance takes events.
pub const PATH: &str = "/internal/desk";
/// The header with the body's signature.
pub const SIGNATURE: &str = "x-trunkline-signature";

/// How long one instance may take, before the next one is asked.
const POST: Duration = Duration::from_millis(120);
/// How many are asked at most: the first that takes the event hands it to the others.
const ASKED_MOST: usize = 2;
/// How long it is known who is there, in milliseconds; that nobody is, for a tenth of that.
const KNOWN_MS: u64 = 2_000;
/// How long nobody is asked after nobody could be reached, in milliseconds: a hook must not wait for each event anew.
const PAUSE_MS: u64 = 1_000;

/// What is posted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    /// The event.
    pub event: Event,
    /// It comes from a peer, who has told the others.
    pub forwarded: bool,
}

/// The way to the instances that hold desks' sockets. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Desks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    way: Way,
    http: OnceLock<Option<reqwest::Client>>,
    known: Mutex<Known>,
}

#[derive(Debug)]
enum Way {
    /// Nobody is told.
    Nowhere,
    /// By a host name before them: from outside their network.
    At(String),
    /// By the addresses that they have registered.
    Registered,
}

#[derive(Debug, Default)]
struct Known {
    servers: Vec<DeskServer>,
    /// By the boot clock, in milliseconds.
    until_ms: u64,
    paused_until_ms: u64,
}

impl Desks {
    /// Nobody is told: there are no desks.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::by(Way::Nowhere)
    }

    /// By a URL before all instances, without a slash at its end.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self::by(Way::At(url.to_owned()))
    }

    /// By the addresses that the instances have registered.
    #[must_use]
    pub fn registered() -> Self {
        Self::by(Way::Registered)
    }

    fn by(way: Way) -> Self {
        Self(Arc::new(Inner {
            way,
            http: OnceLock::new(),
            known: Mutex::default(),
        }))
    }

    /// Posts an event to one instance.
    pub(super) async fn tell(&self, ctx: &Ctx, event: &Event) -> Result<(), String> {
        if ctx.clock.boot_ms() < self.known().paused_until_ms {
            return Ok(());
        }
        let posted = Posted {
            event: event.clone(),
            forwarded: false,
        };
        let servers = match &self.0.way {
            Way::Nowhere => return Ok(()),
            Way::At(url) => return self.post(ctx, url, &posted, super::TELL).await,
            Way::Registered => self.servers(ctx).await?,
        };
        if servers.is_empty() {
            return Ok(());
        }
        // Not always the same one; and an event that comes twice at the same one.
        let first = event.id.0.as_bytes()[0] as usize % servers.len();
        let asked = servers.iter().cycle().skip(first);
        let mut why = String::new();
        for server in asked.take(ASKED_MOST.min(servers.len())) {
            match self.post(ctx, &server.url, &posted, POST).await {
                Ok(()) => return Ok(()),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// Nobody is asked for a while.
    pub(super) fn pause(&self, ctx: &Ctx) {
        self.known().paused_until_ms = ctx.clock.boot_ms() + PAUSE_MS;
    }

    /// Posts to one instance.
    pub(super) async fn post(
        &self,
        ctx: &Ctx,
        url: &str,
        posted: &Posted,
        patience: Duration,
    ) -> Result<(), String> {
        let http = self.http().ok_or_else(|| "there is no HTTP client".to_owned())?;
        let body = serde_json::to_vec(posted).map_err(|error| error.to_string())?;
        let signature = ctx.keys.sign_desk(&body, ctx.now());
        let post = http
            .post(format!("{url}{PATH}"))
            .header(SIGNATURE, signature)
            .header("content-type", "application/json")
            .timeout(patience)
            .body(body);
        let answer = post.send().await.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error}: {}", cause.unwrap_or_default())
        })?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(format!("{url} answered {}", answer.status()))
        }
    }

    /// Who is there, as far as it was known a moment ago.
    pub(super) async fn servers(&self, ctx: &Ctx) -> Result<Vec<DeskServer>, String> {
        let now_ms = ctx.clock.boot_ms();
        {
            let known = self.known();
            if now_ms < known.until_ms {
                return Ok(known.servers.clone());
            }
        }
        self.look(ctx).await
    }

    /// Who is there now.
    pub(super) async fn look(&self, ctx: &Ctx) -> Result<Vec<DeskServer>, String> {
        let now_ms = ctx.clock.boot_ms();
        let found = ctx.store.desk_servers(ctx.now()).await;
        let servers = found.map_err(|error| format!("it is not known who holds desks: {error}"))?;
        let kept = if servers.is_empty() {
            KNOWN_MS / 10
        } else {
            KNOWN_MS
        };
        let mut known = self.known();
        known.servers.clone_from(&servers);
        known.until_ms = now_ms + kept;
        Ok(servers)
    }

    /// Made when it is needed first: most functions tell nobody anything.
    fn http(&self) -> Option<&reqwest::Client> {
        let make = || {
            let client = reqwest::Client::builder()
                .connect_timeout(super::TELL)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .user_agent("trunkline")
                .build();
            client
                .inspect_err(|error| {
                    tracing::error!(
                        "desks hear of everything late, since no HTTP client can be made: {error}"
                    );
                })
                .ok()
        };
        self.0.http.get_or_init(make).as_ref()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Plain data: a panic elsewhere leaves it whole.
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
