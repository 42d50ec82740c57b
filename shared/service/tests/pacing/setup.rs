//! A tenant with campaigns and people.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use chrono::Duration;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use tokio::sync::mpsc::UnboundedSender;
use trunkline_aws_local::dynamo_memory::Memory;
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, E164, ImportId, Instant, Lead, LeadId, OperatorId, RetryPolicy,
    SessionId, TenantId, UserId,
    campaign::{Fallback, WAIT_S},
    counters::{ABANDONED, DURATION_S},
    dial::Protocol,
    id::{GroupId, derived},
    operator::{Group, Operator, OperatorStatus},
};
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{Clock, Ctx, Ids, Settings};

use crate::{
    day::Scene,
    network,
    phones::{Lines, Phones},
};

pub(crate) fn tenant() -> TenantId {
    TenantId(derived("tenant"))
}

pub(crate) fn group() -> GroupId {
    GroupId(derived("group"))
}

pub(crate) fn manager() -> trunkline_auth::Principal {
    trunkline_auth::Principal {
        user: UserId(derived("user")),
        tenant: tenant(),
        role: trunkline_domain::Role::Manager,
        session: SessionId(derived("session")),
        email: String::new(),
    }
}

#[derive(Debug)]
struct SeededIds(Mutex<StdRng>);

impl Ids for SeededIds {
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

/// What the platform is given.
pub(crate) fn ctx(
    memory: &Memory,
    seed: u64,
    clock: Arc<dyn Clock>,
    phones: Arc<Phones>,
    sent: UnboundedSender<String>,
) -> Ctx {
    let sqs = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://queue")
        .credentials_provider(Credentials::new("model", "model", None, None, "model"))
        .http_client(network::queue(sent));
    let names = QueueNames {
        dial: "http://queue/dial".into(),
        post_call: "http://queue/post".into(),
    };
    Ctx {
        queues: Queues::new(aws_sdk_sqs::Client::from_conf(sqs.build()), names)
            .with_bridge("http://queue/bridge"),
        carrier: Arc::new(Lines(phones)),
        clock,
        ids: Arc::new(SeededIds(Mutex::new(StdRng::seed_from_u64(seed)))),
        protocol: Protocol::with_settle(Duration::seconds(3)),
        settings: Arc::new(Settings {
            max_conversations: 500,
            ..trunkline_testing::settings()
        }),
        ..trunkline_testing::ctx(network::store(memory, seed))
    }
}

/// Everybody and everything of a scene; the campaigns as drafts, with their leads.
pub(crate) async fn populate(ctx: &Ctx, db: &Client, scene: &Scene) -> Vec<Campaign> {
    let now = ctx.now();
    create_tenant(db).await;
    ctx.store
        .publish_capacity("media-1", 500, now + Duration::days(1))
        .await
        .unwrap();
    let team = Group {
        id: group(),
        tenant: tenant(),
        name: "Sales".to_owned(),
        description: None,
        members: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    assert_eq!(ctx.store.create_group(&team).await.unwrap(), Ok(()));
    for n in 0..scene.people {
        let person = person(n, scene, now);
        assert_eq!(ctx.store.create_operator(&person).await.unwrap(), Ok(()));
    }
    let mut made = Vec::new();
    for which in 0..scene.campaigns.len() {
        let campaign = campaign(which, scene, now);
        ctx.store.create_campaign(&campaign).await.unwrap();
        let leads: Vec<Lead> = (0..scene.leads).map(|n| lead(&campaign, which, n, now)).collect();
        ctx.store.insert_leads(&campaign, &leads).await.unwrap();
        remember(ctx, db, &campaign, scene.past).await;
        made.push(campaign);
    }
    made
}

/// The first of them takes two calls at once.
pub(crate) fn person(n: usize, scene: &Scene, now: Instant) -> Operator {
    let away = scene.away_for_min.is_some();
    Operator {
        id: OperatorId(derived(&format!("person {n}"))),
        tenant: tenant(),
        name: format!("Person {n}"),
        phone: format!("+1415555{n:04}").parse().unwrap(),
        email: None,
        group: group(),
        status: if away {
            OperatorStatus::Offline
        } else {
            OperatorStatus::Available
        },
        max_concurrent_calls: if n == 0 { 2 } else { 1 },
        calls: Vec::new(),
        total_calls: 0,
        total_talk_s: 0,
        working_hours: None,
        timezone: chrono_tz::Tz::UTC,
        is_active: true,
        idle_since: now,
        last_active_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn campaign(which: usize, scene: &Scene, now: Instant) -> Campaign {
    let told = scene.campaigns[which];
    Campaign {
        id: CampaignId(derived(&format!("campaign {which}"))),
        tenant: tenant(),
        created_by: UserId(derived("user")),
        name: format!("campaign {which}"),
        description: None,
        voice_agent: None,
        group: Some(group()),
        pacing: told.pacing,
        wait_s: WAIT_S,
        fallback: Fallback::Goodbye,
        caller_id: None,
        state: CampaignState::Draft,
        start_time: None,
        end_time: None,
        hours: None,
        retry_policy: RetryPolicy {
            max_attempts: 1,
            ..RetryPolicy::default()
        },
        max_concurrent_calls: told.max_concurrent_calls,
        ring_timeout_s: 30,
        amd_enabled: false,
        voicemail_message_url: None,
        record_calls: false,
        phone_numbers: Vec::new(),
        shards: Campaign::shards_for(told.max_concurrent_calls),
        launched_at: None,
        ended_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn lead(campaign: &Campaign, which: usize, n: usize, now: Instant) -> Lead {
    let phone: E164 = format!("+1212{:07}", which * 100_000 + n).parse().unwrap();
    let id = LeadId(derived(&format!("{}{phone}", campaign.id)));
    Lead::waiting(campaign, id, ImportId(derived("import")), phone, now)
}

/// Calls that the campaign made yesterday: answered, and of these abandoned.
async fn remember(ctx: &Ctx, db: &Client, campaign: &Campaign, (answered, abandoned): (u32, u32)) {
    let yesterday = (ctx.now() - Duration::days(1)).format("%Y-%m-%dT%H").to_string();
    let scope = format!("c#{}", campaign.id);
    let n = |value: u32| AttributeValue::N(value.to_string());
    let put = db
        .put_item()
        .table_name("test-calls")
        .item(
            "PK",
            AttributeValue::S(trunkline_store::keys::counters(tenant(), &scope, 0)),
        )
        .item("SK", AttributeValue::S(yesterday))
        .item("o_answered", n(answered))
        .item(ABANDONED, n(abandoned))
        .item(DURATION_S, n(answered * 60));
    put.send().await.unwrap();
}

/// A tenant that may ring anybody.
async fn create_tenant(db: &Client) {
    let put = db.put_item().table_name("test-identity");
    let put = put
        .item("PK", AttributeValue::S(trunkline_store::keys::tenant(tenant())))
        .item("SK", AttributeValue::S("TENANT".to_owned()))
        .item("id", AttributeValue::S(tenant().to_string()))
        .item("may_dial", AttributeValue::Bool(true))
        .item("created_at", AttributeValue::S("2026-01-05T15:00:00Z".to_owned()));
    put.send().await.unwrap();
}
