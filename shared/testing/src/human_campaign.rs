//! A campaign whose calls human agents take, and its one lead.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use chrono::Duration;
use trunkline_domain::{
    CallId, Campaign, CampaignId, CampaignState, E164, ImportId, Instant, Lead, LeadId, OperatorId,
    RetryPolicy, TenantId, UserId,
    campaign::Fallback,
    id::{GroupId, derived},
    operator::{Group, Operator, OperatorStatus},
    pacing::Pacing,
};
use trunkline_service::{Ctx, dialing::place};

/// A campaign under way whose calls human agents take, and its one lead, Jane.
#[derive(Debug, Clone)]
pub struct HumanCampaign {
    /// The campaign.
    pub campaign: Campaign,
    /// The lead's first call.
    pub call: CallId,
}

impl HumanCampaign {
    /// With these human agents, who are there, longest idle first; `change` makes the campaign another.
    pub async fn new(ctx: &Ctx, db: &Client, people: &[&str], change: impl FnOnce(&mut Campaign)) -> Self {
        let now = ctx.now();
        let mut campaign = campaign(now);
        change(&mut campaign);
        create_tenant(db, campaign.tenant).await;
        let until = now + Duration::days(30);
        ctx.store.publish_capacity("media-1", 50, until).await.unwrap();
        ctx.store.create_group(&group(now)).await.unwrap().unwrap();
        for (n, name) in people.iter().enumerate() {
            let since = now + Duration::milliseconds(i64::try_from(n).unwrap());
            ctx.store
                .create_operator(&operator(name, since))
                .await
                .unwrap()
                .unwrap();
        }
        let draft = Campaign {
            version: 1,
            state: CampaignState::Draft,
            ..campaign.clone()
        };
        ctx.store.create_campaign(&draft).await.unwrap();
        let lead = LeadId(derived("lead"));
        let mut jane = Lead::waiting(&campaign, lead, ImportId(derived("import")), phone(), now);
        jane.first_name = Some("Jane".to_owned());
        ctx.store.insert_leads(&draft, &[jane]).await.unwrap();
        ctx.store.update_campaign(&campaign, None).await.unwrap();
        Self {
            campaign,
            call: CallId::of_attempt(lead, 1),
        }
    }

    /// The lead is dialled: the carrier is asked.
    pub async fn dial(&self, ctx: &Ctx) {
        let campaign = &self.campaign;
        let lead = ctx
            .store
            .lead_by_number(campaign.tenant, campaign.id, &phone())
            .await;
        let capacity = ctx.store.media_capacity(ctx.now()).await.unwrap();
        let lead = lead.unwrap().unwrap();
        place::place(ctx, campaign, &lead, capacity, None).await.unwrap();
    }

    /// A human agent's id.
    #[must_use]
    pub fn person(name: &str) -> OperatorId {
        OperatorId(derived(name))
    }

    /// A human agent as it is.
    pub async fn operator(&self, ctx: &Ctx, name: &str) -> Operator {
        let found = ctx.store.operator(self.campaign.tenant, Self::person(name)).await;
        found.unwrap().unwrap()
    }
}

fn phone() -> E164 {
    "+12125550100".parse().unwrap()
}

/// A tenant that may ring anybody.
async fn create_tenant(db: &Client, tenant: TenantId) {
    let put = db.put_item().table_name("test-identity");
    let put = put
        .item("PK", AttributeValue::S(trunkline_store::keys::tenant(tenant)))
        .item("SK", AttributeValue::S("TENANT".to_owned()))
        .item("id", AttributeValue::S(tenant.to_string()))
        .item("may_dial", AttributeValue::Bool(true))
        .item("created_at", AttributeValue::S("2026-01-05T10:00:00Z".to_owned()));
    put.send().await.unwrap();
}

fn group(now: Instant) -> Group {
    Group {
        id: GroupId(derived("group")),
        tenant: TenantId(derived("tenant")),
        name: "Sales".to_owned(),
        description: None,
        members: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn operator(name: &str, now: Instant) -> Operator {
    Operator {
        id: HumanCampaign::person(name),
        tenant: TenantId(derived("tenant")),
        name: name.to_owned(),
        phone: "+14155553333".parse().unwrap(),
        email: None,
        group: GroupId(derived("group")),
        status: OperatorStatus::Available,
        max_concurrent_calls: 1,
        calls: Vec::new(),
        total_calls: 0,
        total_talk_s: 0,
        working_hours: None,
        timezone: "UTC".parse().unwrap(),
        is_active: true,
        idle_since: now,
        last_active_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn campaign(now: Instant) -> Campaign {
    Campaign {
        id: CampaignId(derived("campaign")),
        tenant: TenantId(derived("tenant")),
        created_by: UserId(derived("user")),
        name: "Spring".to_owned(),
        description: None,
        voice_agent: None,
        group: Some(GroupId(derived("group"))),
        pacing: Pacing::default(),
        wait_s: 60,
        fallback: Fallback::default(),
        caller_id: None,
        state: CampaignState::Active,
        start_time: None,
        end_time: None,
        hours: None,
        retry_policy: RetryPolicy::default(),
        max_concurrent_calls: 8,
        ring_timeout_s: 30,
        amd_enabled: true,
        voicemail_message_url: None,
        record_calls: false,
        phone_numbers: Vec::new(),
        shards: 1,
        launched_at: Some(now),
        ended_at: None,
        version: 2,
        created_at: now,
        updated_at: now,
    }
}
