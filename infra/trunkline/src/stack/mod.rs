//! The whole platform in one process: what the binary runs and what the tests start.

pub mod edge;
mod embedded;
mod error;
mod mail;
mod predecessor;
mod speech;
mod tailer;
mod voice;
mod workers;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures::FutureExt;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use trunkline_aws_local::AwsLocal;
use trunkline_carrier_sim::{Sim, SimError, SimOptions};
use trunkline_http::HttpOptions;
use trunkline_media::{
    MediaOptions, MediaServer, OpenMode,
    port::CallPlan,
    realtime::{DeskOptions, DeskServer},
};
use trunkline_providers::builtin::dialogue::asks_to_stop;
use trunkline_runtime::{
    Clients, Config, Embedded, peer, secret,
    wiring::{self, Parts},
};
use trunkline_service::{Ctx, Ids, identity, readiness::Part, recordings::Recogniser};

pub use error::StartError;
use predecessor::outlast;
use workers::{Handle, Worker};

use edge::Draining;

use crate::{
    calls::ServicePort,
    desks::ServiceDesks,
    openapi::publish_if_possible,
    routes::{outer, routers, sockets},
};

/// How often the clock's part runs here; on AWS the schedule's minute.
const TICK: Duration = Duration::from_secs(5);
/// How long requests and calls may take to end when the process stops.
const GRACE: Duration = Duration::from_secs(10);

/// The running platform.
#[derive(Debug)]
pub struct Stack {
    /// Where the API is: `http://address`.
    pub url: String,
    /// Where the simulated carrier is, when this process runs it.
    pub sim_url: Option<String>,
    /// The first admin's address and password, the only time they are known.
    pub admin: Option<(String, String)>,
    /// The embedded stores' endpoints and key.
    pub embedded: Option<Embedded>,
    /// What the services are given.
    pub ctx: Ctx,
    stop: CancellationToken,
    tasks: TaskTracker,
    media: MediaServer,
    desks: DeskServer,
    sim: Option<Sim>,
    local: Option<AwsLocal>,
}

impl Stack {
    /// Starts everything that the configuration asks for, and returns once requests are served.
    ///
    /// # Errors
    /// [`StartError`] says in a sentence what is in the way.
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        if config.carrier.account.is_none() {
            return Err(StartError::NoAccount);
        }
        let listener = bind("TRUNKLINE_ADDR", config.addr).await?;
        let addr = listener.local_addr().map_err(|source| StartError::Bind {
            variable: "TRUNKLINE_ADDR",
            addr: config.addr,
            source,
        })?;
        let local = embedded::start(config).await?;
        let endpoints = local.as_ref().map(embedded::endpoints);
        let clients = Clients::new(&config.aws, endpoints.as_ref()).await;
        embedded::make(config, &clients).await?;

        let speech = speech::Parts::new(config);
        let urls = config.urls(addr);
        let sim = start_sim(config, &urls.hook, &speech).await?;
        let carrier_base = match (&config.carrier.api_base, &sim) {
            (Some(base), _) => base.clone(),
            (None, Some(sim)) => sim.url().to_owned(),
            (None, None) => String::new(),
        };
        let keys = match &config.token_secret {
            Some(given) => secret::keys_of("TRUNKLINE_TOKEN_SECRET", given),
            None => secret::keys_in(&config.data_dir, trunkline_runtime::SystemIds.secret()),
        };
        let keys = keys.map_err(wiring::WiringError::from)?;
        let fresh = trunkline_runtime::SystemIds.secret();
        let keys = Box::pin(wiring::sealing(config, keys, &clients, Some(fresh))).await?;
        let parts = Parts {
            clients: clients.clone(),
            carrier_base,
            urls,
            keys,
            instance: wiring::instance(config),
        };
        let ctx = wiring::ctx(config, parts).await?;
        let admin = identity::ensure_admin(
            &ctx,
            config.admin_email.as_deref(),
            config.admin_password.as_deref(),
        )
        .await?;

        let port = Arc::new(ServicePort::new(ctx.clone(), speech.status()));
        let parts = vec![speech.readiness(port.open())];
        let media = MediaServer::new(media_options(config, &ctx, addr)?, speech.media(), port);
        let (router, _) = trunkline_http::finish(ctx.clone(), http_options(config, parts, &media), routers());
        let desks = desks(config, &ctx, addr).await;
        let router = outer(router, &ctx, config, sockets(&media, &desks, config));

        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let stack = Self {
            url: format!("http://{addr}"),
            sim_url: sim.as_ref().map(|sim| sim.url().to_owned()),
            admin,
            embedded: endpoints,
            ctx,
            stop,
            tasks,
            media,
            desks,
            sim,
            local,
        };
        stack.tasks.spawn(serve(listener, router, stack.stop.clone()));
        stack.work(config, &clients, speech.recogniser()).await?;
        let media = stack.media.clone();
        speech.load(&stack.stop, &stack.tasks, move || media.publish_now());
        Ok(stack)
    }

    /// Queues, streams and the clock.
    async fn work(
        &self,
        config: &Config,
        clients: &Clients,
        recogniser: Recogniser,
    ) -> Result<(), StartError> {
        let url = |queue: &str| wiring::queue_url(&clients.sqs, format!("{}-{queue}", config.aws.prefix));
        let dial: Handle =
            Arc::new(|ctx, batch| async move { job_dialer::handle(&ctx, batch).await }.boxed());
        let post_call: Handle = Arc::new(move |ctx, batch| {
            let recogniser = recogniser.clone();
            async move { job_post_call::handle(&ctx, Some(&recogniser), batch).await }.boxed()
        });
        let webhooks: Handle =
            Arc::new(|ctx, batch| async move { job_webhooks::handle(&ctx, batch).await }.boxed());
        let bridge: Handle =
            Arc::new(|ctx, batch| async move { job_bridge::handle(&ctx, batch).await }.boxed());
        let import: Handle =
            Arc::new(|ctx, batch| async move { job_importer::handle(&ctx, batch).await }.boxed());
        let post = mail::post(config)?;
        let mail: Handle = Arc::new(move |ctx, batch| {
            let post = post.clone();
            async move { job_mail::handle(&ctx, post.as_deref(), batch).await }.boxed()
        });
        for worker in [
            Worker {
                name: "dial",
                url: url("dial").await?,
                at_once: 8,
                handle: dial,
            },
            Worker {
                name: "post-call",
                url: url("post-call").await?,
                // Most of the time a language model is waited for, where there is one.
                at_once: 4,
                handle: post_call,
            },
            // Most of the time the carrier is waited for, or its rate.
            Worker {
                name: "bridge",
                url: url("bridge").await?,
                at_once: 32,
                handle: bridge,
            },
            Worker {
                name: "import",
                url: url("import").await?,
                at_once: 2,
                handle: import,
            },
            Worker {
                name: "mail",
                url: url("mail").await?,
                at_once: 2,
                handle: mail,
            },
            // A slow receiver keeps its place for 15 s, and most of that time nothing is done.
            Worker {
                name: "webhooks",
                url: url("webhooks").await?,
                at_once: 32,
                handle: webhooks,
            },
        ] {
            self.tasks.spawn(worker.run(
                self.ctx.clone(),
                clients.sqs.clone(),
                self.stop.clone(),
                self.tasks.clone(),
            ));
        }
        for table in ["dialing", "calls"] {
            let tailer = tailer::Tailer {
                table: format!("{}-{table}", config.aws.prefix),
                ephemeral: format!("{}-ephemeral", config.aws.prefix),
                clients: clients.clone(),
                ctx: self.ctx.clone(),
            };
            self.tasks.spawn(tailer.run(self.stop.clone()));
        }
        let media = self.media.clone();
        self.tasks.spawn(async move { media.publish_capacity().await });
        let (desks, stop) = (self.desks.clone(), self.stop.clone());
        self.tasks.spawn(async move { desks.run(stop).await });
        self.tasks.spawn(tick(self.ctx.clone(), self.stop.clone()));
        // For a function that is run by itself against these stores.
        let ctx = self.ctx.clone();
        self.tasks
            .spawn(async move { publish_if_possible(&ctx.blobs, &ctx.settings.public_url).await });
        Ok(())
    }

    /// Ends in order: no new work, calls under way handed over, then the stores.
    pub async fn shutdown(self) {
        self.media.drain().await;
        self.desks.close().await;
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some work did not end in time; it comes again after the next start");
        }
        if let Some(sim) = self.sim {
            sim.shutdown().await;
        }
        if let Some(local) = self.local {
            local.shutdown().await;
        }
    }
}

/// Serves until `stop`, and then what is under way.
async fn serve(listener: TcpListener, router: axum::Router, stop: CancellationToken) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
    {
        tracing::error!("the API stopped serving: {error}");
    }
}

/// The clock's part: at once, looking after every unfinished call, then again and again.
async fn tick(ctx: Ctx, stop: CancellationToken) {
    let mut start = true;
    loop {
        match job_scheduler::handle(&ctx, start).await {
            Ok(()) => start = false,
            Err(error) => tracing::warn!("a tick did not run: {error}"),
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// The desks' sockets, which the platform knows of from here on.
async fn desks(config: &Config, ctx: &Ctx, bound: SocketAddr) -> DeskServer {
    let url = peer::peer_url(config, bound).await;
    let port = Arc::new(ServiceDesks::new(ctx.clone(), url));
    let desks = DeskServer::new(DeskOptions::default(), port);
    desks.present().await;
    desks
}

async fn bind(variable: &'static str, addr: SocketAddr) -> Result<TcpListener, StartError> {
    let taken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
    let bound = outlast(taken, || TcpListener::bind(addr)).await;
    bound.map_err(|source| StartError::Bind {
        variable,
        addr,
        source,
    })
}

async fn start_sim(
    config: &Config,
    hook_url: &str,
    speech: &speech::Parts,
) -> Result<Option<Sim>, StartError> {
    let Some(addr) = config
        .simulator
        .addr
        .filter(|_| config.carrier.api_base.is_none())
    else {
        return Ok(None);
    };
    let mut options = sim_options(config, addr);
    options.voice = speech.sim_voice();
    options.inbound_url = Some(format!("{hook_url}/webhooks/twilio/incoming"));
    Ok(Some(
        outlast(SimError::is_taken, || Sim::start(options.clone())).await?,
    ))
}

/// The simulated carrier alone: a process of its own.
///
/// # Errors
/// Its address is taken, or its folder cannot be written.
pub async fn simulator(config: &Config, addr: SocketAddr) -> Result<Sim, StartError> {
    let speech = speech::Parts::new(config);
    let mut options = sim_options(config, addr);
    options.voice = speech.sim_voice();
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    speech.load(&stop, &tasks, || {});
    Ok(outlast(SimError::is_taken, || Sim::start(options.clone())).await?)
}

/// What the simulator is started with, here and by `trunkline simulator`.
#[must_use]
pub fn sim_options(config: &Config, addr: SocketAddr) -> SimOptions {
    let (account_sid, auth_token) = config.simulator.account.clone();
    SimOptions {
        addr,
        data_dir: config.data_dir.join("carrier"),
        account_sid,
        auth_token,
        ring_ms: config.simulator.ring_ms,
        talk_ms: config.simulator.talk_ms,
        seed: config.simulator.seed,
        ..SimOptions::defaults()
    }
}

fn media_options(config: &Config, ctx: &Ctx, addr: SocketAddr) -> Result<MediaOptions, StartError> {
    Ok(MediaOptions {
        max_conversations: usize::try_from(ctx.settings.max_conversations).unwrap_or(usize::MAX),
        drain_patience: GRACE,
        opt_out: asks_to_stop,
        open: if config.media_open {
            Some(OpenMode::on(addr, CallPlan::stub())?)
        } else {
            None
        },
        ..MediaOptions::default()
    })
}

fn http_options(config: &Config, mut parts: Vec<Arc<dyn Part>>, media: &MediaServer) -> HttpOptions {
    parts.push(Arc::new(Draining(media.clone())));
    HttpOptions {
        parts,
        ..config.http()
    }
}
