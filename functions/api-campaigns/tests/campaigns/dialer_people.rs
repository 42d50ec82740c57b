//! How a campaign dials for human agents, and what follows when none of them comes.

use serde_json::{Value, json};
use trunkline_testing::{Client, NO_ID, Platform};

use crate::dialer::{dialers, group};

async fn platform() -> Platform {
    let campaigns = api_campaigns::router().merge(api_operators::router());
    Platform::new(campaigns.merge(api_voice_agents::router())).await
}

async fn agent(by: &Client, name: &str) -> String {
    let made = by
        .post("/agents", json!({ "name": name, "system_prompt": "Be brief." }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    made.id()
}

/// What a campaign shows of it.
async fn shown(by: &Client, path: &str) -> Value {
    let campaign = &by.get(path).await.body["campaign"];
    json!([
        campaign["pacing"],
        campaign["max_wait_seconds"],
        campaign["fallback"],
        campaign["fallback_agent_id"]
    ])
}

#[tokio::test]
async fn pacing_wait_and_fallback_are_kept_changed_and_cleared() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let (joe, amy) = (agent(&ada, "Joe").await, agent(&ada, "Amy").await);
    let body = json!({
        "name": "Spring", "agent_group_id": group(&ada, "Sales").await, "pacing": "predictive",
        "max_wait_seconds": 45, "fallback": "voice_agent", "fallback_agent_id": joe
    });
    let path = dialers(&ada, body).await;
    assert_eq!(
        shown(&ada, &path).await,
        json!(["predictive", 45, "voice_agent", joe])
    );
    for (change, after) in [
        (
            json!({ "fallback_agent_id": amy }),
            json!(["predictive", 45, "voice_agent", amy]),
        ),
        (
            json!({ "fallback": "voicemail", "voicemail_message_url": "https://example.com/a.mp3" }),
            json!(["predictive", 45, "voicemail", null]),
        ),
        (
            json!({ "pacing": null, "max_wait_seconds": null, "fallback": null }),
            json!(["progressive", 20, "goodbye", null]),
        ),
        (
            json!({ "max_wait_seconds": 300, "fallback_agent_id": null }),
            json!(["progressive", 300, "goodbye", null]),
        ),
    ] {
        let changed = ada.put(&path, change.clone()).await;
        assert_eq!(changed.status, 200, "{change}: {changed:?}");
        assert_eq!(shown(&ada, &path).await, after, "{change}");
    }
}

#[tokio::test]
async fn a_campaign_that_nobody_was_named_for_is_launched_for_the_default_group() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let start = async |name: &str| {
        let body = json!({ "name": name, "phone_numbers": ["+14155550101"] });
        let made = ada.post("/campaigns", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let path = format!("/api/campaigns/{}", made.id());
        let started = ada.post(&format!("{path}/start"), json!({})).await;
        assert_eq!(started.status, 200, "{started:?}");
        ada.get(&path).await.body["campaign"]["agent_group_id"].clone()
    };
    // Before anybody is there, there is no such group.
    assert_eq!(start("Before").await, Value::Null);
    let joe = json!({ "name": "Joe", "phone": "+14155553333" });
    let joe = ada.post("/api/agents", joe).await;
    assert_eq!(joe.status, 201, "{joe:?}");
    assert_eq!(start("After").await, joe.body["agent"]["agent_group_id"]);
}

#[tokio::test]
async fn a_fallback_that_could_not_be_given_is_refused() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let joe = agent(&ada, "Joe").await;
    let path = dialers(&ada, json!({ "name": "Spring" })).await;
    for (change, says) in [
        (json!({ "fallback": "voicemail" }), "give voicemail_message_url"),
        (
            json!({ "fallback": "voice_agent" }),
            "fallback_agent_id is required",
        ),
        (
            json!({ "fallback": "voice_agent", "fallback_agent_id": NO_ID }),
            "fallback_agent_id no agent with this id",
        ),
        (
            json!({ "fallback": "goodbye", "fallback_agent_id": joe }),
            "only where fallback is voice_agent",
        ),
        (json!({ "fallback": "music" }), "goodbye, voicemail, voice_agent"),
        (json!({ "pacing": "reckless" }), "progressive, predictive"),
        (json!({ "max_wait_seconds": 301 }), "2 to 300 seconds, not 301"),
    ] {
        let refused = ada.put(&path, change.clone()).await;
        assert_eq!(refused.status, 400, "{change}: {refused:?}");
        let error = refused.body["error"].as_str().unwrap().replace(": ", " ");
        assert!(error.contains(says), "{change}: {error}");
    }
    let with_message =
        json!({ "fallback": "voicemail", "voicemail_message_url": "https://example.com/a.mp3" });
    assert_eq!(ada.put(&path, with_message).await.status, 200);
    let cleared = ada.put(&path, json!({ "voicemail_message_url": null })).await;
    assert_eq!(cleared.status, 400, "its fallback plays it: {cleared:?}");
}

#[tokio::test]
async fn an_agent_that_a_live_campaign_falls_back_to_stays() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let joe = agent(&ada, "Joe").await;
    let body = json!({
        "name": "Spring", "agent_group_id": group(&ada, "Sales").await, "fallback": "voice_agent", "fallback_agent_id": joe
    });
    let path = dialers(&ada, body).await;
    let there = path.trim_start_matches("/api");
    ada.put(there, json!({ "phone_numbers": ["+14155550101"] })).await;
    let start = format!("{path}/start");
    assert_eq!(ada.post(&start, json!({})).await.status, 200);
    let kept = ada.delete(&format!("/agents/{joe}")).await;
    assert_eq!(kept.status, 409, "{kept:?}");
    assert!(kept.text().contains("active campaign `Spring`"), "{kept:?}");
    assert_eq!(ada.post(&format!("{there}/stop"), json!({})).await.status, 200);
    assert_eq!(ada.delete(&format!("/agents/{joe}")).await.status, 204);
}

#[tokio::test]
async fn a_campaign_whose_fallback_agent_was_deleted_is_not_started() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let joe = agent(&ada, "Joe").await;
    let body = json!({ "name": "Spring", "fallback": "voice_agent", "fallback_agent_id": joe });
    let path = dialers(&ada, body).await;
    ada.put(
        path.trim_start_matches("/api"),
        json!({ "phone_numbers": ["+14155550101"] }),
    )
    .await;
    assert_eq!(ada.delete(&format!("/agents/{joe}")).await.status, 204);
    let refused = ada.post(&format!("{path}/start"), json!({})).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(
        refused.text().contains("fallback agent was deleted"),
        "{refused:?}"
    );
}
