//! The Dialer's campaigns with its document's own examples.

use serde_json::{Value, json};
use trunkline_testing::{Answer, Client, Platform};

use crate::{made, spring};

pub(crate) async fn platform() -> Platform {
    Platform::new(api_campaigns::router().merge(api_operators::router())).await
}

/// The document's body of `POST /api/campaigns`.
pub(crate) fn outreach(group: &str) -> Value {
    json!({
        "name": "Q1 2024 Outreach",
        "caller_id": "+14155551234",
        "schedule_start": "2024-01-01T09:00:00Z",
        "schedule_end": "2024-03-31T17:00:00Z",
        "timezone": "America/Los_Angeles",
        "calling_hours_start": "09:00:00",
        "calling_hours_end": "17:00:00",
        "agent_group_id": group,
        "retry_policy": {
            "max_attempts": 3,
            "delay_minutes": 60,
            "retry_on_no_answer": true,
            "retry_on_busy": true,
            "retry_on_voicemail": false
        },
        "amd_enabled": true,
        "voicemail_message_url": "https://example.com/voicemail.mp3",
        "record_calls": true
    })
}

/// A new group of human agents.
pub(crate) async fn group(by: &Client, name: &str) -> String {
    let made = by.post("/api/agent-groups", json!({ "name": name })).await;
    made.body["agent_group"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no group in {made:?}"))
        .to_owned()
}

/// Makes a campaign at the Dialer and gives its path.
pub(crate) async fn dialers(by: &Client, body: Value) -> String {
    let made = by.post("/api/campaigns", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    format!("/api/campaigns/{}", id_of(&made))
}

pub(crate) fn id_of(answer: &Answer) -> &str {
    answer.body["campaign"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no campaign in {answer:?}"))
}

/// The document's campaign.
const FIELDS: [&str; 26] = [
    "id",
    "tenant_id",
    "name",
    "caller_id",
    "status",
    "schedule_start",
    "schedule_end",
    "timezone",
    "calling_hours_start",
    "calling_hours_end",
    "agent_group_id",
    "pacing",
    "max_wait_seconds",
    "fallback",
    "fallback_agent_id",
    "retry_policy",
    "amd_enabled",
    "voicemail_message_url",
    "voicemail_status",
    "voicemail_error",
    "record_calls",
    "total_leads",
    "calls_made",
    "calls_completed",
    "created_at",
    "updated_at",
];

#[tokio::test]
async fn a_campaign_is_made_as_in_the_document_and_answered_whole() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let body = outreach(&group(&ada, "Sales").await);
    let made = ada.post("/api/campaigns", body.clone()).await;
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{made:?}");
    assert_eq!(
        (&made.body["success"], &made.body["message"]),
        (&json!(true), &json!("Campaign created successfully"))
    );
    let campaign = &made.body["campaign"];
    for field in FIELDS {
        assert!(campaign.get(field).is_some(), "no {field}");
    }
    for (field, value) in body.as_object().unwrap() {
        if let Some(fields) = value.as_object() {
            for (inner, value) in fields {
                assert_eq!(&campaign[field][inner], value, "{field}.{inner}");
            }
        } else {
            assert_eq!(&campaign[field], value, "{field}");
        }
    }
    for (field, value) in [
        ("tenant_id", json!(ada.who.tenant.0)),
        ("status", json!("draft")),
        ("total_leads", json!(0)),
        ("calls_made", json!(0)),
        ("calls_completed", json!(0)),
        ("created_at", json!("2026-01-05T10:00:00Z")),
    ] {
        assert_eq!(campaign[field], value, "{field}");
    }
    let got = ada.get(&format!("/api/campaigns/{}", id_of(&made))).await;
    assert_eq!((got.status, got.header("etag")), (200, "\"1\""));
    assert_eq!(got.body, json!({ "success": true, "campaign": campaign }));
    let list = ada.get("/api/campaigns").await;
    assert_eq!(
        (&list.body["success"], &list.body["count"], &list.body["total"]),
        (&json!(true), &json!(1), &json!(1))
    );
    assert_eq!(&list.body["campaigns"][0], campaign);
}

#[tokio::test]
async fn what_is_left_out_has_the_dialers_defaults() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let made = ada.post("/api/campaigns", json!({ "name": "Plain" })).await;
    let campaign = &made.body["campaign"];
    for (field, value) in [
        ("calling_hours_start", json!("09:00:00")),
        ("calling_hours_end", json!("17:00:00")),
        ("amd_enabled", json!(true)),
        ("record_calls", json!(true)),
        ("caller_id", Value::Null),
        ("schedule_start", Value::Null),
        ("schedule_end", Value::Null),
        ("timezone", Value::Null),
        ("agent_group_id", Value::Null),
        ("pacing", json!("progressive")),
        ("max_wait_seconds", json!(20)),
        ("fallback", json!("goodbye")),
        ("fallback_agent_id", Value::Null),
        ("voicemail_message_url", Value::Null),
    ] {
        assert_eq!(campaign[field], value, "{field}");
    }
    let documents = &outreach("")["retry_policy"];
    for (field, value) in documents.as_object().unwrap() {
        assert_eq!(&campaign["retry_policy"][field], value, "{field}");
    }
}

#[tokio::test]
async fn a_campaign_of_either_document_shows_at_the_other() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let sales = group(&ada, "Sales").await;
    let made_here = ada.post("/api/campaigns", outreach(&sales)).await;
    let there = ada.get(&format!("/campaigns/{}", id_of(&made_here))).await;
    for (field, value) in [
        ("name", "Q1 2024 Outreach"),
        ("start_time", "2024-01-01T09:00:00Z"),
        ("end_time", "2024-03-31T17:00:00Z"),
        ("calling_hours_start", "09:00:00"),
        ("timezone", "America/Los_Angeles"),
        ("status", "draft"),
    ] {
        assert_eq!(there.body["data"][field], value, "{field}");
    }
    let mut body = spring();
    body["end_time"] = json!("2026-06-30T23:59:59Z");
    let path = format!("/api/campaigns/{}", made(&ada, body).await);
    let here = ada.get(&path).await;
    let campaign = &here.body["campaign"];
    assert_eq!(
        (&campaign["name"], &campaign["schedule_end"]),
        (&json!("Spring"), &json!("2026-06-30T23:59:59Z"))
    );
    assert_eq!(
        (&campaign["total_leads"], &campaign["calling_hours_start"]),
        (&json!(2), &Value::Null),
        "only the Dialer's own campaigns have its hours"
    );
}

#[tokio::test]
async fn a_change_leaves_what_it_does_not_name_and_null_clears() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let path = dialers(&ada, outreach(&group(&ada, "Sales").await)).await;
    let support = group(&ada, "Support").await;
    let change = json!({
        "name": "Q2", "schedule_end": "2026-06-30", "calling_hours_end": "18:30:00", "agent_group_id": support,
        "record_calls": false, "retry_policy": { "max_attempts": 5 }
    });
    let changed = ada.put(&path, change).await;
    assert_eq!(
        (changed.status, changed.header("etag"), &changed.body["message"]),
        (200, "\"2\"", &json!("Campaign updated successfully")),
        "{changed:?}"
    );
    let campaign = &changed.body["campaign"];
    for (field, value) in [
        ("name", json!("Q2")),
        ("schedule_start", json!("2024-01-01T09:00:00Z")),
        ("schedule_end", json!("2026-07-01T00:00:00Z")),
        ("calling_hours_start", json!("09:00:00")),
        ("calling_hours_end", json!("18:30:00")),
        ("timezone", json!("America/Los_Angeles")),
        ("agent_group_id", json!(support)),
        ("record_calls", json!(false)),
        ("caller_id", json!("+14155551234")),
    ] {
        assert_eq!(campaign[field], value, "{field}");
    }
    assert_eq!(campaign["retry_policy"]["max_attempts"], 5);
    let cleared = [
        "caller_id",
        "schedule_start",
        "schedule_end",
        "calling_hours_start",
        "calling_hours_end",
        "agent_group_id",
        "voicemail_message_url",
    ];
    let nulls: serde_json::Map<_, _> = cleared
        .iter()
        .map(|field| ((*field).to_owned(), Value::Null))
        .collect();
    let answer = ada.put(&path, Value::Object(nulls)).await;
    for field in cleared {
        assert_eq!(answer.body["campaign"][field], Value::Null, "{field}: {answer:?}");
    }
    assert_eq!(ada.get(&path).await.body["campaign"], answer.body["campaign"]);
}

#[tokio::test]
async fn every_operation_is_in_the_openapi_document_with_the_documents_example() {
    let platform = platform().await;
    for (method, path, status) in [
        ("get", "/api/campaigns", "200"),
        ("post", "/api/campaigns", "201"),
        ("get", "/api/campaigns/{campaign_id}", "200"),
        ("put", "/api/campaigns/{campaign_id}", "200"),
        ("post", "/api/campaigns/{campaign_id}/start", "200"),
        ("post", "/api/campaigns/{campaign_id}/pause", "200"),
    ] {
        let operation = &platform.document["paths"][path][method];
        let media = &operation["responses"][status]["content"]["application/json"];
        let example = &media["example"];
        assert_eq!(example["success"], true, "{method} {path}: {operation}");
        let campaign = example.pointer("/campaigns/0").unwrap_or(&example["campaign"]);
        for field in FIELDS {
            assert!(campaign.get(field).is_some(), "{method} {path}: no {field}");
        }
    }
    let create = &platform.document["paths"]["/api/campaigns"]["post"];
    let sent = &create["requestBody"]["content"]["application/json"]["example"];
    let documents = outreach(sent["agent_group_id"].as_str().unwrap());
    for (field, value) in documents
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "retry_policy")
    {
        assert_eq!(&sent[field], value, "{field}");
    }
}
