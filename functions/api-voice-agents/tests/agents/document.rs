//! Each operation with the document's own example.

use serde_json::{Value, json};

use crate::{made, platform, support_agent};

const FIELDS: [&str; 16] = [
    "id",
    "user_id",
    "name",
    "description",
    "llm_provider",
    "llm_model",
    "stt_provider",
    "tts_provider",
    "system_prompt",
    "language",
    "voice_parameters",
    "greeting",
    "knowledge",
    "status",
    "created_at",
    "updated_at",
];

fn has_all_fields(agent: &Value) {
    for field in FIELDS {
        assert!(agent.get(field).is_some(), "no {field} in {agent}");
    }
}

#[tokio::test]
async fn an_agent_is_made_as_in_the_document_and_answered_whole() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let made = ada.post("/agents", support_agent()).await;
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""));
    let body = &made.body;
    assert_eq!(
        (&body["success"], &body["error"], &body["timestamp"]),
        (&json!(true), &Value::Null, &json!("2026-01-05T10:00:00Z"))
    );
    assert_eq!(body["message"], "Agent created successfully");
    has_all_fields(&body["data"]);
    for field in FIELDS {
        assert_eq!(body[field], body["data"][field], "{field} is at the top too");
    }
    for (field, value) in support_agent().as_object().unwrap() {
        if field != "voice_parameters" {
            assert_eq!(&body[field], value, "{field}");
        }
    }
    assert_eq!(body["voice_parameters"]["speed"].as_f64(), Some(1.0));
    assert_eq!(
        (&body["status"], &body["created_at"], &body["user_id"]),
        (
            &json!("active"),
            &json!("2026-01-05T10:00:00Z"),
            &json!(ada.who.user.to_string())
        )
    );
    for id in [made.id(), made.id().to_uppercase(), format!("{}/", made.id())] {
        let got = ada.get(&format!("/agents/{id}")).await;
        assert_eq!(got.status, 200, "ids are read in any case");
        for field in FIELDS.into_iter().filter(|field| *field != "voice_parameters") {
            assert_eq!(got.body["data"][field], body["data"][field], "{field}");
        }
        // 1.0 and 1 are one number to JSON.
        assert_eq!(got.body["voice_parameters"]["speed"].as_f64(), Some(1.0));
        assert_eq!(got.body["voice_parameters"]["voice_id"], "english_male");
    }
}

#[tokio::test]
async fn a_change_names_what_changes_and_null_clears() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    platform.world.clock.turn(chrono::Duration::seconds(300));
    let change = json!({ "name": "Updated Name", "system_prompt": "New system prompt here", "unknown": [1] });
    let changed = ada.put(&format!("/agents/{id}"), change).await;
    assert_eq!(changed.status, 200);
    assert_eq!(
        (&changed.body["name"], &changed.body["updated_at"]),
        (&json!("Updated Name"), &json!("2026-01-05T10:05:00Z"))
    );
    assert_eq!(changed.body["created_at"], "2026-01-05T10:00:00Z");
    assert_eq!(changed.body["llm_model"], "gpt-4", "what is absent stays");
    let cleared =
        json!({ "description": null, "voice_parameters": null, "language": null, "status": "inactive" });
    let cleared = ada.put(&format!("/agents/{id}"), cleared).await;
    assert_eq!(
        (&cleared.body["description"], &cleared.body["voice_parameters"]),
        (&Value::Null, &json!({}))
    );
    assert_eq!(
        (&cleared.body["language"], &cleared.body["status"]),
        (&json!("en"), &json!("inactive"))
    );
    assert_eq!(cleared.header("etag"), "\"3\"");
}

#[tokio::test]
async fn an_agent_is_deleted_once() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    let gone = ada.delete(&format!("/agents/{id}")).await;
    assert_eq!((gone.status, gone.bytes.len()), (204, 0));
    for again in [
        ada.delete(&format!("/agents/{id}")).await,
        ada.get(&format!("/agents/{id}")).await,
    ] {
        assert_eq!((again.status, again.code()), (404, "AGENT_001"));
    }
    made(&ada, support_agent()).await;
}

#[tokio::test]
async fn the_configuration_says_what_speaks_and_no_secret() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let mut agent = support_agent();
    agent["voice_parameters"]["api_key"] = json!("sk-abcdefghijklmnop");
    agent["voice_parameters"]["nested"] = json!([{ "Authorization-Token": "short" }]);
    let id = made(&ada, agent).await;
    let config = ada.get(&format!("/agents/{id}/config")).await;
    assert_eq!(config.status, 200);
    let body = &config.body["data"];
    assert_eq!(body["agent_id"], json!(id));
    assert_eq!(body["llm"], json!({ "provider": "openai", "model": "gpt-4" }));
    assert_eq!(body["stt"]["provider"], "deepgram");
    assert_eq!(body["tts"]["provider"], "cartesia");
    assert_eq!(body["language"], "en");
    assert!(body["system_prompt"].as_str().unwrap().starts_with("You are"));
    for part in ["llm", "stt", "tts"] {
        let part = &body["effective"][part];
        assert_eq!(
            part["provider"], "builtin",
            "without a key the built-in one speaks"
        );
        assert!(part["reason"].as_str().unwrap().contains("no key"), "{part}");
    }
    assert!(!config.text().contains("sk-abcdefghijklmnop") && !config.text().contains("\"short\""));
    assert_eq!(body["voice_parameters"]["voice_id"], "english_male");
}

#[tokio::test]
async fn a_copy_has_all_but_the_name() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    let copy = ada.post(&format!("/agents/{id}/clone"), json!({})).await;
    assert_eq!(copy.status, 201);
    assert_eq!(copy.body["name"], "Support Agent (copy)");
    assert_eq!(copy.body["message"], "Agent cloned successfully");
    assert_ne!(copy.id(), id);
    for field in ["llm_model", "system_prompt", "voice_parameters", "description"] {
        let original = ada.get(&format!("/agents/{id}")).await;
        assert_eq!(copy.body[field], original.body[field], "{field}");
    }
    let again = ada.post(&format!("/agents/{id}/clone"), json!({})).await;
    assert_eq!((again.status, again.code()), (409, "AGENT_002"));
    let named = ada
        .post(&format!("/agents/{id}/clone"), json!({ "name": "Night shift" }))
        .await;
    assert_eq!((named.status, &named.body["name"]), (201, &json!("Night shift")));
    let long = made(&ada, json!({ "name": "é".repeat(200) })).await;
    let copy = ada.post(&format!("/agents/{long}/clone"), json!({})).await;
    assert_eq!(copy.status, 201, "{copy:?}");
    assert!(copy.body["name"].as_str().unwrap().ends_with("é (copy)"));
}

#[tokio::test]
async fn an_agents_campaigns_are_the_ordinary_list() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let (sales, other) = (
        made(&ada, support_agent()).await,
        made(&ada, json!({ "name": "Other" })).await,
    );
    for (name, agent) in [("One", &sales), ("Two", &sales), ("Three", &other)] {
        let campaign = json!({ "name": name, "agent_id": agent });
        assert_eq!(ada.post("/campaigns", campaign).await.status, 201);
        platform.world.clock.turn(chrono::Duration::seconds(1));
    }
    let list = ada
        .get(&format!("/agents/{sales}/campaigns?sort=name&limit=1"))
        .await;
    assert_eq!((list.status, &list.body["total"]), (200, &json!(2)));
    assert_eq!(list.column("name"), ["One"]);
    let all = ada.get(&format!("/agents/{sales}/campaigns")).await;
    assert_eq!(all.column("name"), ["Two", "One"], "newest first");
    let drafts = ada.get(&format!("/agents/{sales}/campaigns?status=active")).await;
    assert_eq!(drafts.body["items"], json!([]));
    let unknown = ada
        .get(&format!("/agents/{}/campaigns", trunkline_testing::NO_ID))
        .await;
    assert_eq!((unknown.status, unknown.code()), (404, "AGENT_001"));
}

#[tokio::test]
async fn every_operation_is_in_the_openapi_document_with_its_errors() {
    let platform = platform().await;
    for (method, path, status) in [
        ("get", "/agents", "200"),
        ("post", "/agents", "201"),
        ("get", "/agents/{agent_id}", "200"),
        ("put", "/agents/{agent_id}", "200"),
        ("delete", "/agents/{agent_id}", "204"),
        ("get", "/agents/{agent_id}/config", "200"),
        ("post", "/agents/{agent_id}/clone", "201"),
        ("get", "/agents/{agent_id}/campaigns", "200"),
    ] {
        let operation = &platform.document["paths"][path][method];
        let responses = &operation["responses"];
        assert!(responses.get(status).is_some(), "{method} {path}: {operation}");
        assert!(
            responses.as_object().unwrap().len() > 1,
            "{method} {path} has no errors"
        );
    }
}
