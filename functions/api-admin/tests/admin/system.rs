//! How much there is, and how its parts are.

use chrono::Duration;
use serde_json::json;
use trunkline_domain::Role;
use trunkline_testing::call;

use crate::{admin, platform};

#[tokio::test]
async fn stats_are_those_of_all_tenants_and_say_when_they_were_summed() {
    let platform = platform().await;
    let (ann, bob) = (platform.manager("ann").await, platform.manager("bob").await);
    platform.colleague(&ann, "carl", Role::User).await;
    let root = admin(&platform, &ann).await;
    for who in [&ann, &bob] {
        let agent = who
            .post("/agents", json!({ "name": "A", "system_prompt": "Help." }))
            .await;
        assert_eq!(agent.status, 201, "{agent:?}");
        platform
            .put_call(&call(who, &platform.ctx, platform.ctx.now()))
            .await;
    }
    let campaign = ann
        .post(
            "/campaigns",
            json!({ "name": "C", "phone_numbers": ["+14155550100"] }),
        )
        .await;
    assert_eq!(campaign.status, 201, "{campaign:?}");
    let stats = root.get("/admin/system/stats").await;
    assert_eq!(stats.status, 200, "{stats:?}");
    let expected = json!({
        "tenants": 3, "users": 4, "agents": 2, "campaigns": 1,
        "calls": {
            "total_calls": 2, "completed_calls": 2, "failed_calls": 0, "voicemail": 0, "no_answer": 0, "busy": 0,
            "cancelled": 0, "total_duration_seconds": 180, "total_cost": 0.0,
        },
        "as_of": "2026-01-05T10:00:00Z", "uptime_seconds": 0, "version": env!("CARGO_PKG_VERSION"),
    });
    assert_eq!(stats.body["data"], expected);
    // Users are counted as they come; the rest is summed again after a minute.
    platform.manager("dora").await;
    let more = bob
        .post("/agents", json!({ "name": "B", "system_prompt": "Help." }))
        .await;
    assert_eq!(more.status, 201);
    platform.world.clock.turn(Duration::seconds(59));
    let soon = root.get("/admin/system/stats").await.body;
    assert_eq!(
        (
            &soon["users"],
            &soon["tenants"],
            &soon["agents"],
            &soon["as_of"],
            &soon["uptime_seconds"]
        ),
        (
            &json!(5),
            &json!(4),
            &json!(2),
            &json!("2026-01-05T10:00:00Z"),
            &json!(59)
        )
    );
    platform.world.clock.turn(Duration::seconds(1));
    let later = root.get("/admin/system/stats").await.body;
    assert_eq!(
        (&later["agents"], &later["as_of"]),
        (&json!(3), &json!("2026-01-05T10:01:00Z"))
    );
}

#[tokio::test]
async fn health_tells_the_admin_of_each_part_why_it_is_down() {
    // This deployment has neither bucket nor queues.
    let platform = platform().await;
    let boss = platform.manager("boss").await;
    let root = admin(&platform, &boss).await;
    let health = root.get("/admin/system/health").await;
    assert_eq!(
        (health.status, &health.body["status"]),
        (200, &json!("degraded")),
        "{health:?}"
    );
    let parts = health.body["components"].as_object().unwrap();
    for (name, status) in [
        ("database", "ok"),
        ("cache", "ok"),
        ("carrier", "ok"),
        ("storage", "error"),
        ("queues", "error"),
    ] {
        assert_eq!(parts[name]["status"], status, "{name} {health:?}");
        assert!(parts[name]["latency_ms"].is_u64());
        assert_eq!(parts[name]["reason"].is_null(), status == "ok", "{name}");
    }
    assert_eq!(root.get("/readiness").await.status, 503);
}
