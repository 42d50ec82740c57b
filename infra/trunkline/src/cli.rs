//! The verbs of the command line.

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tokio::signal::unix::{Signal, SignalKind, signal};
use trunkline_runtime::{Clients, Config, config, telemetry};
use trunkline_store::Blobs;

use crate::{
    Stack,
    causes::told,
    env_file::{self, Running},
    models::{self, Set},
    openapi::publish,
    provision::{Resources, provision},
    stack::{self, edge::Edge},
};

/// A phone-calling platform: AI voice agents, campaigns, recordings, and an API for all of it.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version, about, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Runs the whole platform in this process (what `trunkline` alone does)
    #[command(after_help = settings())]
    Up,
    /// Runs the media server and the routes that do not pass through Lambda: what the container runs
    #[command(after_help = settings())]
    Edge,
    /// Runs the simulated carrier alone
    #[command(after_help = settings())]
    Simulator,
    /// Makes the tables, queues and bucket at the configured endpoints, where they do not exist yet, and puts the OpenAPI document there
    #[command(after_help = settings())]
    Provision,
    /// The speech models
    Models {
        #[command(subcommand)]
        what: ModelsVerb,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum ModelsVerb {
    /// Fetches the models that are not there yet, and checks them all
    #[command(after_help = settings())]
    Fetch,
}

/// Runs the process, from its arguments to its exit code: 0 when it was asked to stop, 1 with a line that says why else.
pub async fn run() -> ExitCode {
    let verb = Cli::parse().verb.unwrap_or(Verb::Up);
    match Box::pin(act(verb)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody to tell it to: the exit code stays.
            _ = writeln!(io::stderr(), "trunkline: {}", told(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn act(verb: Verb) -> anyhow::Result<()> {
    let config = Config::from_env()?;
    telemetry::init(&config)?;
    match verb {
        Verb::Up => Box::pin(up(&config)).await,
        Verb::Edge => Box::pin(edge(&config)).await,
        Verb::Simulator => Box::pin(simulator(&config)).await,
        Verb::Provision => Box::pin(make(&config)).await,
        Verb::Models {
            what: ModelsVerb::Fetch,
        } => Ok(models::fetch(&config.speech.models_dir, Set::Speech, false).await?),
    }
}

async fn up(config: &Config) -> anyhow::Result<()> {
    let mut stop = Stop::listen()?;
    let Some(stack) = stop.unless(Box::pin(Stack::start(config))).await else {
        return Ok(());
    };
    let stack = stack?;
    let mut lines = vec![
        format!("trunkline {}", env!("CARGO_PKG_VERSION")),
        format!("  API        {:<28}(docs at /docs)", stack.url),
    ];
    if let Some(url) = &stack.sim_url {
        lines.push(format!("  carrier    {url:<28}(simulated)"));
    }
    if let Some(embedded) = &stack.embedded {
        lines.push(format!("  data       {}", config.data_dir.display()));
        for (name, url) in [
            ("DynamoDB", &embedded.dynamodb),
            ("SQS", &embedded.sqs),
            ("S3", &embedded.s3),
        ] {
            if let Some(url) = url {
                lines.push(format!("  {name:<10} {url}"));
            }
        }
        lines.push(format!(
            "  AWS key    {} / {}",
            embedded.access_key, embedded.secret_key
        ));
        let running = Running {
            url: config.public_url.as_deref().unwrap_or(&stack.url),
            carrier: config.carrier.api_base.as_deref().or(stack.sim_url.as_deref()),
            stores: embedded,
            token_secret: config.token_secret.as_deref(),
        };
        if let Err(error) = env_file::write(&config.data_dir, &running) {
            tracing::warn!(
                "the variables for functions that are run by themselves could not be written: {error}"
            );
        }
    }
    if let Some((email, password)) = &stack.admin {
        // A password that was given is known to who gave it, and to nobody who reads the output.
        lines.push(if config.admin_password.is_some() {
            format!("  admin      {email}    (with the password of TRUNKLINE_ADMIN_PASSWORD)")
        } else {
            format!("  admin      {email} / {password}    (shown this once)")
        });
    }
    lines.push("ready".to_owned());
    say(&lines)?;
    stop.asked().await;
    tracing::info!("stopping; again to stop at once");
    stop.unless(Box::pin(stack.shutdown())).await;
    Ok(())
}

async fn edge(config: &Config) -> anyhow::Result<()> {
    let mut stop = Stop::listen()?;
    let Some(edge) = stop.unless(Box::pin(Edge::start(config))).await else {
        return Ok(());
    };
    let edge = edge?;
    say(&[format!("  media      {}", edge.url()), "ready".to_owned()])?;
    stop.asked().await;
    tracing::info!("draining; again to stop at once");
    stop.unless(Box::pin(edge.shutdown())).await;
    Ok(())
}

async fn simulator(config: &Config) -> anyhow::Result<()> {
    let off =
        || anyhow::anyhow!("TRUNKLINE_SIM_ADDR is off: give the address that the simulator is to listen on");
    let addr: SocketAddr = config.simulator.addr.ok_or_else(off)?;
    let mut stop = Stop::listen()?;
    let Some(sim) = stop.unless(Box::pin(stack::simulator(config, addr))).await else {
        return Ok(());
    };
    let sim = sim?;
    say(&[
        format!("  carrier    {:<28}(simulated)", sim.url()),
        format!("  account    {}", config.simulator.account.0),
        "ready".to_owned(),
    ])?;
    stop.asked().await;
    sim.shutdown().await;
    Ok(())
}

async fn make(config: &Config) -> anyhow::Result<()> {
    let aws = &config.aws;
    if aws.dynamodb.is_none() || aws.sqs.is_none() || aws.s3.is_none() {
        anyhow::bail!(
            "AWS_ENDPOINT_URL is not set (nor AWS_ENDPOINT_URL_DYNAMODB, _SQS and _S3): the embedded stores are made by \
             `trunkline up` itself"
        );
    }
    let clients = Clients::new(aws, None).await;
    let resources = Resources::declared()?;
    provision(
        &resources,
        &aws.prefix,
        &clients.dynamodb,
        &clients.sqs,
        &clients.s3,
    )
    .await?;
    let blobs = Blobs::new(clients.s3, &aws.bucket);
    publish(&blobs, &config.urls(config.addr).public).await?;
    say(&[format!(
        "tables, queues and bucket of `{}` are there, and the OpenAPI document in it",
        aws.prefix
    )])?;
    Ok(())
}

/// The signals that ask a process to stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// What `work` gives, unless somebody asks to stop before.
    async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.asked() => None,
        }
    }
}

/// To standard output, which scripts read: all of it at once.
fn say(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", lines.join("\n"))?;
    out.flush()
}

fn settings() -> String {
    let lines = config::VARIABLES.iter().map(|variable| {
        format!(
            "  {}\n      {} [default: {}]",
            variable.name, variable.meaning, variable.default
        )
    });
    format!(
        "Settings, as environment variables:\n{}",
        lines.collect::<Vec<_>>().join("\n")
    )
}
