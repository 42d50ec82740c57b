//! What a world is made of: tables, campaigns, and what each party is given.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::{
    config::{
        BehaviorVersion, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig,
        retry::RetryConfig,
    },
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use chrono::Duration;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, E164, ImportId, Instant, Lead, LeadId, LeadStatus, Priority,
    RetryPolicy, SessionId, TenantId, UserId, VoiceAgentId, dial::Protocol, id::derived,
};
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{Clock, Ctx, Ids, Settings, dialing::steer, settings::Registration};
use trunkline_store::{Blobs, Store, Tables};

use crate::{carrier::Line, network, scene::Scene};

#[derive(Debug)]
struct SimIds(Mutex<StdRng>);

impl Ids for SimIds {
    fn uuid(&self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        self.0.lock().unwrap().fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.lock().unwrap().fill_bytes(&mut bytes);
        bytes
    }
}

pub(crate) async fn populate(ctx: &Ctx, scene: &Scene) -> Vec<Campaign> {
    let tenant = TenantId(derived("tenant"));
    let now = ctx.now();
    ctx.store
        .publish_capacity("media-1", 50, now + Duration::days(30))
        .await
        .unwrap();
    create_agent(ctx, tenant, now).await;
    let mut made = Vec::new();
    for which in 0..scene.campaigns {
        let campaign = Campaign {
            id: CampaignId(derived(&format!("campaign {which}"))),
            tenant,
            created_by: UserId(derived("user")),
            name: format!("campaign {which}"),
            description: None,
            voice_agent: Some(VoiceAgentId(derived("agent"))),
            caller_id: None,
            state: CampaignState::Draft,
            start_time: None,
            end_time: None,
            hours: None,
            retry_policy: RetryPolicy {
                max_attempts: 2,
                delay_minutes: 1,
                retry_on_voicemail: true,
                ..RetryPolicy::default()
            },
            max_concurrent_calls: 8,
            ring_timeout_s: 30,
            amd_enabled: false,
            voicemail_message_url: None,
            record_calls: false,
            phone_numbers: Vec::new(),
            shards: 1,
            launched_at: None,
            ended_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        ctx.store.create_campaign(&campaign).await.unwrap();
        // Half of the numbers are in both campaigns.
        let leads: Vec<Lead> = (0..scene.leads)
            .map(|n| lead(&campaign, n + which * scene.leads / 2, now))
            .collect();
        let inserted = ctx.store.insert_leads(&campaign, &leads).await.unwrap();
        assert_eq!(inserted.inserted, u64::try_from(scene.leads).unwrap());
        let who = manager(&campaign);
        made.push(steer::launch(ctx, &who, campaign.id).await.unwrap());
    }
    made
}

/// Who talks on the calls: without one no campaign is launched.
async fn create_agent(ctx: &Ctx, tenant: TenantId, now: Instant) {
    let agent = serde_json::json!({
        "id": derived("agent"),
        "tenant": tenant,
        "created_by": derived("user"),
        "name": "agent",
        "system_prompt": "",
        "language": "en",
        "version": 1,
        "created_at": now,
        "updated_at": now,
    });
    let agent = serde_json::from_value(agent).unwrap();
    assert_eq!(ctx.store.create_voice_agent(&agent).await.unwrap(), Ok(()));
}

/// Who steers a campaign.
pub(crate) fn manager(campaign: &Campaign) -> trunkline_auth::Principal {
    trunkline_auth::Principal {
        user: campaign.created_by,
        tenant: campaign.tenant,
        role: trunkline_domain::Role::Manager,
        session: SessionId(derived("session")),
        email: String::new(),
    }
}

/// The number of a campaign's lead.
pub(crate) fn lead_number(n: usize) -> E164 {
    format!("+1212555{n:04}").parse().unwrap()
}

fn lead(campaign: &Campaign, n: usize, now: Instant) -> Lead {
    let phone = lead_number(n);
    Lead {
        id: LeadId(derived(&format!("{}{phone}", campaign.id))),
        tenant: campaign.tenant,
        campaign: campaign.id,
        zone_key: trunkline_domain::zones::key_of(&phone, None),
        phone,
        first_name: None,
        last_name: None,
        email: None,
        country: None,
        kind: None,
        timezone: None,
        priority: Priority::Normal,
        custom_fields: serde_json::Map::new(),
        notes: None,
        status: LeadStatus::Pending,
        attempts: 0,
        unsent: false,
        due_at: Some(now),
        last_call_at: None,
        import: ImportId(derived("import")),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

pub(crate) fn ctx(
    http: SharedHttpClient,
    sent: &tokio::sync::mpsc::UnboundedSender<String>,
    clock: &Arc<dyn Clock>,
    line: Line,
    seed: u64,
    protocol: Protocol,
) -> Ctx {
    let key = Credentials::new("model", "model", None, None, "model");
    let sqs = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .endpoint_url("http://queue")
        .credentials_provider(key.clone())
        .http_client(network::queue(sent.clone()));
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .endpoint_url("http://bucket")
        .credentials_provider(key)
        .http_client(network::queue(sent.clone()));
    Ctx {
        store: Store::new(dynamo(http), Tables::with_prefix("model")),
        blobs: Blobs::new(aws_sdk_s3::Client::from_conf(s3.build()), "model"),
        queues: Queues::new(
            aws_sdk_sqs::Client::from_conf(sqs.build()),
            QueueNames {
                dial: "http://queue/dial".into(),
                post_call: "http://queue/post".into(),
            },
        ),
        carrier: Arc::new(line),
        outbound: trunkline_outbound::Outbound::new(false),
        clock: clock.clone(),
        ids: Arc::new(SimIds(Mutex::new(StdRng::seed_from_u64(seed)))),
        keys: Arc::new(trunkline_auth::TokenKeys::new(&[7; 32]).unwrap()),
        protocol,
        settings: Arc::new(Settings {
            public_url: "http://model".into(),
            hook_url: "http://model".into(),
            media_url: "ws://model".into(),
            caller_id: trunkline_domain::CallerId("+12125550000".parse().unwrap()),
            settle: protocol.settle,
            carrier_cps: None,
            legal_windows: false,
            max_conversations: 50,
            registration: Registration::Open,
            rate_limits: false,
            allow_private_urls: false,
            simulated_carrier: true,
            instance: "model".into(),
            forced_stt: None,
            forced_llm: None,
            forced_tts: None,
        }),
    }
}

fn dynamo(http: SharedHttpClient) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://store")
        .credentials_provider(Credentials::new("model", "model", None, None, "model"))
        .retry_config(RetryConfig::disabled())
        // It would end a frozen request after 20 s, and so thaw the dialer before anybody settles its call.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// The tables that the dialer uses, with the indexes of ARCHITECTURE.md's key map.
pub(crate) async fn create_tables(http: SharedHttpClient) {
    let db = dynamo(http);
    for (table, indexes) in [
        ("model-dialing", vec!["due", "list", "lead"]),
        (
            "model-calls",
            vec!["tenant", "campaign", "agent", "operator", "phone", "check", "sid"],
        ),
        ("model-ephemeral", vec![]),
        ("model-identity", vec![]),
        ("model-directory", vec![]),
    ] {
        let mut make = db
            .create_table()
            .table_name(table)
            .billing_mode(BillingMode::PayPerRequest);
        let mut names = vec!["PK".to_owned(), "SK".to_owned()];
        make = make.set_key_schema(Some(schema("PK", "SK")));
        for index in indexes {
            let (pk, sk) = (format!("{index}_pk"), format!("{index}_sk"));
            let shown = Projection::builder()
                .projection_type(ProjectionType::Include)
                .non_key_attributes("f")
                .build();
            let index = GlobalSecondaryIndex::builder()
                .index_name(index)
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
}

/// A tenant that may ring anybody.
pub(crate) async fn create_tenant(http: SharedHttpClient) {
    let tenant = TenantId(derived("tenant"));
    let put = dynamo(http).put_item().table_name("model-identity");
    let put = put
        .item("PK", AttributeValue::S(trunkline_store::keys::tenant(tenant)))
        .item("SK", AttributeValue::S("TENANT".to_owned()))
        .item("id", AttributeValue::S(tenant.to_string()))
        .item("may_dial", AttributeValue::Bool(true))
        .item("created_at", AttributeValue::S("2026-01-05T15:00:00Z".to_owned()));
    put.send().await.unwrap();
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
