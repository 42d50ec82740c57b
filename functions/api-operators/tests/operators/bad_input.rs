//! What is wrong is named by its field, and nothing is made of it.

use serde_json::{Value, json};
use trunkline_testing::{NO_ID, NOT_IDS};

use crate::{hire, john, platform};

fn with(field: &str, value: &Value) -> Value {
    let mut body = john();
    body[field] = value.clone();
    body
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let wrong = [
        ("name", json!(null)),
        ("name", json!("x".repeat(201))),
        ("phone", json!("555")),
        ("phone", json!(null)),
        ("email", json!("nobody")),
        ("agent_group_id", json!(NO_ID)),
        ("max_concurrent_calls", json!(0)),
        ("max_concurrent_calls", json!(11)),
        (
            "working_hours",
            json!({"funday": {"start": "09:00", "end": "17:00"}}),
        ),
        (
            "working_hours",
            json!({"monday": {"start": "9 am", "end": "17:00"}}),
        ),
        ("timezone", json!("Mars/Olympus")),
    ];
    for (field, value) in wrong {
        let refused = manager.post("/api/agents", with(field, &value)).await;
        assert_eq!(refused.status, 400, "{field} {value}: {}", refused.body);
        assert!(
            refused.body["error"].as_str().unwrap().contains(field),
            "{}",
            refused.body
        );
    }
    assert_eq!(manager.get("/api/agents").await.body["total"], 0);
}

#[tokio::test]
async fn an_address_is_one_agents_only() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    hire(&manager, john()).await;
    let second = manager
        .post("/api/agents", with("email", &json!("JOHN@example.com")))
        .await;
    assert_eq!(second.status, 409, "{}", second.body);
    let jane = hire(&manager, with("email", &json!("jane@example.com"))).await;
    let change = json!({"email": "john@example.com"});
    assert_eq!(
        manager.put(&format!("/api/agents/{jane}"), change).await.status,
        409
    );
}

#[tokio::test]
async fn a_status_that_is_none_says_which_there_are() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    let path = format!("/api/agents/{id}/status");
    let refused = manager.put(&path, json!({"status": "asleep"})).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["error"]
            .as_str()
            .unwrap()
            .contains("available, busy, offline, break"),
        "{}",
        refused.body
    );
    assert_eq!(manager.put(&path, json!({})).await.status, 400);
    assert_eq!(manager.get("/api/agents?status=asleep").await.status, 400);
}

#[tokio::test]
async fn what_is_no_id_is_not_found() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    for id in NOT_IDS {
        for path in ["/api/agents", "/api/agent-groups"] {
            let found = manager.get(&format!("{path}/{id}")).await;
            assert_eq!(found.status, 404, "{path}/{id}");
        }
    }
}

#[tokio::test]
async fn a_stale_change_is_refused() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    let path = format!("/api/agents/{id}");
    manager.put(&path, json!({"name": "Johnny"})).await;
    let stale = manager.put_if(&path, "\"1\"", json!({"name": "Jack"})).await;
    assert_eq!(stale.status, 409, "{}", stale.body);
}
