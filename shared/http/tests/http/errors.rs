//! The same failure in each document's words.

use crate::{instance, token};
use serde_json::{Value, json};
use trunkline_testing::World;

/// VoiceERA, Dialer, shared v1, Calling Platform, AI Caller.
const PREFIXES: [&str; 5] = [
    "/fail",
    "/api/fail",
    "/api/v1/fail",
    "/api/v1/stats/fail",
    "/api/v1/config/fail",
];

#[tokio::test]
async fn each_failure_has_its_status_and_code_in_each_dialect() {
    let world = World::new().await;
    let instance = instance(&world);
    for (what, [voiceera, dialer, v1], code, v1_code) in [
        ("malformed", [400, 400, 400], "REQUEST_001", "VALIDATION_ERROR"),
        ("invalid", [422, 400, 422], "REQUEST_002", "VALIDATION_ERROR"),
        ("phone", [422, 400, 422], "REQUEST_002", "INVALID_PHONE_NUMBER"),
        ("missing", [404, 404, 404], "CAMPAIGN_001", "NOT_FOUND"),
        ("conflict", [409, 409, 409], "CAMPAIGN_002", "CONFLICT"),
        ("credentials", [401, 401, 401], "AUTH_001", "INVALID_CREDENTIALS"),
        ("expired", [401, 401, 401], "AUTH_002", "TOKEN_EXPIRED"),
        ("token", [401, 401, 401], "AUTH_003", "UNAUTHORIZED"),
        ("forbidden", [403, 403, 403], "AUTH_004", "FORBIDDEN"),
        ("busy", [503, 503, 503], "SERVER_002", "SERVICE_UNAVAILABLE"),
        ("internal", [500, 500, 500], "SERVER_001", "INTERNAL_SERVER_ERROR"),
    ] {
        for (prefix, status) in PREFIXES.into_iter().zip([voiceera, dialer, v1, v1, v1]) {
            let answer = instance.send(&format!("GET {prefix}/{what}"), &[], "").await;
            let at = format!("{prefix} {what}: {}", answer.text());
            assert_eq!(answer.status, status, "{at}");
            assert_eq!(answer.body["success"], false, "{at}");
            match prefix {
                "/fail" => {
                    assert_eq!(answer.code(), code, "{at}");
                    assert_eq!(answer.body["data"], Value::Null, "{at}");
                    assert_eq!(answer.body["timestamp"], "2026-01-05T10:00:00Z", "{at}");
                    assert!(answer.body["error"]["details"].is_string(), "{at}");
                }
                "/api/fail" => {
                    assert!(answer.body["error"].is_string(), "{at}");
                    assert_eq!(answer.body.as_object().unwrap().len(), 2, "{at}");
                }
                _ => {
                    assert_eq!(answer.code(), v1_code, "{at}");
                    assert_eq!(answer.body["message"], answer.body["error"]["message"], "{at}");
                    let is_text = answer.body["error"]["details"].is_string();
                    assert_eq!(is_text, prefix.contains("stats"), "{at}");
                }
            }
        }
    }
}

#[tokio::test]
async fn details_name_the_field_and_what_was_wrong_with_it() {
    let world = World::new().await;
    let instance = instance(&world);
    let details = async |prefix: &str| {
        instance
            .send(&format!("GET {prefix}/invalid"), &[], "")
            .await
            .body["error"]["details"]
            .clone()
    };
    assert_eq!(details("/fail").await, "name: it is required");
    assert_eq!(details("/api/v1/stats/fail").await, "name: it is required");
    assert_eq!(
        details("/api/v1/config/fail").await,
        json!({ "name": "it is required" })
    );
    assert_eq!(details("/api/v1/fail").await, json!({ "name": "it is required" }));
    let dialer = instance.send("GET /api/fail/invalid", &[], "").await;
    assert!(
        dialer.body["error"]
            .as_str()
            .unwrap()
            .contains("name: it is required")
    );
}

#[tokio::test]
async fn a_fault_of_ours_tells_nothing_but_its_request_id() {
    let world = World::new().await;
    let instance = instance(&world);
    for what in ["internal", "panic"] {
        for prefix in PREFIXES {
            let answer = instance
                .send(
                    &format!("GET {prefix}/{what}"),
                    &["x-request-id: trace-42".to_owned()],
                    "",
                )
                .await;
            assert_eq!(answer.status, 500, "{prefix} {what}");
            assert!(!answer.text().contains("secret"), "{}", answer.text());
            assert!(answer.text().contains("trace-42"), "{}", answer.text());
            assert_eq!(answer.header("x-request-id"), "trace-42");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_dialect_of_their_prefix() {
    let world = World::new().await;
    let instance = instance(&world);
    let missing = instance.send("GET /nothing", &[], "").await;
    assert_eq!((missing.status, missing.code()), (404, "REQUEST_003"));
    let missing = instance.send("GET /api/nothing", &[], "").await;
    assert_eq!((missing.status, missing.body["error"].is_string()), (404, true));
    let missing = instance.send("POST /api/v1/nothing", &[], "").await;
    assert_eq!((missing.status, missing.code()), (404, "NOT_FOUND"));
    assert_eq!(missing.body["error"]["details"], json!({}));
    assert_eq!(
        instance.send("GET /Things", &[], "").await.status,
        404,
        "paths are case-sensitive"
    );

    let wrong = instance.send("PATCH /things", &[], "").await;
    assert_eq!((wrong.status, wrong.code()), (405, "REQUEST_004"));
    assert_eq!(wrong.header("allow"), "GET,HEAD,POST");
    let wrong = instance.send("GET /api/things", &[], "").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn checks_run_in_the_documented_order() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "order@example.com").await;
    // Method before token, token before body and record.
    assert_eq!(instance.json("PUT /things", "", json!({})).await.status, 405);
    assert_eq!(instance.json("POST /things", "", json!([])).await.status, 401);
    assert_eq!(instance.json("GET /things/42", "", Value::Null).await.status, 401);
    assert_eq!(
        instance.json("GET /things/42", &token, Value::Null).await.code(),
        "CAMPAIGN_001"
    );
    assert_eq!(instance.json("POST /things", &token, json!([])).await.status, 422);
    let bad = instance.json("GET /things", "not.a.token", Value::Null).await;
    assert_eq!(
        (bad.status, bad.code(), bad.header("www-authenticate")),
        (401, "AUTH_003", "Bearer")
    );
}
