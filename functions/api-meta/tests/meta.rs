//! Health, readiness, version and the document, asked as a probe and a browser ask them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::sync::Arc;

use serde_json::{Value, json};
use trunkline_http::HttpOptions;
use trunkline_service::{
    Ctx,
    readiness::{Part, PartState},
};
use trunkline_testing::{Instance, World};

fn instance(world: &World) -> Instance {
    let options = HttpOptions {
        parts: vec![Arc::new(Speech)],
        version: "1.2.3",
        commit: Some("abc"),
        ..HttpOptions::default()
    };
    world.instance(options, api_meta::router())
}

#[derive(Debug)]
struct Speech;

#[async_trait::async_trait]
impl Part for Speech {
    fn name(&self) -> &'static str {
        "speech"
    }

    async fn check(&self, _: &Ctx) -> PartState {
        PartState::Loading
    }
}

#[tokio::test]
async fn health_liveness_and_version_need_no_token_and_count_against_no_limit() {
    let mut world = World::new().await;
    world.settings.rate_limits = true;
    let instance = instance(&world);
    for _ in 0..110 {
        let health = instance.send("GET /health", &[], "").await;
        assert_eq!((health.status, &health.body["status"]), (200, &json!("ok")));
        assert_eq!(
            (&health.body["timestamp"], health.header("x-ratelimit-limit")),
            (&json!("2026-01-05T10:00:00Z"), "")
        );
    }
    assert_eq!(instance.send("GET /liveness", &[], "").await.body["status"], "ok");
    let version = instance.send("GET /version", &[], "").await.body;
    assert_eq!(version["data"], json!({ "version": "1.2.3", "commit": "abc" }));
}

#[tokio::test]
async fn readiness_names_the_part_that_is_down_and_tells_nobody_why() {
    // This deployment has lost a table, and has neither bucket nor queues.
    let world = World::new().await;
    let lost = world.db().delete_table().table_name("test-calls");
    lost.send().await.unwrap();
    let ready = instance(&world).send("GET /readiness", &[], "").await;
    assert_eq!(
        (ready.status, ready.code()),
        (503, "SERVER_002"),
        "{}",
        ready.text()
    );
    let expected = json!({
        "database": "error", "storage": "error", "cache": "ok", "queues": "error", "carrier": "ok", "speech": "loading",
    });
    assert_eq!(ready.body["data"], expected);
    assert_eq!(
        (&ready.body["success"], &ready.body["cache"]),
        (&json!(false), &json!("ok"))
    );
    assert!(!ready.text().contains("127.0.0.1"), "{}", ready.text());
}

#[tokio::test]
async fn the_document_is_bare_and_the_pages_show_it_from_this_host_alone() {
    let world = World::new().await;
    let instance = instance(&world);
    let document = instance.send("GET /openapi.json", &[], "").await;
    assert_eq!(
        (document.status, document.header("content-type")),
        (200, "application/json")
    );
    assert!(document.body["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document.body["paths"].get("/readiness").is_some());
    assert_eq!(document.body.get("success"), None::<&Value>);
    for page in ["/docs", "/redoc"] {
        let told = &document.body["paths"][page]["get"]["responses"]["200"]["content"];
        assert!(told.get("text/html; charset=utf-8").is_some(), "{told}");
        let page = instance.send(&format!("GET {page}"), &[], "").await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        assert!(
            page.header("content-security-policy")
                .contains("connect-src 'self'")
        );
        assert!(page.text().contains("/openapi.json"));
    }
}

#[tokio::test]
async fn paths_that_no_function_has_are_answered_in_the_dialect_of_their_prefix() {
    let world = World::new().await;
    let instance = instance(&world);
    assert_eq!(instance.send("GET /nothing", &[], "").await.code(), "REQUEST_003");
    assert!(instance.send("GET /api/nothing", &[], "").await.body["error"].is_string());
    assert_eq!(
        instance.send("GET /api/v1/nothing", &[], "").await.code(),
        "NOT_FOUND"
    );
}
