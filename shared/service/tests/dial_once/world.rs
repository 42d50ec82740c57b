//! A world of two campaigns that share numbers, two dialers that die and freeze, a scheduler, and
//! the carrier's callbacks; run to its end, and judged by the carrier's truth.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, atomic::AtomicBool, atomic::Ordering},
    time::Duration as StdDuration,
};

use aws_sdk_dynamodb::{
    config::{BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use chrono::Duration;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use trunkline_aws_local::dynamo_memory::Memory;
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, E164, ImportId, Instant, Lead, LeadId, LeadStatus, Priority,
    RetryPolicy, SessionId, TenantId, UserId, VoiceAgentId, call_status::Report, dial::Protocol, id::derived,
};
use trunkline_queue::{BatchItem, DialJob, QueueNames, Queues};
use trunkline_service::{
    Clock, Ctx, Ids, Settings,
    dialing::{hooks, pump, steer, tick},
    settings::Registration,
};
use trunkline_store::{Blobs, Store, Tables};

use crate::{
    carrier::{Line, ModelCarrier},
    network::{self, Weather},
};

/// What a world came to; all but the first two are faults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub leads: usize,
    pub posts: usize,
    /// Attempts for which the carrier has more than one call.
    pub doubles: usize,
    /// Pairs of calls to one number that were under way at once.
    pub overlaps: usize,
    /// Leads that are not final at the end.
    pub forgotten: usize,
    /// Campaigns that are not completed at the end.
    pub unfinished: usize,
    /// Slots and places that are held at the end.
    pub leaked: i64,
}

#[derive(Debug)]
struct SimClock(tokio::time::Instant);

#[async_trait::async_trait]
impl Clock for SimClock {
    fn now(&self) -> Instant {
        let began: Instant = "2026-01-05T15:00:00Z".parse().unwrap();
        began + Duration::milliseconds(i64::try_from(self.boot_ms()).unwrap())
    }
    fn boot_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    async fn sleep(&self, duration: StdDuration) {
        tokio::time::sleep(duration).await;
    }
}

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

const LEADS: usize = 24;

/// Runs a world to its end.
pub(crate) fn run(seed: u64, protocol: Protocol) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(world(seed, protocol))
}

async fn world(seed: u64, protocol: Protocol) -> Verdict {
    let memory = Memory::open().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SimClock(tokio::time::Instant::now()));
    let (callbacks, mut told) = tokio::sync::mpsc::unbounded_channel();
    let carrier = Arc::new(ModelCarrier::new(seed, clock.clone(), callbacks));
    let (sent, mut jobs) = tokio::sync::mpsc::unbounded_channel();
    let (parts_memory, parts_sent, parts_clock, parts_carrier) =
        (memory.clone(), sent.clone(), clock.clone(), carrier.clone());
    let party = move |name: &str, weather: Weather| {
        let (memory, sent, clock, carrier) = (&parts_memory, &parts_sent, &parts_clock, &parts_carrier);
        let (client, dead) = network::client(memory, seed ^ u64::from(derived(name).as_fields().0), weather);
        (
            ctx(
                client,
                sent,
                clock,
                carrier,
                seed ^ u64::from(derived(name).as_fields().1),
                protocol,
            ),
            dead,
        )
    };
    let (calm, _) = party("calm", Weather::default());
    create_tables(memory.faultless()).await;
    let campaigns = populate(&calm).await;
    for campaign in &campaigns {
        steer::wake(&calm, campaign).await;
    }
    // Callbacks are requests of their own, each to some instance.
    let hooks = calm.clone();
    tokio::spawn(async move {
        while let Some(callback) = told.recv().await {
            let ctx = hooks.clone();
            tokio::spawn(async move {
                if callback.report == Report::InProgress {
                    let _ = hooks::answered(&ctx, callback.call, callback.epoch, &callback.sid, None).await;
                } else {
                    let _ = hooks::status(
                        &ctx,
                        callback.call,
                        callback.epoch,
                        &callback.sid,
                        callback.report,
                        callback.duration_s,
                    )
                    .await;
                }
            });
        }
    });
    // Two dialers at a time; one that dies leaves its message to come again by visibility.
    let stormy = Weather {
        dies: 4,
        freezes: 6,
        loses: 4,
    };
    let again = sent.clone();
    let mut parties = (0..400).map(move |n| party(&format!("dialer {n}"), stormy));
    tokio::spawn(async move {
        let mut dialers: Vec<(Ctx, Arc<AtomicBool>)> = parties.by_ref().take(2).collect();
        let mut turn = 0;
        while let Some(body) = jobs.recv().await {
            turn += 1;
            let at = turn % dialers.len();
            if dialers[at].1.load(Ordering::Relaxed) {
                let Some(fresh) = parties.next() else { return };
                dialers[at] = fresh;
            }
            let (ctx, dead) = dialers[at].clone();
            let again = again.clone();
            tokio::spawn(async move {
                let item = BatchItem {
                    id: String::new(),
                    body: body.clone(),
                    receive_count: 1,
                };
                let Ok(DialJob::Refill {
                    tenant,
                    campaign,
                    shard,
                }) = item.read::<DialJob>()
                else {
                    return;
                };
                let done = tokio::time::timeout(
                    StdDuration::from_secs(900),
                    pump::refill(&ctx, tenant, campaign, shard),
                )
                .await;
                if dead.load(Ordering::Relaxed) || !matches!(done, Ok(Ok(()))) {
                    tokio::time::sleep(StdDuration::from_secs(30)).await;
                    let _ = again.send(body);
                }
            });
        }
    });
    for _ in 0..1_500 {
        tokio::time::sleep(StdDuration::from_secs(10)).await;
        // A fault of a tick is the next one's to mend.
        let _ = tick::tick(&calm, false).await;
        let mut over = true;
        for campaign in &campaigns {
            let now = calm
                .store
                .campaign(campaign.tenant, campaign.id)
                .await
                .unwrap()
                .unwrap();
            over &= now.state == CampaignState::Completed;
        }
        if over {
            break;
        }
    }
    // What is still on its way arrives.
    tokio::time::sleep(StdDuration::from_secs(400)).await;
    judge(&calm, &campaigns, &carrier).await
}

async fn judge(ctx: &Ctx, campaigns: &[Campaign], carrier: &ModelCarrier) -> Verdict {
    let calls = carrier.calls();
    let mut verdict = Verdict {
        posts: calls.len(),
        ..Verdict::default()
    };
    let mut by_call: HashMap<_, usize> = HashMap::new();
    for call in &calls {
        *by_call.entry(call.call).or_default() += 1;
    }
    verdict.doubles = by_call.values().filter(|count| **count > 1).count();
    for (at, one) in calls.iter().enumerate() {
        for other in &calls[at + 1..] {
            let end = |call: &crate::carrier::TrueCall| call.ended_at.unwrap_or(Instant::MAX_UTC);
            verdict.overlaps +=
                usize::from(one.to == other.to && one.created_at < end(other) && other.created_at < end(one));
        }
    }
    for campaign in campaigns {
        let now = ctx
            .store
            .campaign(campaign.tenant, campaign.id)
            .await
            .unwrap()
            .unwrap();
        verdict.unfinished += usize::from(now.state != CampaignState::Completed);
        for slot in ctx.store.slots(campaign.id).await.unwrap() {
            verdict.leads += usize::try_from(slot.leads()).unwrap_or(0);
            verdict.leaked += slot.used.abs();
            verdict.forgotten += usize::try_from(slot.open_leads.abs()).unwrap_or(0);
        }
    }
    verdict.leaked += ctx.store.media_used().await.unwrap().abs();
    verdict
}

async fn populate(ctx: &Ctx) -> Vec<Campaign> {
    let tenant = TenantId(derived("tenant"));
    let now = ctx.now();
    ctx.store
        .publish_capacity("media-1", 50, now + Duration::days(30))
        .await
        .unwrap();
    let mut made = Vec::new();
    for which in 0..2_usize {
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
        let leads: Vec<Lead> = (0..LEADS)
            .map(|n| lead(&campaign, n + which * LEADS / 2, now))
            .collect();
        let inserted = ctx.store.insert_leads(&campaign, &leads).await.unwrap();
        assert_eq!(inserted.inserted, u64::try_from(LEADS).unwrap());
        let who = trunkline_auth::Principal {
            user: campaign.created_by,
            tenant,
            role: trunkline_domain::Role::Manager,
            session: SessionId(derived("session")),
            email: String::new(),
        };
        made.push(steer::launch(ctx, &who, campaign.id).await.unwrap());
    }
    made
}

fn lead(campaign: &Campaign, n: usize, now: Instant) -> Lead {
    let phone: E164 = format!("+1212555{n:04}").parse().unwrap();
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

fn ctx(
    http: SharedHttpClient,
    sent: &tokio::sync::mpsc::UnboundedSender<String>,
    clock: &Arc<dyn Clock>,
    carrier: &Arc<ModelCarrier>,
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
        carrier: Arc::new(Line(carrier.clone())),
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
        .http_client(http);
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

/// The three tables that the dialer uses, with the indexes of ARCHITECTURE.md's key map.
async fn create_tables(http: SharedHttpClient) {
    let db = dynamo(http);
    for (table, indexes) in [
        ("model-dialing", vec!["due", "list", "lead"]),
        (
            "model-calls",
            vec!["tenant", "campaign", "agent", "operator", "phone", "check", "sid"],
        ),
        ("model-ephemeral", vec![]),
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
