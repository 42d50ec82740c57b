//! A deployment for tests: the real store over a DynamoDB in memory, a clock that is turned by hand.

use std::sync::{Arc, LazyLock};

use aide::axum::ApiRouter;
use aws_sdk_dynamodb::{Client, config::HttpClient};
use trunkline_auth::TokenKeys;
use trunkline_aws_local::{
    TableSet,
    dynamo_memory::{Hook, Memory, client},
};
use trunkline_domain::{CallerId, dial::Protocol};
use trunkline_http::HttpOptions;
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{Ctx, Settings, settings::Registration};
use trunkline_store::{Blobs, Store, Tables};

use crate::{CountedIds, Instance, NoCarrier, TurnedClock};

/// What the names of the tables begin with.
const PREFIX: &str = "test";

/// The parts that several instances of one deployment share.
pub struct World {
    /// The tables.
    pub memory: Memory,
    /// The time.
    pub clock: Arc<TurnedClock>,
    /// The deployment's choices; what a test changes holds for contexts and instances made from then on.
    pub settings: Settings,
}

impl World {
    /// One with empty tables.
    pub async fn new() -> Self {
        Self {
            memory: memory(),
            clock: Arc::default(),
            settings: settings(),
        }
    }

    /// The tables as rows, for what no use case does yet.
    #[must_use]
    pub fn db(&self) -> Client {
        client(self.memory.faultless())
    }

    /// The services' way to the tables, by a connection that a test watches or breaks.
    #[must_use]
    pub fn store_watched(&self, hook: Hook) -> Store {
        store(self.memory.http_client(hook))
    }

    /// What services are given. Queues, bucket and carrier are down.
    #[must_use]
    pub fn ctx(&self) -> Ctx {
        Ctx {
            clock: self.clock.clone(),
            settings: Arc::new(self.settings.clone()),
            outbound: trunkline_outbound::Outbound::new(self.settings.allow_private_urls),
            ..ctx(self.memory.faultless())
        }
    }

    /// One instance: its own limiter, its own connections.
    #[must_use]
    pub fn instance(&self, options: HttpOptions, router: ApiRouter<Ctx>) -> Instance {
        Instance::new(self.ctx(), options, router)
    }
}

/// A database with the tables of `template.yaml`, empty, named `test-…`.
#[must_use]
pub fn memory() -> Memory {
    static TABLES: LazyLock<TableSet> =
        LazyLock::new(|| TableSet::of_template(include_str!("../../../template.yaml"), PREFIX).unwrap());
    Memory::with_tables(&TABLES).unwrap()
}

fn store(connection: impl HttpClient + 'static) -> Store {
    Store::new(client(connection), Tables::with_prefix(PREFIX))
}

/// What services are given, over a connection to [`memory`]; everything but the tables is a part that is down, or stands still.
#[must_use]
pub fn ctx(connection: impl HttpClient + 'static) -> Ctx {
    Ctx {
        store: store(connection),
        blobs: Blobs::new(s3_down(), "test"),
        queues: Queues::new(
            sqs_down(),
            QueueNames {
                dial: format!("{NOWHERE}/dial"),
                post_call: format!("{NOWHERE}/post-call"),
            },
        ),
        carrier: Arc::new(NoCarrier),
        outbound: trunkline_outbound::Outbound::new(false),
        desks: trunkline_service::realtime::Desks::nowhere(),
        clock: Arc::new(TurnedClock::default()),
        ids: Arc::new(CountedIds),
        keys: Arc::new(TokenKeys::new(&[7; 32]).unwrap()),
        protocol: Protocol::with_settle(chrono::Duration::seconds(3)),
        settings: Arc::new(settings()),
    }
}

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

fn sqs_down() -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig};
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(NOWHERE)
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"));
    aws_sdk_sqs::Client::from_conf(config.build())
}

fn s3_down() -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region, retry::RetryConfig};
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(NOWHERE)
        .retry_config(RetryConfig::disabled())
        .credentials_provider(Credentials::new("test", "test", None, None, "test"));
    aws_sdk_s3::Client::from_conf(config.build())
}

/// A deployment on loopback with a simulated carrier: anybody registers, nothing is limited, no private address is asked.
#[must_use]
pub fn settings() -> Settings {
    Settings {
        public_url: "http://127.0.0.1:8000".into(),
        hook_url: "http://127.0.0.1:8000".into(),
        media_url: "ws://127.0.0.1:8000".into(),
        caller_id: CallerId("+12125550000".parse().unwrap()),
        settle: chrono::Duration::seconds(3),
        carrier_cps: None,
        legal_windows: false,
        max_conversations: 10,
        registration: Registration::Open,
        rate_limits: false,
        allow_private_urls: false,
        simulated_carrier: true,
        instance: "test".into(),
        forced_stt: None,
        forced_llm: None,
        forced_tts: None,
        vendors: trunkline_service::parts::Vendors::default(),
    }
}
