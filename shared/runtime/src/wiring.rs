//! From configuration to what every use case is given.

use std::sync::Arc;

use aws_sdk_sqs::error::{DisplayErrorContext, SdkError};
use trunkline_auth::TokenKeys;
use trunkline_domain::{Instant, dial::Protocol};
use trunkline_outbound::Outbound;
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{Clock, Ctx, Ids};
use trunkline_store::{Blobs, Store, Tables};
use trunkline_telephony::CarrierError;

use crate::{
    Clients, Config, ConfigError, SystemClock, SystemIds, carrier,
    config::{AwsConfig, Urls},
    data_key::{self, DataKeyError},
    secret::{self, SecretError},
};

/// Why a process cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// A variable cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No keys.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// No key that seals.
    #[error("the key that seals credentials: {0}")]
    DataKey(#[from] DataKeyError),
    /// No carrier.
    #[error("the carrier's client cannot be made: {0}")]
    Carrier(#[from] CarrierError),
    /// A queue is not there.
    #[error("queue {name}: {problem}")]
    Queue {
        /// Its name.
        name: String,
        /// What the service says.
        problem: String,
    },
}

/// What only the composition root can decide.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The services' clients.
    pub clients: Clients,
    /// Where the carrier's API is.
    pub carrier_base: String,
    /// The deployment's URLs.
    pub urls: Urls,
    /// The keys of tokens.
    pub keys: TokenKeys,
    /// This process's name among its peers.
    pub instance: String,
}

/// What every use case is given.
///
/// # Errors
/// When a queue is not there, or the carrier's client cannot be made.
pub async fn ctx(config: &Config, parts: Parts) -> Result<Ctx, WiringError> {
    let queues = Box::pin(queues(&config.aws, parts.clients.sqs)).await?;
    Ok(Ctx {
        store: Store::new(parts.clients.dynamodb, Tables::with_prefix(&config.aws.prefix)),
        blobs: Blobs::new(parts.clients.s3, &config.aws.bucket),
        queues,
        carrier: carrier::of(&config.carrier, &parts.carrier_base, &parts.urls.hook)?,
        outbound: Outbound::new(config.allow_private_urls),
        desks: config.desks(),
        settings: Arc::new(config.settings(&parts.urls, &parts.instance)),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        keys: Arc::new(parts.keys),
        protocol: Protocol::with_settle(config.settle),
    })
}

/// What a function on AWS, or one run by itself against other endpoints, is given: everything from the environment.
///
/// # Errors
/// [`WiringError`] names the variable or the part.
pub async fn ctx_from_env(config: &Config) -> Result<Ctx, WiringError> {
    let secret = config.token_secret.as_deref().ok_or(SecretError::Missing)?;
    let keys = secret::keys_of("TRUNKLINE_TOKEN_SECRET", secret)?;
    let carrier_base = match (&config.carrier.api_base, config.simulator.addr) {
        (Some(base), _) => base.clone(),
        (None, Some(simulator)) => format!("http://{simulator}"),
        (None, None) => String::new(),
    };
    let clients = Clients::new(&config.aws, None).await;
    let keys = Box::pin(sealing(config, keys, &clients, None)).await?;
    let urls = config.urls(config.addr);
    let parts = Parts {
        clients,
        carrier_base,
        urls,
        keys,
        instance: instance(config),
    };
    Box::pin(ctx(config, parts)).await
}

/// The keys with the one that seals: of KMS where a key of it is named, else of the data folder. `fresh` makes the folder's where there
/// is none; without it the secret's own serves.
///
/// # Errors
/// When KMS, the store or the folder do not give it.
pub async fn sealing(
    config: &Config,
    keys: TokenKeys,
    clients: &Clients,
    fresh: Option<[u8; 32]>,
) -> Result<TokenKeys, WiringError> {
    let folder = &config.data_dir;
    let key = match (&config.aws.kms_key, fresh) {
        (Some(id), _) => {
            let store = Store::new(clients.dynamodb.clone(), Tables::with_prefix(&config.aws.prefix));
            Some(data_key::of_kms(&crate::aws::kms().await, id, &store).await?)
        }
        (None, Some(fresh)) => Some(secret::data_key_in(folder, fresh)?),
        (None, None) => secret::existing_data_key(folder)?,
    };
    Ok(match key {
        Some(key) => keys.sealing_with(key),
        None => keys,
    })
}

/// A name that no other process has, nor this one's predecessor: a lease of a dead process is not taken for its own.
#[must_use]
pub fn instance(config: &Config) -> String {
    let mine = SystemIds.uuid().simple().to_string();
    format!(
        "{}-{}",
        config.instance.as_deref().unwrap_or("trunkline"),
        &mine[..8]
    )
}

/// The platform's time, for what is made before there is a `Ctx`.
#[must_use]
pub fn now() -> Instant {
    SystemClock.now()
}

async fn queues(config: &AwsConfig, sqs: aws_sdk_sqs::Client) -> Result<Queues, WiringError> {
    let ask = |given: &Option<String>, queue: &str| {
        let (given, name, sqs) = (given.clone(), format!("{}-{queue}", config.prefix), &sqs);
        async move {
            match given {
                Some(url) => Ok(url),
                None => queue_url(sqs, name).await,
            }
        }
    };
    let urls = &config.queues;
    let (dial, post_call, webhooks, mail, import, bridge, fanout_dead) = tokio::try_join!(
        ask(&urls.dial, "dial"),
        ask(&urls.post_call, "post-call"),
        ask(&urls.webhooks, "webhooks"),
        ask(&urls.mail, "mail"),
        ask(&urls.import, "import"),
        ask(&urls.bridge, "bridge"),
        ask(&urls.fanout_dead, "fanout-dead")
    )?;
    let queues = Queues::new(sqs, QueueNames { dial, post_call });
    Ok(queues
        .with_webhooks(&webhooks)
        .with_mail(&mail)
        .with_import(&import)
        .with_bridge(&bridge)
        .with_fanout_dead(&fanout_dead))
}

/// Where a queue is.
///
/// # Errors
/// When it does not exist or the service does not answer.
pub async fn queue_url(sqs: &aws_sdk_sqs::Client, name: String) -> Result<String, WiringError> {
    match sqs.get_queue_url().queue_name(&name).send().await {
        Ok(found) => found.queue_url.ok_or_else(|| WiringError::Queue {
            name,
            problem: "it has no URL".to_owned(),
        }),
        Err(SdkError::ServiceError(error)) if error.err().is_queue_does_not_exist() => {
            let problem = "there is none; `trunkline provision` makes it".to_owned();
            Err(WiringError::Queue { name, problem })
        }
        Err(error) => Err(WiringError::Queue {
            name,
            problem: DisplayErrorContext(&error).to_string(),
        }),
    }
}
