//! What the document shows.

use serde_json::{Value, json};
use trunkline_testing::NO_ID;

use crate::{hire, john, platform};

#[tokio::test]
async fn an_agent_is_made_as_the_document_shows() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let made = manager.post("/api/agents", john()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["success"], true);
    let agent = &made.body["agent"];
    assert_eq!(agent["tenant_id"], json!(manager.who.tenant.0));
    assert_eq!(agent["user_id"], Value::Null);
    assert_eq!(agent["status"], "offline");
    assert_eq!(
        (
            &agent["max_concurrent_calls"],
            &agent["current_calls"],
            &agent["total_calls_handled"]
        ),
        (&json!(2), &json!(0), &json!(0))
    );
    assert_eq!(agent["working_hours"], john()["working_hours"]);
    assert_eq!(agent["timezone"], "America/Los_Angeles");
    assert!(agent["agent_group_id"].is_string(), "an agent always has a group");
    assert_eq!(agent["last_active_at"], Value::Null);
    let id = agent["id"].as_str().unwrap();
    let read = manager.get(&format!("/api/agents/{id}")).await;
    assert_eq!(read.body["agent"], *agent);
}

#[tokio::test]
async fn agents_are_listed_by_status_and_group() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let sales = manager.post("/api/agent-groups", json!({"name": "Sales"})).await;
    let sales = sales.body["agent_group"]["id"].clone();
    let john = hire(&manager, john()).await;
    platform.world.clock.turn(chrono::Duration::seconds(1));
    let jane = json!({"name": "Jane Roe", "phone": "+14155554444", "agent_group_id": sales});
    let jane = hire(&manager, jane).await;
    let ids = async |query: &str| {
        let found = manager.get(&format!("/api/agents{query}")).await;
        let agents = found.body["agents"].as_array().unwrap().clone();
        assert_eq!(found.body["count"], agents.len());
        agents
            .iter()
            .map(|agent| agent["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [jane.clone(), john.clone()]);
    assert_eq!(
        ids("?status=offline&limit=1&offset=1").await,
        std::slice::from_ref(&john)
    );
    assert_eq!(ids("?status=available").await, [""; 0]);
    assert_eq!(
        ids(&format!("?agent_group_id={}", sales.as_str().unwrap())).await,
        [jane]
    );
    assert_eq!(ids("?search=john").await, [john]);
}

#[tokio::test]
async fn a_status_is_set_and_shown() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    for status in ["available", "busy", "break", "offline"] {
        let set = manager
            .put(&format!("/api/agents/{id}/status"), json!({"status": status}))
            .await;
        assert_eq!((set.status, &set.body["agent"]["status"]), (200, &json!(status)));
        assert!(set.body["agent"]["last_active_at"].is_string());
    }
}

#[tokio::test]
async fn statistics_of_an_agent_who_has_not_talked_are_zero() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    for query in ["", "?date_from=2024-01-01&date_to=2024-01-31"] {
        let found = manager.get(&format!("/api/agents/{id}/stats{query}")).await;
        assert_eq!(found.status, 200, "{}", found.body);
        assert_eq!(found.body["agent"]["id"], json!(id));
        let none = json!({"total_calls": 0, "answered_calls": 0, "avg_talk_time": 0.0, "total_talk_time": 0});
        assert_eq!(found.body["stats"], none);
    }
}

#[tokio::test]
async fn an_agent_is_changed_in_part_and_deleted_once() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    let path = format!("/api/agents/{id}");
    let change = json!({"phone": "+442079460018", "working_hours": null, "is_active": false});
    let changed = manager.put(&path, change).await;
    let agent = &changed.body["agent"];
    assert_eq!(
        (&agent["name"], &agent["email"], &agent["working_hours"]),
        (&json!("John Doe"), &json!("john@example.com"), &Value::Null)
    );
    assert_eq!(
        (&agent["timezone"], &agent["is_active"]),
        (&json!("Europe/London"), &json!(false)),
        "a zone that nobody named goes with the number"
    );
    assert_eq!(manager.delete(&path).await.status, 200);
    assert_eq!(manager.delete(&path).await.status, 404);
    assert_eq!(manager.get(&path).await.status, 404);
    assert_eq!(manager.get(&format!("/api/agents/{NO_ID}")).await.status, 404);
    // The address is free again.
    hire(&manager, john()).await;
}

#[tokio::test]
async fn the_user_with_the_same_address_is_the_agent() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    let john = platform
        .colleague(&manager, "john", trunkline_domain::Role::Agent)
        .await;
    let path = format!("/api/agents/{id}");
    assert_eq!(
        manager.get(&path).await.body["agent"]["user_id"],
        json!(john.who.user.0)
    );
    let listed = manager.get("/api/agents").await;
    assert_eq!(listed.body["agents"][0]["user_id"], json!(john.who.user.0));
}
