//! Start, pause and change, as a campaign's state allows; groups that campaigns send people to.

use serde_json::{Value, json};
use trunkline_testing::Client;

use crate::dialer::{dialers, group, outreach, platform};

/// A campaign with a number to dial: its path.
async fn ready(by: &Client, change: Value) -> String {
    let mut body = json!({ "name": "Ready" });
    for (field, value) in change.as_object().unwrap() {
        body[field] = value.clone();
    }
    let path = dialers(by, body).await;
    let numbers = json!({ "phone_numbers": ["+14155550101"] });
    let added = by.put(path.trim_start_matches("/api"), numbers).await;
    assert_eq!(added.status, 200, "{added:?}");
    path
}

async fn asked(by: &Client, path: &str, what: &str) -> trunkline_testing::Answer {
    by.post(&format!("{path}/{what}"), json!({})).await
}

fn error(answer: &trunkline_testing::Answer) -> &str {
    answer.body["error"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_campaign_is_started_paused_and_started_again() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let path = ready(&ada, json!({})).await;
    for (what, status, says) in [
        ("start", "active", "Campaign started successfully"),
        ("pause", "paused", "Campaign paused successfully"),
        ("start", "active", "Campaign started successfully"),
    ] {
        platform.world.clock.turn(chrono::Duration::minutes(1));
        let answer = asked(&ada, &path, what).await;
        assert_eq!(
            (answer.status, &answer.body["success"], &answer.body["message"]),
            (200, &json!(true), &json!(says)),
            "{answer:?}"
        );
        let campaign = &answer.body["campaign"];
        assert_eq!(
            (&campaign["status"], &campaign["total_leads"]),
            (&json!(status), &json!(1))
        );
        let got = ada.get(&path).await;
        assert_eq!(
            (&got.body["campaign"], got.header("etag")),
            (campaign, answer.header("etag")),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_start_before_its_time_is_scheduled_and_says_so() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let path = ready(&ada, json!({ "schedule_start": "2026-02-01T09:00:00Z" })).await;
    let answer = asked(&ada, &path, "start").await;
    assert_eq!(
        (answer.status, &answer.body["campaign"]["status"]),
        (200, &json!("scheduled"))
    );
    assert!(
        answer.body["message"]
            .as_str()
            .unwrap()
            .contains("schedule_start"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_move_that_the_state_forbids_is_told_in_the_documents_words() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let path = ready(&ada, json!({})).await;
    let over = ready(
        &ada,
        json!({ "schedule_start": "2024-01-01T09:00:00Z", "schedule_end": "2024-03-31T17:00:00Z" }),
    )
    .await;
    let empty = dialers(&ada, json!({ "name": "Empty" })).await;
    for (path, what, says) in [
        (&path, "pause", "A draft campaign cannot be paused"),
        (&over, "start", "schedule_end"),
        (&empty, "start", "no number"),
    ] {
        let refused = asked(&ada, path, what).await;
        assert_eq!((refused.status, &refused.body["success"]), (409, &json!(false)));
        assert!(error(&refused).contains(says), "{refused:?}");
    }
    asked(&ada, &path, "start").await;
    let again = asked(&ada, &path, "start").await;
    assert_eq!(again.status, 409);
    assert!(error(&again).contains("n active campaign cannot be"), "{again:?}");
    for change in [
        json!({ "caller_id": "+14155550123" }),
        json!({ "schedule_start": "2026-05-01" }),
        json!({ "agent_group_id": group(&ada, "Sales").await }),
    ] {
        let refused = ada.put(&path, change.clone()).await;
        assert_eq!(refused.status, 409, "{change}: {refused:?}");
        assert!(
            error(&refused).contains("schedule_end, calling hours"),
            "{refused:?}"
        );
    }
    assert_eq!(
        ada.put(&path, json!({ "schedule_end": "2026-12-31" }))
            .await
            .status,
        200
    );
    let stop = format!("{}/stop", path.trim_start_matches("/api"));
    assert_eq!(ada.post(&stop, json!({})).await.status, 200);
    for what in ["start", "pause"] {
        assert_eq!(asked(&ada, &path, what).await.status, 409, "{what}");
    }
    assert_eq!(ada.put(&path, json!({ "name": "Late" })).await.status, 409);
}

#[tokio::test]
async fn a_stale_change_is_refused_and_a_repeated_create_makes_one_campaign() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let key = ["idempotency-key: outreach"];
    let body = outreach(&group(&ada, "Sales").await);
    let first = ada.send("POST /api/campaigns", &key, body.to_string()).await;
    let again = ada.send("POST /api/campaigns", &key, body.to_string()).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = ada
        .send(
            "POST /api/campaigns",
            &key,
            json!({ "name": "Other" }).to_string(),
        )
        .await;
    assert_eq!(other.status, 400, "{other:?}");
    assert_eq!(ada.get("/api/campaigns").await.body["total"], 1);
    let path = format!("/api/campaigns/{}", crate::dialer::id_of(&first));
    let changed = ada
        .put_if(&path, first.header("etag"), json!({ "name": "Mine" }))
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let stale = ada
        .put_if(&path, first.header("etag"), json!({ "name": "Ours" }))
        .await;
    assert_eq!(stale.status, 409);
    assert!(error(&stale).contains("changed since it was read"), "{stale:?}");
    assert_eq!(ada.get(&path).await.body["campaign"]["name"], "Mine");
}

#[tokio::test]
async fn a_group_is_deleted_only_where_no_live_campaign_uses_it() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let sales = group(&ada, "Sales").await;
    let path = ready(&ada, json!({ "agent_group_id": sales })).await;
    let groups = format!("/api/agent-groups/{sales}");
    asked(&ada, &path, "start").await;
    for state in ["active", "paused"] {
        let held = ada.delete(&groups).await;
        assert_eq!(held.status, 409, "{state}: {held:?}");
        assert!(
            error(&held).contains(&format!("{state} campaign `Ready` uses this group")),
            "{held:?}"
        );
        asked(&ada, &path, "pause").await;
    }
    assert_eq!(
        ada.put(&path, json!({ "agent_group_id": null })).await.status,
        200
    );
    let draft = ready(&ada, json!({ "agent_group_id": sales })).await;
    assert_eq!(ada.delete(&groups).await.status, 200, "a draft is not live");
    let refused = asked(&ada, &draft, "start").await;
    assert_eq!(refused.status, 409);
    assert!(error(&refused).contains("agent group was deleted"), "{refused:?}");
    let support = group(&ada, "Support").await;
    assert_eq!(
        ada.put(&draft, json!({ "agent_group_id": support })).await.status,
        200
    );
    assert_eq!(asked(&ada, &draft, "start").await.status, 200);
}
