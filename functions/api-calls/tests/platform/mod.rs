//! A platform to ask: functions' routers over the store in memory, users with tokens, calls as a dialer leaves them.

use aide::axum::ApiRouter;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use axum::{Router, body::Body};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CallStatus, Instant, Outcome, Role,
    transcript::{Speaker, TranscriptLine},
};
use trunkline_http::{HttpOptions, finish};
use trunkline_service::{
    Ctx,
    identity::{self, NewUser},
};

use crate::support::World;

/// The indexes of the tables that hold what is asked for here.
const TABLES: [(&str, &[&str]); 3] = [
    ("test-directory", &["idle"]),
    ("test-dialing", &["due", "list", "lead"]),
    (
        "test-calls",
        &["tenant", "campaign", "agent", "operator", "phone", "check", "sid"],
    ),
];

pub struct Platform {
    pub world: World,
    pub ctx: Ctx,
    router: Router,
    pub document: Value,
}

impl Platform {
    pub async fn new(router: ApiRouter<Ctx>) -> Self {
        Self::with(router, |_| {}).await
    }

    /// With parts of its own in place of those that are down.
    pub async fn with(router: ApiRouter<Ctx>, change: impl FnOnce(&mut Ctx)) -> Self {
        let world = World::new().await;
        for (table, indexes) in TABLES {
            create_table(&world.db(), table, indexes).await;
        }
        let mut ctx = world.ctx();
        change(&mut ctx);
        let (router, document) = finish(ctx.clone(), HttpOptions::default(), vec![router]);
        Self {
            world,
            ctx,
            router,
            document: serde_json::to_value(document).unwrap(),
        }
    }

    /// The manager of a tenant of their own.
    pub async fn manager(&self, name: &str) -> Client {
        self.register(None, name, None).await
    }

    /// Somebody else of a manager's tenant.
    pub async fn colleague(&self, manager: &Client, name: &str, role: Role) -> Client {
        self.register(Some(&manager.who), name, Some(role)).await
    }

    async fn register(&self, by: Option<&Principal>, name: &str, role: Option<Role>) -> Client {
        let new = NewUser {
            email: format!("{name}@example.com"),
            password: "correct horse".into(),
            first_name: name.into(),
            last_name: "Doe".into(),
            phone: None,
            role,
            tenant: by.map(|by| by.tenant),
            invitation: None,
        };
        let user = identity::register(&self.ctx, by, new).await.unwrap();
        let token = identity::start_session(&self.ctx, &user).await.unwrap().access;
        let who = identity::authenticate(&self.ctx, &token).await.unwrap();
        Client {
            token,
            who,
            router: self.router.clone(),
        }
    }

    /// Somebody without a token.
    pub fn nobody(&self, like: &Client) -> Client {
        Client {
            token: String::new(),
            who: like.who.clone(),
            router: self.router.clone(),
        }
    }

    /// A call as it is, in every list, index and total that it belongs to.
    pub async fn put_call(&self, call: &Call) {
        let row = [
            ("PK", AttributeValue::S(format!("C#{}", call.id))),
            ("SK", AttributeValue::S("META".to_owned())),
            ("version", AttributeValue::N("0".to_owned())),
        ];
        let mut put = self.world.db().put_item().table_name("test-calls");
        for (name, value) in row {
            put = put.item(name, value);
        }
        put.send().await.unwrap();
        let before = Call {
            status: CallStatus::Claimed,
            version: 0,
            ..call.clone()
        };
        self.ctx.store.correct_call(&before, call, None).await.unwrap();
    }

    /// Two lines that were said on a call.
    pub async fn talk(&self, call: &Call) {
        for (start_ms, speaker, text) in [
            (0, Speaker::Agent, "Hello, this is Joe."),
            (2_000, Speaker::User, "I have a billing issue."),
        ] {
            let line = TranscriptLine {
                generation: 0,
                start_ms,
                end_ms: start_ms + 1_500,
                speaker,
                text: text.to_owned(),
                confidence: None,
                at: call.created_at + chrono::Duration::milliseconds(i64::try_from(start_ms).unwrap()),
            };
            self.ctx.store.put_line(call.id, &line).await.unwrap();
        }
    }
}

/// A call of a minute and a half that a person answered.
pub fn call(client: &Client, ctx: &Ctx, created_at: Instant) -> Call {
    let status = serde_json::to_value(CallStatus::Ended(Outcome::Answered)).unwrap();
    serde_json::from_value(json!({
        "id": ctx.ids.uuid(),
        "tenant": client.who.tenant,
        "attempt": 0,
        "direction": "outbound",
        "to": "+14155550100",
        "from": "+14155550199",
        "status": status,
        "epoch": 1,
        "version": 1,
        "account": "AC1",
        "record": true,
        "time_limit_s": 600,
        "reserve": trunkline_domain::Usd::ZERO,
        "created_at": created_at,
        "placed_at": created_at,
        "answered_at": created_at,
        "ended_at": created_at + chrono::Duration::seconds(90),
        "duration_s": 90,
    }))
    .unwrap()
}

/// A user with a token.
#[derive(Clone)]
pub struct Client {
    pub token: String,
    pub who: Principal,
    router: Router,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn details(&self) -> &str {
        self.body["error"]["details"].as_str().unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn id(&self) -> String {
        self.body["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id in {self:?}"))
            .to_owned()
    }

    /// A field of each row of a list.
    pub fn column(&self, field: &str) -> Vec<&str> {
        let items = self.body["items"]
            .as_array()
            .unwrap_or_else(|| panic!("no items in {self:?}"));
        items
            .iter()
            .map(|item| item[field].as_str().unwrap_or_default())
            .collect()
    }
}

impl Client {
    /// `ask` is method and path; headers are `name: value`.
    pub async fn send(&self, ask: &str, headers: &[&str], body: impl Into<Body>) -> Answer {
        let (method, path) = ask.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap());
        let (parts, body) = response.await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &[], Body::empty()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(&format!("DELETE {path}"), &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(&format!("POST {path}"), &[], body.to_string()).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(&format!("PUT {path}"), &[], body.to_string()).await
    }

    pub async fn put_if(&self, path: &str, tag: &str, body: Value) -> Answer {
        let tag = format!("if-match: {tag}");
        self.send(&format!("PUT {path}"), &[&tag], body.to_string()).await
    }
}

/// An id that nothing has.
pub const NO_ID: &str = "6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e";

/// Texts that are no ids, as they may stand in a path.
pub const NOT_IDS: [&str; 6] = [
    "42",
    "6f1c2f0e5a534b7e9d1c0f6a3c1b2d4e",
    "%7B6f1c2f0e-5a53-4b7e-9d1c-0f6a3c1b2d4e%7D",
    "..%2F..%2Fetc",
    "%00",
    "%27%20OR%201=1",
];

async fn create_table(db: &aws_sdk_dynamodb::Client, table: &str, indexes: &[&str]) {
    let mut make = db
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(schema("PK", "SK")));
    let mut names = vec!["PK".to_owned(), "SK".to_owned()];
    for index in indexes {
        let (pk, sk) = (format!("{index}_pk"), format!("{index}_sk"));
        let shown = Projection::builder()
            .projection_type(ProjectionType::Include)
            .non_key_attributes("f")
            .build();
        let index = GlobalSecondaryIndex::builder()
            .index_name(*index)
            .set_key_schema(Some(schema(&pk, &sk)))
            .projection(shown);
        make = make.global_secondary_indexes(index.build().unwrap());
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
