//! Names, versions, tenants, roles, and what a live campaign holds.

use serde_json::json;
use trunkline_domain::Role;

use crate::{made, platform, support_agent};

#[tokio::test]
async fn a_name_is_one_agents_in_any_case() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    made(&ada, support_agent()).await;
    let other = made(&ada, json!({ "name": "Straße" })).await;
    for name in ["Support Agent", "SUPPORT agent", "  support agent  "] {
        let again = ada.post("/agents", json!({ "name": name })).await;
        assert_eq!((again.status, again.code()), (409, "AGENT_002"), "{name}");
        let renamed = ada
            .put(&format!("/agents/{other}"), json!({ "name": name }))
            .await;
        assert_eq!((renamed.status, renamed.code()), (409, "AGENT_002"), "{name}");
    }
    let same = ada
        .put(&format!("/agents/{other}"), json!({ "name": "STRAßE" }))
        .await;
    assert_eq!(
        same.status, 200,
        "its own name in another case is its own: {same:?}"
    );
    let moved = ada
        .put(&format!("/agents/{other}"), json!({ "name": "Another" }))
        .await;
    assert_eq!(moved.status, 200);
    made(&ada, json!({ "name": "straße" })).await;
    let bob = platform.manager("bob").await;
    made(&bob, support_agent()).await;
}

#[tokio::test]
async fn two_editors_do_not_overwrite_one_another() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    let path = format!("/agents/{id}");
    let tag = ada.get(&path).await.header("etag").to_owned();
    let first = ada.put_if(&path, &tag, json!({ "description": "first" })).await;
    assert_eq!(first.status, 200);
    for stale in [tag.as_str(), "\"99\"", "nonsense", "\"\u{e9}\""] {
        let second = ada.put_if(&path, stale, json!({ "description": "second" })).await;
        assert_eq!(second.status, 409, "{stale}");
        assert!(
            second.text().contains("\\\"2\\\""),
            "it says the ETag now: {}",
            second.text()
        );
    }
    assert_eq!(ada.get(&path).await.body["description"], "first");
    let fresh = ada
        .put_if(&path, first.header("etag"), json!({ "description": "third" }))
        .await;
    assert_eq!(fresh.status, 200);
    assert_eq!(ada.put_if(&path, "*", json!({})).await.status, 200);
    let delete = format!("DELETE {path}");
    assert_eq!(ada.send(&delete, &["if-match: \"1\""], "").await.status, 409);
    assert_eq!(ada.send(&delete, &["if-match: \"4\""], "").await.status, 204);
}

#[tokio::test]
async fn another_tenants_agent_is_not_there() {
    let platform = platform().await;
    let (ada, bob) = (platform.manager("ada").await, platform.manager("bob").await);
    let id = made(&ada, support_agent()).await;
    for (method, path, body) in [
        ("GET", format!("/agents/{id}"), json!({})),
        ("PUT", format!("/agents/{id}"), json!({ "name": "Mine" })),
        ("DELETE", format!("/agents/{id}"), json!({})),
        ("GET", format!("/agents/{id}/config"), json!({})),
        ("POST", format!("/agents/{id}/clone"), json!({ "name": "Mine" })),
        ("GET", format!("/agents/{id}/campaigns"), json!({})),
    ] {
        let refused = bob.send(&format!("{method} {path}"), &[], body.to_string()).await;
        assert_eq!(
            (refused.status, refused.code()),
            (404, "AGENT_001"),
            "{method} {path}"
        );
    }
    assert_eq!(
        ada.get(&format!("/agents/{id}")).await.body["name"],
        "Support Agent"
    );
    assert_eq!(bob.get("/agents").await.body["total"], 0);
}

#[tokio::test]
async fn every_operation_needs_a_users_token() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let operator = platform.colleague(&ada, "olga", Role::Agent).await;
    let nobody = platform.nobody(&ada);
    let id = made(&ada, support_agent()).await;
    for ask in [
        "GET /agents".to_owned(),
        "POST /agents".to_owned(),
        format!("GET /agents/{id}"),
        format!("PUT /agents/{id}"),
        format!("DELETE /agents/{id}"),
        format!("GET /agents/{id}/config"),
        format!("POST /agents/{id}/clone"),
        format!("GET /agents/{id}/campaigns"),
    ] {
        // The token is asked for before the body is read.
        let refused = nobody.send(&ask, &[], "no json").await;
        assert_eq!((refused.status, refused.code()), (401, "AUTH_003"), "{ask}");
        let refused = operator.send(&ask, &[], "no json").await;
        assert_eq!((refused.status, refused.code()), (403, "AUTH_004"), "{ask}");
    }
    let colleague = platform.colleague(&ada, "carl", Role::User).await;
    assert_eq!(
        colleague.get(&format!("/agents/{id}")).await.status,
        200,
        "of the same tenant"
    );
}

#[tokio::test]
async fn an_agent_that_a_live_campaign_uses_stays() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, support_agent()).await;
    let campaign = json!({ "name": "Spring", "agent_id": id, "phone_numbers": ["+1234567890"] });
    let campaign = ada.post("/campaigns", campaign).await.id();
    let launched = ada
        .post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    assert_eq!(launched.status, 200, "{launched:?}");
    let held = ada.delete(&format!("/agents/{id}")).await;
    assert_eq!((held.status, held.code()), (409, "AGENT_002"));
    assert!(
        held.details().contains("active campaign `Spring`"),
        "{}",
        held.details()
    );
    assert_eq!(
        ada.post(&format!("/campaigns/{campaign}/pause"), json!({}))
            .await
            .status,
        200
    );
    assert_eq!(
        ada.delete(&format!("/agents/{id}")).await.status,
        409,
        "a paused one is live"
    );
    assert_eq!(
        ada.post(&format!("/campaigns/{campaign}/stop"), json!({}))
            .await
            .status,
        200
    );
    assert_eq!(ada.delete(&format!("/agents/{id}")).await.status, 204);
}

#[tokio::test]
async fn a_repeated_create_with_its_key_makes_one() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let key = ["idempotency-key: one"];
    let first = ada.send("POST /agents", &key, support_agent().to_string()).await;
    let again = ada.send("POST /agents", &key, support_agent().to_string()).await;
    assert_eq!((again.status, again.id()), (201, first.id()));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = ada.send("POST /agents", &key, "{\"name\": \"Else\"}").await;
    assert_eq!(other.status, 422);
    assert_eq!(ada.get("/agents").await.body["total"], 1);
}
