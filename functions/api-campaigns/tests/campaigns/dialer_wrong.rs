//! What is wrong at the Dialer is a 400 that names it, and nothing is made or changed of it.

use serde_json::{Value, json};
use trunkline_testing::NO_ID;

use crate::dialer::{dialers, group, outreach, platform};

/// A wrong value of a field, and the field that the error names.
fn wrong_fields() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("name", json!(""), "name"),
        ("name", json!(7), "name"),
        ("name", json!("x".repeat(201)), "name"),
        ("caller_id", json!("555"), "caller_id"),
        ("caller_id", json!(14155551234_u64), "caller_id"),
        ("schedule_start", json!("soon"), "schedule_start"),
        ("schedule_start", json!(1_700_000_000), "schedule_start"),
        ("schedule_start", json!("2024-03-31T17:00:00Z"), "schedule_end"),
        ("schedule_end", json!("2026-02-30"), "schedule_end"),
        ("schedule_end", json!("2023-12-31"), "schedule_end"),
        ("timezone", json!("Mars/Olympus"), "timezone"),
        ("calling_hours_start", json!("9 am"), "calling_hours_start"),
        ("calling_hours_start", json!("17:00:00"), "calling_hours_start"),
        ("calling_hours_end", json!("25:00:00"), "calling_hours_end"),
        ("agent_group_id", json!("42"), "agent_group_id"),
        ("agent_group_id", json!(NO_ID), "agent_group_id"),
        ("retry_policy", json!([]), "retry_policy"),
        ("pacing", json!("reckless"), "pacing"),
        ("pacing", json!(true), "pacing"),
        ("max_wait_seconds", json!(1), "max_wait_seconds"),
        ("max_wait_seconds", json!(301), "max_wait_seconds"),
        ("max_wait_seconds", json!(-5), "max_wait_seconds"),
        ("max_wait_seconds", json!("20"), "max_wait_seconds"),
        ("fallback", json!("music"), "fallback"),
        ("fallback", json!("voice_agent"), "fallback_agent_id"),
        ("fallback_agent_id", json!(NO_ID), "fallback_agent_id"),
        ("fallback_agent_id", json!("42"), "fallback_agent_id"),
        (
            "retry_policy",
            json!({ "max_attempts": 0 }),
            "retry_policy.max_attempts",
        ),
        (
            "retry_policy",
            json!({ "delay_minutes": 10_081 }),
            "retry_policy.delay_minutes",
        ),
        (
            "retry_policy",
            json!({ "retry_on_busy": "yes" }),
            "retry_policy.retry_on_busy",
        ),
        ("amd_enabled", json!("yes"), "amd_enabled"),
        (
            "voicemail_message_url",
            json!("ftp://example.com/a.mp3"),
            "voicemail_message_url",
        ),
        (
            "voicemail_message_url",
            json!("http://169.254.169.254/latest"),
            "voicemail_message_url",
        ),
        ("record_calls", json!(1), "record_calls"),
    ]
}

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_is_made_or_changed() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let sales = group(&ada, "Sales").await;
    let path = dialers(&ada, outreach(&sales)).await;
    let before = ada.get(&path).await.body["campaign"].clone();
    let missing = ada.post("/api/campaigns", json!({})).await;
    assert_eq!((missing.status, &missing.body["success"]), (400, &json!(false)));
    assert!(
        missing.body["error"].as_str().unwrap().contains("name"),
        "{missing:?}"
    );
    for (field, value, named) in wrong_fields() {
        let mut body = outreach(&sales);
        body[field] = value.clone();
        let refused = [
            ada.post("/api/campaigns", body).await,
            ada.put(&path, json!({ field: value })).await,
        ];
        for refused in refused {
            assert_eq!(
                (refused.status, &refused.body["success"]),
                (400, &json!(false)),
                "{field} {value}: {refused:?}"
            );
            let error = refused.body["error"].as_str().unwrap();
            assert!(error.contains(named), "{field} {value}: {error}");
            assert!(
                !error.contains("start_time") && !error.contains("end_time"),
                "another document's words: {error}"
            );
        }
    }
    let cleared = ada.put(&path, json!({ "name": null })).await;
    assert_eq!(cleared.status, 400, "{cleared:?}");
    assert_eq!(ada.get("/api/campaigns").await.body["total"], 1);
    assert_eq!(ada.get(&path).await.body["campaign"], before);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let path = dialers(&ada, json!({ "name": "A" })).await;
    for body in ["{", "[]", "null", "\"name\"", "{\"name\": \"\u{1}\"}"] {
        for ask in ["POST /api/campaigns".to_owned(), format!("PUT {path}")] {
            let refused = ada.send(&ask, &[], body).await;
            assert_eq!(refused.status, 400, "{ask} {body}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn what_is_out_of_range_or_unknown_is_told_the_range_or_the_words() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for (query, says) in [
        ("limit=0", "1 to 100"),
        ("limit=101", "1 to 100"),
        ("limit=ten", "limit"),
        ("offset=-1", "0 to 10000"),
        ("offset=10000&limit=1", "next_cursor"),
        ("cursor=%FF", "cursor"),
        (
            "status=running",
            "draft, scheduled, active, paused, completed, cancelled",
        ),
    ] {
        let refused = ada.get(&format!("/api/campaigns?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {refused:?}");
        let error = refused.body["error"].as_str().unwrap();
        assert!(error.contains(says), "{query}: {error}");
    }
}
