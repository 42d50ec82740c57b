//! What a world is made of: campaigns, and what each party is given.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use chrono::Duration;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use tokio::sync::mpsc::UnboundedSender;
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, E164, ImportId, Instant, Lead, LeadId, RetryPolicy, SessionId,
    TenantId, UserId, VoiceAgentId,
    campaign::{Fallback, WAIT_S},
    dial::Protocol,
    id::derived,
    pacing::Pacing,
};
use trunkline_queue::{QueueNames, Queues};
use trunkline_service::{Clock, Ctx, Ids, Settings, dialing::steer};

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
            group: None,
            pacing: Pacing::default(),
            wait_s: WAIT_S,
            fallback: Fallback::default(),
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
    let id = LeadId(derived(&format!("{}{phone}", campaign.id)));
    Lead::waiting(campaign, id, ImportId(derived("import")), phone, now)
}

/// What a party is given: its connection to the store, its line to the carrier, chance of its own.
pub(crate) fn ctx(
    http: SharedHttpClient,
    sent: &UnboundedSender<String>,
    clock: &Arc<dyn Clock>,
    line: Line,
    seed: u64,
    protocol: Protocol,
) -> Ctx {
    let sqs = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url("http://queue")
        .credentials_provider(Credentials::new("model", "model", None, None, "model"))
        .http_client(network::queue(sent.clone()));
    let names = QueueNames {
        dial: "http://queue/dial".into(),
        post_call: "http://queue/post".into(),
    };
    Ctx {
        queues: Queues::new(aws_sdk_sqs::Client::from_conf(sqs.build()), names),
        carrier: Arc::new(line),
        clock: clock.clone(),
        ids: Arc::new(SimIds(Mutex::new(StdRng::seed_from_u64(seed)))),
        protocol,
        settings: Arc::new(Settings {
            settle: protocol.settle,
            max_conversations: 50,
            ..trunkline_testing::settings()
        }),
        ..trunkline_testing::ctx(http)
    }
}

/// A tenant that may ring anybody.
pub(crate) async fn create_tenant(db: &Client) {
    let tenant = TenantId(derived("tenant"));
    let put = db.put_item().table_name("test-identity");
    let put = put
        .item("PK", AttributeValue::S(trunkline_store::keys::tenant(tenant)))
        .item("SK", AttributeValue::S("TENANT".to_owned()))
        .item("id", AttributeValue::S(tenant.to_string()))
        .item("may_dial", AttributeValue::Bool(true))
        .item("created_at", AttributeValue::S("2026-01-05T15:00:00Z".to_owned()));
    put.send().await.unwrap();
}
