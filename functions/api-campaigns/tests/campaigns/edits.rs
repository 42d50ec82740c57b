//! Changes: where the state allows them, and never over another's.

use serde_json::{Value, json};

use crate::{made, moved, numbers, platform, spring};

#[tokio::test]
async fn a_draft_takes_every_change_and_null_clears() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, spring()).await;
    let path = format!("/campaigns/{id}");
    let all = json!({
        "name": "Summer",
        "description": "Warm",
        "start_time": "2026-04-01T09:00:00",
        "end_time": "2026-06-30",
        "timezone": "America/New_York",
        "calling_hours_start": "09:00",
        "calling_hours_end": "17:00:00",
        "calling_days": [4, 0, 0],
        "max_concurrent_calls": 30,
        "caller_id": "+14155550123",
        "retry_policy": { "max_attempts": 5, "delay_minutes": 15 },
        "ring_timeout_seconds": 45,
        "amd_enabled": false,
        "record_calls": false
    });
    let changed = ada.put(&path, all).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let body = &changed.body["data"];
    for (field, value) in [
        ("name", json!("Summer")),
        ("start_time", json!("2026-04-01T13:00:00Z")),
        ("end_time", json!("2026-07-01T04:00:00Z")),
        ("calling_hours_start", json!("09:00:00")),
        ("calling_hours_end", json!("17:00:00")),
        ("calling_days", json!([0, 4])),
        ("max_concurrent_calls", json!(30)),
        ("caller_id", json!("+14155550123")),
        ("ring_timeout_seconds", json!(45)),
        ("amd_enabled", json!(false)),
        ("record_calls", json!(false)),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    assert_eq!(body["retry_policy"]["max_attempts"], 5);
    assert_eq!(
        body["retry_policy"]["retry_on_busy"], true,
        "what a policy does not say is the default"
    );
    let cleared = json!({
        "description": null, "start_time": null, "end_time": null, "timezone": null, "calling_hours_start": null,
        "calling_hours_end": null, "calling_days": null, "max_concurrent_calls": null, "caller_id": null,
        "retry_policy": null, "ring_timeout_seconds": null, "amd_enabled": null, "record_calls": null
    });
    let cleared = ada.put(&path, cleared).await;
    let body = &cleared.body["data"];
    for (field, value) in [
        ("description", Value::Null),
        ("start_time", Value::Null),
        ("end_time", Value::Null),
        ("calling_hours_start", Value::Null),
        ("calling_days", json!([])),
        ("max_concurrent_calls", json!(10)),
        ("caller_id", Value::Null),
        ("ring_timeout_seconds", json!(30)),
        ("amd_enabled", json!(true)),
        ("record_calls", json!(true)),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    assert_eq!(body["retry_policy"]["max_attempts"], 3);
    assert_eq!(
        body["phone_numbers"],
        json!(["+1234567890", "+1234567891"]),
        "absent stays"
    );
}

#[tokio::test]
async fn an_active_campaign_takes_what_does_not_change_its_calls() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let agent = ada.post("/agents", json!({ "name": "Sales" })).await.id();
    let id = made(&ada, spring()).await;
    let path = format!("/campaigns/{id}");
    moved(&ada, &id, "launch").await;
    for allowed in [
        json!({ "name": "Renamed" }),
        json!({ "description": "Said" }),
        json!({ "end_time": "2026-12-31" }),
        json!({ "max_concurrent_calls": 20 }),
        json!({ "retry_policy": { "max_attempts": 2 } }),
        json!({ "calling_hours_start": "08:00", "calling_hours_end": "20:00" }),
        json!({ "agent_id": null, "phone_numbers": ["+1234567890", "+1234567891"] }),
    ] {
        let answer = ada.put(&path, allowed.clone()).await;
        assert_eq!(answer.status, 200, "{allowed}: {answer:?}");
    }
    let before = ada.get(&path).await.body["data"].clone();
    for refused in [
        json!({ "agent_id": agent }),
        json!({ "phone_numbers": ["+1234567890"] }),
        json!({ "start_time": "2026-05-01" }),
        json!({ "caller_id": "+14155550123" }),
        json!({ "record_calls": false }),
        json!({ "amd_enabled": false }),
        json!({ "ring_timeout_seconds": 10 }),
    ] {
        let answer = ada.put(&path, refused.clone()).await;
        assert_eq!((answer.status, answer.code()), (409, "CAMPAIGN_002"), "{refused}");
        assert!(answer.details().contains("pause it"), "{}", answer.details());
    }
    assert_eq!(ada.get(&path).await.body["data"], before);
    moved(&ada, &id, "pause").await;
    assert_eq!(ada.put(&path, json!({ "agent_id": agent })).await.status, 200);
    moved(&ada, &id, "stop").await;
    let over = ada.put(&path, json!({ "name": "Too late" })).await;
    assert_eq!((over.status, over.code()), (409, "CAMPAIGN_002"));
}

#[tokio::test]
async fn who_comes_too_late_changes_nothing_not_even_the_numbers() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, spring()).await;
    let path = format!("/campaigns/{id}");
    let tag = ada.get(&path).await.header("etag").to_owned();
    let first = ada
        .put_if(
            &path,
            &tag,
            json!({ "phone_numbers": ["+1234567890", "+14155550001"] }),
        )
        .await;
    assert_eq!(first.status, 200);
    assert_eq!(
        first.body["phone_numbers"],
        json!(["+1234567890", "+14155550001"])
    );
    let second = ada
        .put_if(
            &path,
            &tag,
            json!({ "name": "Mine", "phone_numbers": ["+14155550002"] }),
        )
        .await;
    assert_eq!(second.status, 409);
    assert!(
        second.text().contains("changed since it was read"),
        "{}",
        second.text()
    );
    let now = ada.get(&path).await;
    assert_eq!(
        (&now.body["name"], now.header("etag")),
        (&json!("Spring"), first.header("etag"))
    );
    let stats = ada.get(&format!("{path}/stats")).await;
    assert_eq!(stats.body["total_leads"], 2);
    let third = ada
        .put_if(&path, now.header("etag"), json!({ "name": "Mine" }))
        .await;
    assert_eq!(third.status, 200);
    let delete = format!("DELETE {path}");
    assert_eq!(
        ada.send(&delete, &[&format!("if-match: {tag}")], "").await.status,
        409
    );
    let fresh = format!("if-match: {}", third.header("etag"));
    assert_eq!(ada.send(&delete, &[&fresh], "").await.status, 204);
}

#[tokio::test]
async fn of_editors_at_the_same_moment_one_wins_and_the_numbers_are_its_own() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, spring()).await;
    let path = format!("/campaigns/{id}");
    let tag = ada.get(&path).await.header("etag").to_owned();
    let editors = (0..8_u32).map(|n| {
        let (ada, path, tag) = (ada.clone(), path.clone(), tag.clone());
        let body = json!({ "name": format!("Editor {n}"), "phone_numbers": numbers(n * 10..n * 10 + 3) });
        tokio::spawn(async move { ada.put_if(&path, &tag, body).await.status })
    });
    let mut statuses = Vec::new();
    for editor in editors.collect::<Vec<_>>() {
        statuses.push(editor.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    let now = ada.get(&path).await;
    let winner: u32 = now.body["name"]
        .as_str()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(
        now.body["phone_numbers"],
        json!(numbers(winner * 10..winner * 10 + 3))
    );
    assert_eq!(ada.get(&format!("{path}/stats")).await.body["total_leads"], 3);
}
