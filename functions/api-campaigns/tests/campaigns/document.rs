//! Each operation with the document's own example.

use serde_json::{Value, json};
use trunkline_testing::NO_ID;

use crate::{made, moved, platform, spring};

const FIELDS: [&str; 24] = [
    "id",
    "user_id",
    "name",
    "description",
    "agent_id",
    "status",
    "phone_numbers",
    "start_time",
    "end_time",
    "max_concurrent_calls",
    "caller_id",
    "timezone",
    "calling_hours_start",
    "calling_hours_end",
    "calling_days",
    "retry_policy",
    "ring_timeout_seconds",
    "amd_enabled",
    "voicemail_message_url",
    "record_calls",
    "launched_at",
    "ended_at",
    "created_at",
    "updated_at",
];

#[tokio::test]
async fn a_campaign_is_made_as_in_the_document_and_answered_whole() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let agent = ada.post("/agents", json!({ "name": "Sales" })).await.id();
    let body = json!({
        "name": "Q2 Marketing Campaign",
        "agent_id": agent,
        "phone_numbers": ["+1234567890", "+1234567891"],
        "start_time": "2026-04-01T00:00:00Z",
        "end_time": "2026-06-30T23:59:59Z",
        "max_concurrent_calls": 50
    });
    let made = ada.post("/campaigns", body.clone()).await;
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""));
    assert_eq!(made.body["message"], "Campaign created successfully");
    let data = &made.body["data"];
    for field in FIELDS {
        assert!(data.get(field).is_some(), "no {field}");
        assert_eq!(made.body[field], data[field], "{field} is at the top too");
    }
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&data[field], value, "{field}");
    }
    assert_eq!(
        (&data["status"], &data["created_at"]),
        (&json!("draft"), &json!("2026-01-05T10:00:00Z"))
    );
    let got = ada.get(&format!("/campaigns/{}", made.id())).await;
    assert_eq!(
        (got.status, &got.body["data"], got.header("etag")),
        (200, data, "\"1\"")
    );
    let list = ada.get("/campaigns").await;
    assert_eq!((&list.body["total"], &list.body["items"][0]), (&json!(1), data));
}

#[tokio::test]
async fn a_campaign_is_launched_paused_resumed_and_stopped() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, spring()).await;
    for (to, status, at) in [
        ("launch", "active", "launched_at"),
        ("pause", "paused", "paused_at"),
        ("resume", "active", "resumed_at"),
        ("pause", "paused", "paused_at"),
        ("launch", "active", "launched_at"),
        ("stop", "cancelled", "stopped_at"),
    ] {
        platform.world.clock.turn(chrono::Duration::minutes(1));
        let answer = moved(&ada, &id, to).await;
        assert_eq!(answer.status, 200, "{to}: {answer:?}");
        assert_eq!(
            (&answer.body["id"], &answer.body["status"]),
            (&json!(id), &json!(status)),
            "{to}"
        );
        assert!(answer.body[at].is_string(), "{to}: {answer:?}");
        assert_eq!(ada.get(&format!("/campaigns/{id}")).await.body["status"], status);
    }
}

#[tokio::test]
async fn a_move_that_the_state_forbids_says_from_what_to_what() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, spring()).await;
    for (to, says) in [
        ("pause", "a draft campaign cannot be paused"),
        ("resume", "resumed"),
        ("stop", "stopped"),
    ] {
        let refused = moved(&ada, &id, to).await;
        assert_eq!((refused.status, refused.code()), (409, "CAMPAIGN_002"), "{to}");
        assert!(
            refused.details().to_lowercase().contains(says),
            "{to}: {}",
            refused.details()
        );
    }
    moved(&ada, &id, "launch").await;
    let again = moved(&ada, &id, "launch").await;
    assert_eq!((again.status, again.code()), (409, "CAMPAIGN_002"));
    assert!(
        again
            .details()
            .to_lowercase()
            .contains("an active campaign cannot be launched")
    );
    moved(&ada, &id, "stop").await;
    for to in ["launch", "pause", "resume", "stop"] {
        assert_eq!(moved(&ada, &id, to).await.code(), "CAMPAIGN_002", "{to}");
    }
}

#[tokio::test]
async fn a_launch_waits_for_its_start_and_is_refused_after_its_end_or_without_numbers() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let mut later = spring();
    later["start_time"] = json!("2026-02-01T00:00:00Z");
    let later = made(&ada, later).await;
    assert_eq!(moved(&ada, &later, "launch").await.body["status"], "scheduled");
    let mut over = spring();
    over["start_time"] = json!("2025-01-01");
    over["end_time"] = json!("2025-12-31");
    let over = made(&ada, over).await;
    let refused = moved(&ada, &over, "launch").await;
    assert_eq!((refused.status, refused.code()), (409, "CAMPAIGN_002"));
    assert!(refused.details().contains("end_time"), "{}", refused.details());
    let empty = made(&ada, json!({ "name": "Empty" })).await;
    let refused = moved(&ada, &empty, "launch").await;
    assert_eq!((refused.status, refused.code()), (409, "CAMPAIGN_002"));
    assert!(refused.details().contains("no number"), "{}", refused.details());
}

#[tokio::test]
async fn a_launch_without_the_agent_that_would_talk_is_refused() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let agent = ada.post("/agents", json!({ "name": "Sales" })).await.id();
    let mut body = spring();
    body["agent_id"] = json!(agent);
    let id = made(&ada, body).await;
    assert_eq!(
        ada.delete(&format!("/agents/{agent}")).await.status,
        204,
        "a draft is not live"
    );
    let refused = moved(&ada, &id, "launch").await;
    assert_eq!((refused.status, refused.code()), (409, "CAMPAIGN_002"));
    assert!(refused.details().contains("deleted"), "{}", refused.details());
    assert_eq!(
        ada.put(&format!("/campaigns/{id}"), json!({ "agent_id": null }))
            .await
            .status,
        200
    );
    assert_eq!(moved(&ada, &id, "launch").await.status, 200);
}

#[tokio::test]
async fn a_campaign_is_deleted_where_nothing_dials() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, spring()).await;
    moved(&ada, &id, "launch").await;
    for state in ["active", "paused"] {
        let held = ada.delete(&format!("/campaigns/{id}")).await;
        assert_eq!((held.status, held.code()), (409, "CAMPAIGN_002"), "{state}");
        moved(&ada, &id, "pause").await;
    }
    moved(&ada, &id, "stop").await;
    let gone = ada.delete(&format!("/campaigns/{id}")).await;
    assert_eq!((gone.status, gone.bytes.len()), (204, 0));
    for ask in ["GET", "DELETE", "PUT"] {
        let again = ada.send(&format!("{ask} /campaigns/{id}"), &[], "{}").await;
        assert_eq!((again.status, again.code()), (404, "CAMPAIGN_001"), "{ask}");
    }
}

#[tokio::test]
async fn another_tenants_campaign_is_not_there() {
    let platform = platform().await;
    let (ada, bob) = (platform.manager("ada").await, platform.manager("bob").await);
    let id = made(&ada, spring()).await;
    for id in [id.as_str(), NO_ID, "42", "%00"] {
        for (method, rest) in [
            ("GET", ""),
            ("PUT", ""),
            ("DELETE", ""),
            ("POST", "/launch"),
            ("POST", "/pause"),
            ("POST", "/resume"),
            ("POST", "/stop"),
            ("GET", "/stats"),
        ] {
            let refused = bob
                .send(&format!("{method} /campaigns/{id}{rest}"), &[], "{}")
                .await;
            assert_eq!(
                (refused.status, refused.code()),
                (404, "CAMPAIGN_001"),
                "{method} {id}{rest}"
            );
            let refused = platform
                .nobody(&bob)
                .send(&format!("{method} /campaigns/{id}{rest}"), &[], "{}")
                .await;
            assert_eq!(
                (refused.status, refused.code()),
                (401, "AUTH_003"),
                "{method} {id}{rest}"
            );
        }
    }
    assert_eq!(ada.get(&format!("/campaigns/{id}")).await.body["status"], "draft");
    let theirs =
        json!({ "name": "Mine", "agent_id": ada.post("/agents", json!({ "name": "A" })).await.id() });
    let refused = bob.post("/campaigns", theirs).await;
    assert_eq!(refused.status, 422, "another tenant's agent is none");
    assert!(refused.details().contains("agent_id: "));
}

#[tokio::test]
async fn every_operation_is_in_the_openapi_document_with_its_errors() {
    let platform = platform().await;
    for (method, path, status) in [
        ("get", "/campaigns", "200"),
        ("post", "/campaigns", "201"),
        ("get", "/campaigns/{campaign_id}", "200"),
        ("put", "/campaigns/{campaign_id}", "200"),
        ("delete", "/campaigns/{campaign_id}", "204"),
        ("post", "/campaigns/{campaign_id}/launch", "200"),
        ("post", "/campaigns/{campaign_id}/pause", "200"),
        ("post", "/campaigns/{campaign_id}/resume", "200"),
        ("post", "/campaigns/{campaign_id}/stop", "200"),
        ("get", "/campaigns/{campaign_id}/stats", "200"),
    ] {
        let responses = &platform.document["paths"][path][method]["responses"];
        assert!(responses.get(status).is_some(), "{method} {path}: {responses}");
        assert!(
            responses.as_object().unwrap().len() > 1,
            "{method} {path} has no errors"
        );
        assert_ne!(responses, &Value::Null);
    }
}
