//! What an admin may get wrong.

use serde_json::json;
use trunkline_testing::{NO_ID, NOT_IDS};

use crate::{admin, platform};

#[tokio::test]
async fn what_is_no_id_names_nobody() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    for id in NOT_IDS.iter().chain(&[NO_ID]) {
        for verb in ["activate", "deactivate"] {
            let answer = root.post(&format!("/admin/users/{id}/{verb}"), json!({})).await;
            assert_eq!(answer.status, 404, "{id} {answer:?}");
        }
    }
    for ask in [
        "GET /admin/system/maintenance",
        "DELETE /admin/logs",
        "POST /admin/users",
    ] {
        let answer = root.send(ask, &[], "{}").await;
        assert_eq!((answer.status, answer.code()), (405, "REQUEST_004"), "{ask}");
    }
    assert_eq!(root.get("/admin").await.code(), "REQUEST_003");
}

#[tokio::test]
async fn a_wrong_switch_switches_nothing() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    for (body, field) in [
        (json!({ "enabled": "on" }), "enabled"),
        (json!({ "enabled": 1 }), "enabled"),
        (json!({ "message": 5 }), "message"),
        (json!({ "message": "x".repeat(501) }), "message"),
        (json!(["on"]), "body"),
    ] {
        let wrong = root.post("/admin/system/maintenance", body.clone()).await;
        assert_eq!((wrong.status, wrong.code()), (422, "REQUEST_002"), "{body}");
        assert!(wrong.details().starts_with(&format!("{field}: ")), "{wrong:?}");
    }
    let malformed = root
        .send("POST /admin/system/maintenance", &[], "{\"enabled\": tru")
        .await;
    assert_eq!((malformed.status, malformed.code()), (400, "REQUEST_001"));
    let kind = ["content-type: text/plain"];
    assert_eq!(
        root.send("POST /admin/system/maintenance", &kind, "x")
            .await
            .status,
        415
    );
    assert_eq!(boss.get("/auth/me").await.status, 200);
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    for list in ["/admin/users", "/admin/logs"] {
        for (query, status) in [
            ("limit=0", 422),
            ("limit=101", 422),
            ("skip=-1", 422),
            ("skip=10001", 422),
            ("limit=1.5", 400),
            ("cursor=nonsense", 422),
            ("cursor=2026-01-05T10:00:00.000Z~42", 422),
            ("tenant_id=42", 422),
        ] {
            let answer = root.get(&format!("{list}?{query}")).await;
            assert_eq!(answer.status, status, "{list}?{query} {answer:?}");
        }
    }
    for (query, status) in [
        ("start_date=yesterday", 422),
        ("start_date=2026-02-01&end_date=2026-01-01", 422),
        ("target_id=x", 422),
        ("timezone=Mars/Olympus", 422),
        ("action=%27%20OR%201=1", 200),
    ] {
        assert_eq!(
            root.get(&format!("/admin/logs?{query}")).await.status,
            status,
            "{query}"
        );
    }
}
