//! Bodies that are wrong: each a clear error, nothing half done.

use serde_json::{Value, json};
use trunkline_testing::NO_ID;

use crate::{made, platform, spring};

/// A wrong field, and the field that the error names.
fn wrong_fields() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "name": "" }), "name"),
        (json!({ "name": 7 }), "name"),
        (json!({ "name": "x".repeat(201) }), "name"),
        (json!({ "name": "a\u{7}b" }), "name"),
        (
            json!({ "name": "A", "description": "x".repeat(2_001) }),
            "description",
        ),
        (json!({ "name": "A", "agent_id": "42" }), "agent_id"),
        (json!({ "name": "A", "agent_id": 42 }), "agent_id"),
        (
            json!({ "name": "A", "phone_numbers": "+1234567890" }),
            "phone_numbers",
        ),
        (
            json!({ "name": "A", "phone_numbers": [1234567890] }),
            "phone_numbers[0]",
        ),
        (
            json!({ "name": "A", "phone_numbers": [null] }),
            "phone_numbers[0]",
        ),
        (json!({ "name": "A", "start_time": "soon" }), "start_time"),
        (json!({ "name": "A", "start_time": 1_700_000_000 }), "start_time"),
        (
            json!({ "name": "A", "start_time": "+262142-12-31" }),
            "start_time",
        ),
        (json!({ "name": "A", "end_time": "2026-02-30" }), "end_time"),
        (json!({ "name": "A", "end_time": "+262142-12-31" }), "end_time"),
        (
            json!({ "name": "A", "start_time": "2026-02-01", "end_time": "2026-01-01" }),
            "end_time",
        ),
        (
            json!({ "name": "A", "max_concurrent_calls": 0 }),
            "max_concurrent_calls",
        ),
        (
            json!({ "name": "A", "max_concurrent_calls": 1_001 }),
            "max_concurrent_calls",
        ),
        (
            json!({ "name": "A", "max_concurrent_calls": -1 }),
            "max_concurrent_calls",
        ),
        (
            json!({ "name": "A", "max_concurrent_calls": 1.5 }),
            "max_concurrent_calls",
        ),
        (
            json!({ "name": "A", "max_concurrent_calls": "50" }),
            "max_concurrent_calls",
        ),
        (
            json!({ "name": "A", "max_concurrent_calls": 4_294_967_296_u64 }),
            "max_concurrent_calls",
        ),
        (json!({ "name": "A", "caller_id": "555" }), "caller_id"),
        (json!({ "name": "A", "timezone": "Mars/Olympus" }), "timezone"),
        (
            json!({ "name": "A", "calling_hours_start": "9 am", "calling_hours_end": "17:00" }),
            "calling_hours_start",
        ),
        (
            json!({ "name": "A", "calling_hours_start": "09:00", "calling_hours_end": "09:00" }),
            "calling_hours_start",
        ),
        (json!({ "name": "A", "calling_days": [256] }), "calling_days[0]"),
        (json!({ "name": "A", "calling_days": "Monday" }), "calling_days"),
        (
            json!({ "name": "A", "retry_policy": { "max_attempts": 0 } }),
            "retry_policy.max_attempts",
        ),
        (
            json!({ "name": "A", "retry_policy": { "max_attempts": "3" } }),
            "retry_policy.max_attempts",
        ),
        (
            json!({ "name": "A", "retry_policy": { "delay_minutes": 10_081 } }),
            "retry_policy.delay_minutes",
        ),
        (json!({ "name": "A", "retry_policy": [] }), "retry_policy"),
        (
            json!({ "name": "A", "ring_timeout_seconds": 4 }),
            "ring_timeout_seconds",
        ),
        (
            json!({ "name": "A", "ring_timeout_seconds": 601 }),
            "ring_timeout_seconds",
        ),
        (json!({ "name": "A", "amd_enabled": "yes" }), "amd_enabled"),
        (json!({ "name": "A", "record_calls": 1 }), "record_calls"),
    ]
}

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_is_made_or_changed() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let missing = ada
        .post("/campaigns", json!({ "phone_numbers": ["+1234567890"] }))
        .await;
    assert_eq!(missing.status, 422);
    assert!(missing.details().starts_with("name: "), "{}", missing.details());
    let id = made(&ada, spring()).await;
    let before = ada.get(&format!("/campaigns/{id}")).await.body["data"].clone();
    for (body, field) in wrong_fields() {
        let wrong = ada.post("/campaigns", body.clone()).await;
        assert_eq!(
            (wrong.status, wrong.code()),
            (422, "REQUEST_002"),
            "{field}: {wrong:?}"
        );
        assert!(
            wrong.details().contains(&format!("{field}: ")),
            "{field}: {}",
            wrong.details()
        );
        for id in [id.as_str(), NO_ID] {
            let wrong = ada.put(&format!("/campaigns/{id}"), body.clone()).await;
            assert_eq!(wrong.status, 422, "{field} of {id}: {wrong:?}");
        }
    }
    assert_eq!(ada.get("/campaigns").await.body["total"], 1);
    assert_eq!(ada.get(&format!("/campaigns/{id}")).await.body["data"], before);
}

#[tokio::test]
async fn what_needs_a_look_is_refused_too() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let idle = ada
        .post("/agents", json!({ "name": "Idle", "status": "inactive" }))
        .await
        .id();
    let long = format!("https://example.com/{}", "x".repeat(2_048));
    for (body, field) in [
        (json!({ "name": "A", "agent_id": NO_ID }), "agent_id"),
        (json!({ "name": "A", "agent_id": idle }), "agent_id"),
        (
            json!({ "name": "A", "calling_hours_start": "09:00" }),
            "calling_hours_end",
        ),
        (
            json!({ "name": "A", "calling_hours_start": "09:00", "calling_hours_end": "17:00", "calling_days": [7] }),
            "calling_days",
        ),
        (
            json!({ "name": "A", "voicemail_message_url": "ftp://example.com/a.mp3" }),
            "voicemail_message_url",
        ),
        (
            json!({ "name": "A", "voicemail_message_url": "http://169.254.169.254/latest" }),
            "voicemail_message_url",
        ),
        (
            json!({ "name": "A", "voicemail_message_url": "http://[::ffff:10.0.0.1]/a.mp3" }),
            "voicemail_message_url",
        ),
        (
            json!({ "name": "A", "voicemail_message_url": "http://localhost/a.mp3" }),
            "voicemail_message_url",
        ),
        (
            json!({ "name": "A", "voicemail_message_url": "not a url" }),
            "voicemail_message_url",
        ),
        (
            json!({ "name": "A", "voicemail_message_url": long }),
            "voicemail_message_url",
        ),
    ] {
        let wrong = ada.post("/campaigns", body.clone()).await;
        assert_eq!(wrong.status, 422, "{body}: {wrong:?}");
        assert!(
            wrong.details().contains(&format!("{field}: ")),
            "{field}: {}",
            wrong.details()
        );
    }
    assert_eq!(ada.get("/campaigns").await.body["total"], 0);
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let body = json!({
        "max_concurrent_calls": 0, "ring_timeout_seconds": 1, "start_time": "2026-02-01", "end_time": "2026-01-01",
        "phone_numbers": ["+1234567890", "nobody"]
    });
    let wrong = ada.post("/campaigns", body).await;
    for field in [
        "name: ",
        "max_concurrent_calls: ",
        "ring_timeout_seconds: ",
        "end_time: ",
        "phone_numbers[1]: ",
    ] {
        assert!(wrong.details().contains(field), "{field} {}", wrong.details());
    }
}

#[tokio::test]
async fn a_repeated_create_with_its_key_makes_one_campaign() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let key = ["idempotency-key: spring"];
    let first = ada.send("POST /campaigns", &key, spring().to_string()).await;
    let again = ada.send("POST /campaigns", &key, spring().to_string()).await;
    assert_eq!((again.status, again.id()), (201, first.id()));
    assert_eq!(ada.get("/campaigns").await.body["total"], 1);
    assert_eq!(
        ada.get(&format!("/campaigns/{}/stats", first.id())).await.body["total_leads"],
        2
    );
}
