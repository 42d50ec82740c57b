//! A deployment for tests: the real store over a DynamoDB in memory, a clock that is turned by hand, requests without sockets.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use aide::axum::ApiRouter;
use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use trunkline_auth::TokenKeys;
use trunkline_aws_local::dynamo_memory::Memory;
use trunkline_domain::{CallerId, E164, Instant, dial::Protocol};
use trunkline_http::{HttpOptions, finish};
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{Clock, Ctx, Ids, Settings, settings::Registration};
use trunkline_store::{Blobs, Store, Tables};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder};
use uuid::Uuid;

/// The parts that several instances of one deployment share.
pub struct World {
    pub memory: Memory,
    pub clock: Arc<TurnedClock>,
    pub settings: Settings,
}

impl World {
    pub async fn new() -> Self {
        let memory = Memory::open().unwrap();
        let world = Self {
            memory,
            clock: Arc::new(TurnedClock::default()),
            settings: settings(),
        };
        for table in ["test-identity", "test-ephemeral"] {
            create_table(&world.db(), table).await;
        }
        world
    }

    /// The tables, for what no use case does yet.
    pub fn db(&self) -> Client {
        self.db_over(self.memory.faultless())
    }

    /// The tables, by a connection that a test watches.
    #[allow(dead_code, reason = "not all who share this support watch")]
    pub fn db_watched(&self, hook: trunkline_aws_local::dynamo_memory::Hook) -> Client {
        self.db_over(self.memory.http_client(hook))
    }

    fn db_over(&self, connection: impl aws_sdk_dynamodb::config::HttpClient + 'static) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url("http://store")
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(connection);
        Client::from_conf(config.build())
    }

    pub fn ctx(&self) -> Ctx {
        let credentials = Credentials::new("test", "test", None, None, "test");
        // Nobody listens there: a part that is down.
        let sqs = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new("us-east-1"))
            .endpoint_url("http://127.0.0.1:1")
            .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
            .credentials_provider(credentials.clone());
        let s3 = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .endpoint_url("http://127.0.0.1:1")
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
            .credentials_provider(credentials);
        let names = QueueNames {
            dial: "http://127.0.0.1:1/dial".into(),
            post_call: "http://127.0.0.1:1/post".into(),
        };
        Ctx {
            store: Store::new(self.db(), Tables::with_prefix("test")),
            blobs: Blobs::new(aws_sdk_s3::Client::from_conf(s3.build()), "test"),
            queues: Queues::new(aws_sdk_sqs::Client::from_conf(sqs.build()), names),
            carrier: Arc::new(NoCarrier),
            outbound: trunkline_outbound::Outbound::new(self.settings.allow_private_urls),
            clock: self.clock.clone(),
            ids: Arc::new(CountedIds),
            keys: Arc::new(TokenKeys::new(&[7; 32]).unwrap()),
            protocol: Protocol::with_settle(chrono::Duration::seconds(3)),
            settings: Arc::new(self.settings.clone()),
        }
    }

    /// One instance: its own limiter, its own connections.
    pub fn instance(&self, options: HttpOptions, router: ApiRouter<Ctx>) -> Instance {
        let (router, document) = finish(self.ctx(), options, vec![router]);
        Instance {
            router,
            document: serde_json::to_value(document).unwrap(),
        }
    }
}

pub struct Instance {
    router: Router,
    pub document: Value,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

impl Instance {
    /// `ask` is method and path; headers are `name: value`.
    pub async fn send(&self, ask: &str, headers: &[String], body: impl Into<Body>) -> Answer {
        self.send_from("203.0.113.7:999", ask, headers, body).await
    }

    pub async fn send_from(
        &self,
        peer: &str,
        ask: &str,
        headers: &[String],
        body: impl Into<Body>,
    ) -> Answer {
        let (method, path) = ask.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let mut request = request.body(body.into()).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            text,
        }
    }

    /// JSON with a token (none when empty).
    pub async fn json(&self, ask: &str, token: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(ask, &bearer(token), body).await
    }
}

pub fn bearer(token: &str) -> Vec<String> {
    if token.is_empty() {
        Vec::new()
    } else {
        vec![format!("authorization: Bearer {token}")]
    }
}

#[derive(Debug)]
pub struct TurnedClock(Mutex<Instant>);

impl Default for TurnedClock {
    fn default() -> Self {
        Self(Mutex::new("2026-01-05T10:00:00Z".parse().unwrap()))
    }
}

impl TurnedClock {
    pub fn turn(&self, by: chrono::Duration) {
        *self.0.lock().unwrap() += by;
    }
}

#[async_trait::async_trait]
impl Clock for TurnedClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn boot_ms(&self) -> u64 {
        0
    }

    async fn sleep(&self, _: std::time::Duration) {}
}

/// Distinct over all instances of all tests.
#[derive(Debug)]
struct CountedIds;

static COUNT: AtomicU64 = AtomicU64::new(1);

impl Ids for CountedIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [1; 32];
        secret[..8].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        secret
    }
}

#[derive(Debug)]
struct NoCarrier;

fn nobody() -> CarrierError {
    CarrierError::Unreachable("a test has no carrier".into())
}

#[async_trait::async_trait]
impl Carrier for NoCarrier {
    fn account(&self) -> &str {
        "none"
    }
    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        Err(DialError::Ambiguous {
            what: "a test has no carrier".into(),
        })
    }
    async fn fetch(&self, _: &str) -> Result<Option<CarrierCall>, CarrierError> {
        Err(nobody())
    }
    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        Err(nobody())
    }
    async fn cancel(&self, _: &str) -> Result<(), CarrierError> {
        Err(nobody())
    }
    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        Err(nobody())
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        Err(nobody())
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}

fn settings() -> Settings {
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

async fn create_table(db: &Client, name: &str) {
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("all")
        .key_schema(key("all_pk", KeyType::Hash))
        .key_schema(key("all_sk", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::KeysOnly)
                .build(),
        )
        .build()
        .unwrap();
    db.create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["PK", "SK", "all_pk", "all_sk"].map(attribute).to_vec()))
        .key_schema(key("PK", KeyType::Hash))
        .key_schema(key("SK", KeyType::Range))
        .global_secondary_indexes(index)
        .send()
        .await
        .unwrap();
}
