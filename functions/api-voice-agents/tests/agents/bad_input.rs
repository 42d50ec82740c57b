//! Bodies and ids that are wrong: each a clear error, nothing half done.

use serde_json::{Value, json};
use trunkline_testing::{NO_ID, NOT_IDS};

use crate::{made, platform, support_agent};

/// A wrong field, and the field that the error names.
fn wrong_fields() -> Vec<(Value, &'static str)> {
    let deep = (0..20).fold(json!(1), |inner, _| json!({ "a": inner }));
    vec![
        (json!({ "name": "" }), "name"),
        (json!({ "name": " \t " }), "name"),
        (json!({ "name": 5 }), "name"),
        (json!({ "name": ["a"] }), "name"),
        (json!({ "name": "x".repeat(201) }), "name"),
        (json!({ "name": "a\u{0}b" }), "name"),
        (json!({ "name": "a\r\nSet-Cookie: x" }), "name"),
        (json!({ "name": "A", "description": {} }), "description"),
        (
            json!({ "name": "A", "description": "x".repeat(2_001) }),
            "description",
        ),
        (
            json!({ "name": "A", "llm_provider": "x".repeat(65) }),
            "llm_provider",
        ),
        (json!({ "name": "A", "llm_model": true }), "llm_model"),
        (json!({ "name": "A", "stt_provider": 1.5 }), "stt_provider"),
        (json!({ "name": "A", "tts_provider": [] }), "tts_provider"),
        (
            json!({ "name": "A", "system_prompt": "x".repeat(32_001) }),
            "system_prompt",
        ),
        (json!({ "name": "A", "language": "english language" }), "language"),
        (json!({ "name": "A", "language": "" }), "language"),
        (json!({ "name": "A", "greeting": "x".repeat(1_001) }), "greeting"),
        (json!({ "name": "A", "knowledge": "text" }), "knowledge"),
        (json!({ "name": "A", "knowledge": [1] }), "knowledge[0]"),
        (json!({ "name": "A", "knowledge": vec![""; 1_001] }), "knowledge"),
        (
            json!({ "name": "A", "knowledge": ["x".repeat(60_001)] }),
            "knowledge",
        ),
        (json!({ "name": "A", "status": "retired" }), "status"),
        (json!({ "name": "A", "status": 1 }), "status"),
        (json!({ "name": "A", "voice_parameters": [] }), "voice_parameters"),
        (
            json!({ "name": "A", "voice_parameters": { "p": deep } }),
            "voice_parameters.p",
        ),
        (
            json!({ "name": "A", "voice_parameters": { "p": 1e300 } }),
            "voice_parameters.p",
        ),
        (
            json!({ "name": "A", "voice_parameters": { "": 1 } }),
            "voice_parameters",
        ),
        (
            json!({ "name": "A", "voice_parameters": { "p": "x".repeat(16_001) } }),
            "voice_parameters",
        ),
    ]
}

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_is_made() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let missing = ada.post("/agents", json!({})).await;
    assert_eq!((missing.status, missing.code()), (422, "REQUEST_002"));
    assert!(missing.details().starts_with("name: "), "{}", missing.details());
    for (body, field) in wrong_fields() {
        let wrong = ada.post("/agents", body).await;
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
        assert_eq!(wrong.body["data"], Value::Null);
    }
    assert_eq!(ada.get("/agents").await.body["total"], 0);
}

#[tokio::test]
async fn a_wrong_change_is_told_before_the_record_is_looked_for_and_changes_nothing() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    let before = ada.get(&format!("/agents/{id}")).await.body["data"].clone();
    for (body, field) in wrong_fields() {
        for id in [id.as_str(), NO_ID] {
            let wrong = ada.put(&format!("/agents/{id}"), body.clone()).await;
            assert_eq!(wrong.status, 422, "{field} of {id}: {wrong:?}");
        }
    }
    let nameless = ada.put(&format!("/agents/{id}"), json!({ "name": null })).await;
    assert_eq!(nameless.status, 422);
    assert_eq!(ada.get(&format!("/agents/{id}")).await.body["data"], before);
    let absent = ada
        .put(&format!("/agents/{NO_ID}"), json!({ "name": "Fine" }))
        .await;
    assert_eq!((absent.status, absent.code()), (404, "AGENT_001"));
}

#[tokio::test]
async fn several_wrong_fields_are_told_at_once() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let body = json!({ "language": "??", "greeting": "x".repeat(1_001), "llm_model": "x".repeat(129) });
    let wrong = ada.post("/agents", body).await;
    for field in ["name: ", "language: ", "greeting: ", "llm_model: "] {
        assert!(wrong.details().contains(field), "{field} {}", wrong.details());
    }
}

#[tokio::test]
async fn what_is_at_the_limit_passes() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let body = json!({
        "name": "😀".repeat(200),
        "description": "😀".repeat(2_000),
        "system_prompt": "😀".repeat(32_000),
        "greeting": "😀".repeat(1_000),
        "knowledge": ["😀".repeat(60_000)],
        "language": "zh-Hans-CN",
        "voice_parameters": { "p": "x".repeat(15_990) },
    });
    let made = ada.post("/agents", body).await;
    assert_eq!(made.status, 201, "{} {}", made.status, made.details());
    let got = ada.get(&format!("/agents/{}", made.id())).await;
    assert_eq!(got.body["knowledge"][0].as_str().unwrap().chars().count(), 60_000);
}

#[tokio::test]
async fn what_is_no_json_is_told_so() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    for ask in [
        "POST /agents".to_owned(),
        format!("PUT /agents/{id}"),
        format!("POST /agents/{id}/clone"),
    ] {
        for (body, headers, status) in [
            (b"{".to_vec(), &[][..], 400),
            (b"name=Sales".to_vec(), &[], 400),
            (b"{\"name\": \"\xff\xfe\"}".to_vec(), &[], 400),
            ("{\"a\":".repeat(200).into_bytes(), &[], 400),
            (b"[]".to_vec(), &[], 422),
            (b"{\"name\": \"A\", \"name\": \"B\"}".to_vec(), &[], 422),
            (b"{}".to_vec(), &["content-type: text/plain"], 415),
            (b"{}".to_vec(), &["content-encoding: gzip"], 415),
            (vec![b' '; 1_048_577], &[], 413),
            (b"{}".to_vec(), &["content-length: 52428800"], 413),
        ] {
            let wrong = ada.send(&ask, headers, body).await;
            assert_eq!(wrong.status, status, "{ask}: {wrong:?}");
            assert_eq!(wrong.body["success"], false);
        }
    }
    assert_eq!(ada.get("/agents").await.body["total"], 1);
}

#[tokio::test]
async fn what_is_no_id_is_no_agent() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for id in NOT_IDS.into_iter().chain([NO_ID]) {
        for (method, rest) in [
            ("GET", ""),
            ("PUT", ""),
            ("DELETE", ""),
            ("GET", "/config"),
            ("POST", "/clone"),
            ("GET", "/campaigns"),
        ] {
            let refused = ada.send(&format!("{method} /agents/{id}{rest}"), &[], "{}").await;
            assert_eq!(refused.status, 404, "{method} {id}{rest}: {refused:?}");
        }
    }
    let wrong = ada.send("PATCH /agents", &[], "{}").await;
    assert_eq!(
        (wrong.status, wrong.code(), wrong.header("allow")),
        (405, "REQUEST_004", "GET,HEAD,POST")
    );
}
