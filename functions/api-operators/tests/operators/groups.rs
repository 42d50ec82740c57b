//! Groups, and who is in them.

use serde_json::{Value, json};

use crate::{hire, john, platform};

#[tokio::test]
async fn a_group_is_made_changed_and_deleted() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let body = json!({"name": "Sales", "description": "Calls about offers"});
    let made = manager.post("/api/agent-groups", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!(
        "/api/agent-groups/{}",
        made.body["agent_group"]["id"].as_str().unwrap()
    );
    let changed = manager
        .put(&path, json!({"name": "Support", "description": null}))
        .await;
    assert_eq!(
        (
            &changed.body["agent_group"]["name"],
            &changed.body["agent_group"]["description"]
        ),
        (&json!("Support"), &Value::Null)
    );
    let listed = manager.get("/api/agent-groups").await;
    assert_eq!(listed.body["count"], 1);
    assert_eq!(listed.body["agent_groups"][0]["name"], "Support");
    assert_eq!(manager.delete(&path).await.status, 200);
    assert_eq!(manager.get(&path).await.status, 404);
    // The old names are free again.
    for name in ["sales", "support"] {
        let again = manager.post("/api/agent-groups", json!({"name": name})).await;
        assert_eq!(again.status, 201, "{}", again.body);
    }
}

#[tokio::test]
async fn a_name_is_taken_in_any_case() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    manager.post("/api/agent-groups", json!({"name": "Sales"})).await;
    let second = manager.post("/api/agent-groups", json!({"name": "SALES "})).await;
    assert_eq!(second.status, 409, "{}", second.body);
    let other = platform.manager("bob").await;
    let theirs = other.post("/api/agent-groups", json!({"name": "Sales"})).await;
    assert_eq!(theirs.status, 201, "another tenant's names are its own");
}

#[tokio::test]
async fn a_group_with_people_in_it_stays() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    let agent = manager.get(&format!("/api/agents/{id}")).await;
    let default = agent.body["agent"]["agent_group_id"].as_str().unwrap().to_owned();
    let path = format!("/api/agent-groups/{default}");
    let refused = manager.delete(&path).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.body["error"].as_str().unwrap().contains("1 agents"),
        "{}",
        refused.body
    );

    let sales = manager.post("/api/agent-groups", json!({"name": "Sales"})).await;
    let sales = sales.body["agent_group"]["id"].clone();
    manager
        .put(&format!("/api/agents/{id}"), json!({"agent_group_id": sales}))
        .await;
    assert_eq!(manager.get(&path).await.body["agent_group"]["agent_count"], 0);
    assert_eq!(manager.delete(&path).await.status, 200);
    // Who is given none joins the default group, which is made anew.
    let jane = json!({"name": "Jane", "phone": "+14155554444"});
    hire(&manager, jane).await;
    assert_eq!(manager.get(&path).await.body["agent_group"]["agent_count"], 1);
}

#[tokio::test]
async fn a_tenants_own_group_of_that_name_is_the_default_one() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let made = manager
        .post("/api/agent-groups", json!({"name": "default"}))
        .await;
    let id = hire(&manager, john()).await;
    let agent = manager.get(&format!("/api/agents/{id}")).await;
    assert_eq!(
        agent.body["agent"]["agent_group_id"],
        made.body["agent_group"]["id"]
    );
}
