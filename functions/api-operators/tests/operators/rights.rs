//! Who may see and change whom.

use serde_json::json;
use trunkline_domain::Role;

use crate::{hire, john, platform};

#[tokio::test]
async fn an_agent_sees_itself_and_sets_its_own_status_only() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let own = hire(&manager, john()).await;
    let jane = json!({"name": "Jane", "phone": "+14155554444"});
    let other = hire(&manager, jane).await;
    let john = platform.colleague(&manager, "john", Role::Agent).await;
    let listed = john.get("/api/agents").await;
    assert_eq!(
        (&listed.body["total"], &listed.body["agents"][0]["id"]),
        (&json!(1), &json!(own))
    );
    let available = json!({"status": "available"});
    let set = john
        .put(&format!("/api/agents/{own}/status"), available.clone())
        .await;
    assert_eq!(set.status, 200, "{}", set.body);
    let theirs = john
        .put(&format!("/api/agents/{other}/status"), available.clone())
        .await;
    assert_eq!(theirs.status, 404, "{}", theirs.body);
    for refused in [
        john.post("/api/agents", json!({})).await,
        john.put(&format!("/api/agents/{own}"), json!({"max_concurrent_calls": 5}))
            .await,
        john.delete(&format!("/api/agents/{own}")).await,
        john.get("/api/agent-groups").await,
    ] {
        assert_eq!(refused.status, 403, "{}", refused.body);
    }
    let user = platform.colleague(&manager, "eve", Role::User).await;
    let not_hers = user.put(&format!("/api/agents/{own}/status"), available).await;
    assert_eq!(not_hers.status, 403, "{}", not_hers.body);
    assert_eq!(user.get("/api/agents").await.body["total"], 2);
}

#[tokio::test]
async fn another_tenants_agents_and_groups_are_not_there() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    let group = manager.get(&format!("/api/agents/{id}")).await.body["agent"]["agent_group_id"].clone();
    let group = group.as_str().unwrap();
    let other = platform.manager("bob").await;
    for path in [
        format!("/api/agents/{id}"),
        format!("/api/agents/{id}/stats"),
        format!("/api/agent-groups/{group}"),
    ] {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(other.delete(&format!("/api/agents/{id}")).await.status, 404);
    assert_eq!(other.get("/api/agents").await.body["total"], 0);
    let into = json!({"name": "Mallory", "phone": "+14155556666", "agent_group_id": group});
    assert_eq!(other.post("/api/agents", into).await.status, 400);
}
