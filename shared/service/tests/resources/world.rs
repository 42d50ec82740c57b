//! A platform's stores of a test's own, a clock that the test turns, and a carrier that is never asked.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use trunkline_auth::{Principal, TokenKeys};
use trunkline_aws_local::{AwsLocal, Options};
use trunkline_domain::{
    CallerId, E164, Instant, Role, SessionId, TenantId, UserId, dial::Protocol, id::derived,
};
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{
    Clock, Ctx, Ids, Settings,
    identity::{NewUser, register},
    settings::Registration,
};
use trunkline_store::{Blobs, Store, Tables};
use trunkline_telephony::{Carrier, CarrierCall, CarrierError, DialError, DialOrder};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) clock: Arc<TestClock>,
    sqs: aws_sdk_sqs::Client,
    post_call: String,
    _aws: AwsLocal,
    _folder: tempfile::TempDir,
}

#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        chrono::DateTime::from_timestamp_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }
    fn boot_ms(&self) -> u64 {
        u64::try_from(self.0.load(Ordering::Relaxed)).unwrap()
    }
    async fn sleep(&self, duration: std::time::Duration) {
        self.0
            .fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Ids for Counted {
    fn uuid(&self) -> Uuid {
        derived(&format!("id {}", self.0.fetch_add(1, Ordering::Relaxed)))
    }
    fn secret(&self) -> [u8; 32] {
        [9; 32]
    }
}

#[derive(Debug)]
struct NoCarrier;

#[async_trait::async_trait]
impl Carrier for NoCarrier {
    fn account(&self) -> &str {
        "AC1"
    }
    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        Err(DialError::Ambiguous {
            what: "nobody dials here".to_owned(),
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
        Err(nobody())
    }
}

fn nobody() -> CarrierError {
    CarrierError::Unreachable("there is none".to_owned())
}

pub(crate) fn somebody(tenant: &str, role: Role) -> Principal {
    Principal {
        user: UserId(derived(&format!("{tenant}'s user"))),
        tenant: TenantId(derived(tenant)),
        role,
        session: SessionId(derived("session")),
        email: "somebody@example.com".to_owned(),
    }
}

/// A user of the tenant that tests are about.
pub(crate) fn user() -> Principal {
    somebody("tenant", Role::User)
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            data_dir: folder.path().join("data"),
            dynamodb: true,
            sqs: true,
            s3: true,
        };
        let aws = AwsLocal::start(options).await.unwrap();
        let db = dynamo(&aws);
        for (table, indexes) in [
            ("test-identity", &["all"][..]),
            ("test-directory", &["idle"]),
            ("test-dialing", &["due", "list", "lead"]),
            (
                "test-calls",
                &["tenant", "campaign", "agent", "operator", "phone", "check", "sid"],
            ),
            ("test-ephemeral", &[]),
        ] {
            create_table(&db, table, indexes).await;
        }
        let sqs = sqs(&aws);
        let queue = async |name: &str| {
            sqs.create_queue()
                .queue_name(name)
                .send()
                .await
                .unwrap()
                .queue_url
                .unwrap()
        };
        let (dial, post_call) = (queue("test-dial").await, queue("test-post-call").await);
        let s3 = s3(&aws);
        s3.create_bucket().bucket("test-blobs").send().await.unwrap();
        let began: Instant = "2026-11-22T10:00:00Z".parse().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(began.timestamp_millis())));
        let ctx = Ctx {
            store: Store::new(db, Tables::with_prefix("test")),
            blobs: Blobs::new(s3, "test-blobs"),
            queues: Queues::new(
                sqs.clone(),
                QueueNames {
                    dial,
                    post_call: post_call.clone(),
                },
            ),
            carrier: Arc::new(NoCarrier),
            outbound: trunkline_outbound::Outbound::new(false),
            clock: clock.clone(),
            ids: Arc::new(Counted::default()),
            keys: Arc::new(TokenKeys::new(&[7; 32]).unwrap()),
            protocol: Protocol::with_settle(chrono::Duration::seconds(3)),
            settings: Arc::new(settings()),
        };
        found(&ctx).await;
        Self {
            ctx,
            clock,
            sqs,
            post_call,
            _aws: aws,
            _folder: folder,
        }
    }

    /// How many messages wait for job-post-call, those that are to come later included.
    pub(crate) async fn post_calls(&self) -> i64 {
        use aws_sdk_sqs::types::QueueAttributeName;
        let ask = self
            .sqs
            .get_queue_attributes()
            .queue_url(&self.post_call)
            .attribute_names(QueueAttributeName::All);
        let told = ask.send().await.unwrap().attributes.unwrap();
        let count = |name: QueueAttributeName| told[&name].parse::<i64>().unwrap();
        count(QueueAttributeName::ApproximateNumberOfMessages)
            + count(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
    }
}

/// The tenant that tests are about: only one that was granted its calls may dial.
async fn found(ctx: &Ctx) {
    let founder = NewUser {
        email: "founder@example.com".to_owned(),
        password: "correct horse".to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        phone: None,
        role: None,
        tenant: Some(user().tenant),
        invitation: None,
    };
    register(ctx, None, founder).await.unwrap();
}

fn settings() -> Settings {
    Settings {
        public_url: "http://test".to_owned(),
        hook_url: "http://test".to_owned(),
        media_url: "ws://test".to_owned(),
        caller_id: CallerId("+14155550199".parse().unwrap()),
        settle: chrono::Duration::seconds(3),
        carrier_cps: None,
        legal_windows: false,
        max_conversations: 50,
        registration: Registration::Open,
        rate_limits: false,
        allow_private_urls: false,
        simulated_carrier: true,
        instance: "test".to_owned(),
        forced_stt: None,
        forced_llm: None,
        forced_tts: None,
    }
}

fn dynamo(aws: &AwsLocal) -> aws_sdk_dynamodb::Client {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.dynamodb_url().unwrap())
        .credentials_provider(Credentials::new(
            aws.access_key(),
            aws.secret_key(),
            None,
            None,
            "test",
        ));
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

fn sqs(aws: &AwsLocal) -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.sqs_url().unwrap())
        .credentials_provider(Credentials::new(
            aws.access_key(),
            aws.secret_key(),
            None,
            None,
            "test",
        ));
    aws_sdk_sqs::Client::from_conf(config.build())
}

fn s3(aws: &AwsLocal) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(AwsLocal::REGION))
        .endpoint_url(aws.s3_url().unwrap())
        .force_path_style(true)
        .credentials_provider(Credentials::new(
            aws.access_key(),
            aws.secret_key(),
            None,
            None,
            "test",
        ));
    aws_sdk_s3::Client::from_conf(config.build())
}

async fn create_table(db: &aws_sdk_dynamodb::Client, table: &str, indexes: &[&str]) {
    let mut make = db
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    make = make.set_key_schema(Some(schema("PK", "SK")));
    let mut names = vec!["PK".to_owned(), "SK".to_owned()];
    for index in indexes {
        let (pk, sk) = (format!("{index}_pk"), format!("{index}_sk"));
        let shown = Projection::builder()
            .projection_type(ProjectionType::Include)
            .non_key_attributes("f")
            .build();
        let index = GlobalSecondaryIndex::builder()
            .index_name(*index)
            .set_key_schema(Some(schema(&pk, &sk)));
        make = make.global_secondary_indexes(index.projection(shown).build().unwrap());
        names.extend([pk, sk]);
    }
    for name in names {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        make = make.attribute_definitions(attribute.build().unwrap());
    }
    make.send().await.unwrap();
}

fn schema(pk: &str, sk: &str) -> Vec<KeySchemaElement> {
    let element = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    vec![element(pk, KeyType::Hash), element(sk, KeyType::Range)]
}
