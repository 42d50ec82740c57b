//! Figures of each agent and each campaign.

use serde_json::Value;
use trunkline_domain::{
    Call, CampaignState, Outcome, RetryPolicy, VoiceAgent, voice_agent::VoiceAgentStatus,
};
use trunkline_testing::{Client, Platform};

use crate::{agent, at, call, campaign, platform};

async fn agents(platform: &Platform, client: &Client, names: &[&str]) {
    for (name, minute) in names.iter().zip(10..) {
        let made = at(&format!("2026-01-01T10:{minute}:00Z"));
        let row = serde_json::json!({
            "id": agent(name), "tenant": client.who.tenant, "created_by": client.who.user, "name": name,
            "system_prompt": "", "language": "en", "status": VoiceAgentStatus::Active, "voice_parameters": {},
            "version": 1, "created_at": made, "updated_at": made,
        });
        let row: VoiceAgent = serde_json::from_value(row).unwrap();
        platform
            .ctx
            .store
            .create_voice_agent(&row)
            .await
            .unwrap()
            .unwrap();
    }
}

async fn calls(platform: &Platform, client: &Client) {
    for (who, what, outcome) in [
        ("joe", "spring", Outcome::Answered),
        ("joe", "autumn", Outcome::Answered),
        ("joe", "spring", Outcome::Busy),
        ("sue", "spring", Outcome::Voicemail),
    ] {
        let call = Call {
            voice_agent: Some(agent(who)),
            campaign: Some(campaign(what)),
            ..call(platform, client, "2026-01-04T10:00:00Z", outcome)
        };
        platform.put_call(&call).await;
    }
}

fn totals(items: &Value) -> Vec<(&str, i64, i64)> {
    let items = items["items"].as_array().unwrap_or_else(|| panic!("{items}"));
    let row = |item: &'_ Value| {
        (
            item["total_calls"].as_i64().unwrap(),
            item["completed_calls"].as_i64().unwrap(),
        )
    };
    items
        .iter()
        .map(|item| (item["name"].as_str().unwrap_or("gone"), row(item).0, row(item).1))
        .collect()
}

#[tokio::test]
async fn each_agent_has_its_figures_newest_agent_first() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    agents(&platform, &client, &["joe", "sue", "idle"]).await;
    calls(&platform, &client).await;
    let all = client.get("/analytics/agent-performance").await.body;
    assert_eq!(totals(&all), [("idle", 0, 0), ("sue", 1, 1), ("joe", 3, 2)]);
    let joe = &all["items"][2];
    assert_eq!(
        (&joe["agent_id"], &joe["success_rate"]),
        (&Value::from(agent("joe").to_string()), &Value::from(66.7))
    );
    assert_eq!(
        (&all["total"], &all["next_cursor"]),
        (&Value::from(3), &Value::Null)
    );
    let page = client
        .get("/analytics/agent-performance?skip=1&limit=1")
        .await
        .body;
    assert_eq!(totals(&page), [("sue", 1, 1)]);
    let next = page["next_cursor"].as_str().unwrap();
    let page = client
        .get(&format!("/analytics/agent-performance?cursor={next}"))
        .await
        .body;
    assert_eq!(totals(&page), [("joe", 3, 2)]);

    let of = format!("/analytics/agent-performance?campaign_id={}", campaign("spring"));
    assert_eq!(
        totals(&client.get(&of).await.body),
        [("idle", 0, 0), ("sue", 1, 1), ("joe", 2, 1)]
    );
    let of = format!("/analytics/agent-performance?agent_id={}", agent("joe"));
    assert_eq!(totals(&client.get(&of).await.body), [("joe", 3, 2)]);
}

#[tokio::test]
async fn an_agent_that_was_deleted_has_its_figures_still() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    calls(&platform, &client).await;
    let of = format!("/analytics/agent-performance?agent_id={}", agent("joe"));
    assert_eq!(totals(&client.get(&of).await.body), [("gone", 3, 2)]);
}

#[tokio::test]
async fn each_campaign_has_its_figures() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    calls(&platform, &client).await;
    for (name, minute) in [("spring", 10), ("autumn", 20)] {
        let made = at(&format!("2026-01-01T10:{minute}:00Z"));
        let row = serde_json::json!({
            "id": campaign(name), "tenant": client.who.tenant, "created_by": client.who.user, "name": name,
            "state": CampaignState::Draft, "retry_policy": RetryPolicy::default(), "max_concurrent_calls": 1,
            "ring_timeout_s": 30, "amd_enabled": true, "record_calls": true, "phone_numbers": [], "shards": 1,
            "version": 1, "created_at": made, "updated_at": made,
        });
        platform
            .ctx
            .store
            .create_campaign(&serde_json::from_value(row).unwrap())
            .await
            .unwrap();
    }
    let all = client.get("/analytics/campaign-stats").await.body;
    assert_eq!(totals(&all), [("autumn", 1, 1), ("spring", 3, 2)]);
    let of = format!("/analytics/campaign-stats?agent_id={}", agent("joe"));
    assert_eq!(
        totals(&client.get(&of).await.body),
        [("autumn", 1, 1), ("spring", 2, 1)]
    );
    let of = format!("/analytics/campaign-stats?campaign_id={}", campaign("spring"));
    assert_eq!(totals(&client.get(&of).await.body), [("spring", 3, 2)]);
}
