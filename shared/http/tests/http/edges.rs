//! Around every request: slashes, HEAD, cross-origin, the client's address, the document.

use crate::{instance, router, token};
use serde_json::Value;
use trunkline_http::{CorsOrigins, HttpOptions};
use trunkline_testing::World;

#[tokio::test]
async fn one_trailing_slash_is_ignored() {
    let world = World::new().await;
    let instance = instance(&world);
    let token = token(&world, "slash@example.com").await;
    assert_eq!(
        instance
            .json("GET /things/?limit=3", &token, Value::Null)
            .await
            .body["limit"],
        3
    );
    assert_eq!(
        instance.json("GET /things//", &token, Value::Null).await.status,
        404
    );
}

#[tokio::test]
async fn headers_larger_than_any_client_needs_are_refused_in_words() {
    let world = World::new().await;
    let instance = instance(&world);
    let large = [format!("x-large: {}", "a".repeat(100_000))];
    let refused = instance.send("GET /things", &large, "").await;
    assert_eq!((refused.status, refused.code()), (431, "REQUEST_001"));
    assert!(refused.text().contains("20480 bytes"), "{}", refused.text());
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let world = World::new().await;
    let instance = instance(&world);
    let get = instance.send("GET /phrases", &[], "").await;
    let head = instance.send("HEAD /phrases", &[], "").await;
    assert_eq!((head.status, head.text()), (200, ""));
    assert_eq!(head.header("content-length"), get.text().len().to_string());
    assert_eq!(instance.send("HEAD /things", &[], "").await.status, 401);
}

#[tokio::test]
async fn a_preflight_needs_no_token_and_errors_carry_the_origin() {
    let world = World::new().await;
    let any = instance(&world);
    let origin = ["origin: https://app.example.com".to_owned()];
    let preflight = any.send("OPTIONS /things", &origin, "").await;
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-origin")),
        (204, "*")
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("Idempotency-Key")
    );
    let refused = any.send("GET /things", &origin, "").await;
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (401, "*")
    );
    assert!(
        refused
            .header("access-control-expose-headers")
            .contains("X-RateLimit-Limit")
    );

    let cors_origins = CorsOrigins::read("https://app.example.com");
    let only = world.instance(
        HttpOptions {
            cors_origins,
            ..HttpOptions::default()
        },
        router(),
    );
    let allowed = only.send("GET /phrases", &origin, "").await;
    assert_eq!(
        (
            allowed.header("access-control-allow-origin"),
            allowed.header("vary")
        ),
        ("https://app.example.com", "Origin")
    );
    let other = only
        .send("GET /phrases", &["origin: https://evil.example".to_owned()], "")
        .await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    let hook = any.send("POST /webhooks/twilio/answer", &origin, "").await;
    assert_eq!(hook.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn only_what_came_through_the_front_is_served_where_there_is_one() {
    let world = World::new().await;
    let options = HttpOptions {
        origin_secret: Some("hush".into()),
        ..HttpOptions::default()
    };
    let instance = world.instance(options, router());
    assert_eq!(instance.send("GET /phrases", &[], "").await.status, 403);
    assert_eq!(
        instance
            .send("GET /phrases", &["x-origin-secret: hus".to_owned()], "")
            .await
            .status,
        403
    );
    assert_eq!(
        instance
            .send("GET /phrases", &["x-origin-secret: hush".to_owned()], "")
            .await
            .status,
        200
    );
    // A load balancer's health check brings no header.
    assert_ne!(instance.send("GET /readiness", &[], "").await.status, 403);
}

#[tokio::test]
async fn the_document_shows_each_operation_with_its_envelope_and_errors() {
    let world = World::new().await;
    let document = instance(&world).document;
    assert_eq!(document["servers"][0]["url"], "http://127.0.0.1:8000");
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    let create = &document["paths"]["/things"]["post"];
    assert!(create["security"][0].get("bearer").is_some());
    let reference = create["responses"]["422"]["$ref"].as_str().unwrap();
    assert_eq!(reference, "#/components/responses/VoiceEraError422");
    let refused = &document["components"]["responses"]["VoiceEraError422"];
    let shown = &refused["content"]["application/json"]["examples"]["REQUEST_002"]["value"];
    assert_eq!(shown["error"]["message"], "The request is not valid", "{refused}");
    let schema = &create["responses"]["201"]["content"]["application/json"]["schema"];
    assert!(
        schema["allOf"][1]["properties"].get("timestamp").is_some(),
        "{schema}"
    );
    assert!(
        create["requestBody"]["content"]["application/json"]["schema"]
            .get("$ref")
            .is_some()
    );
    assert!(document["components"]["schemas"].get("Create").is_some());
    let dialer = &document["paths"]["/api/things"]["post"]["responses"];
    assert!(dialer.get("422").is_none() && dialer["400"]["$ref"] == "#/components/responses/DialerError400");
    let one = &document["paths"]["/things/{campaign_id}"]["get"];
    assert_eq!(one["parameters"][0]["name"], "campaign_id");
    assert_eq!(
        document["paths"]["/phrases"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["type"],
        "array"
    );
    assert!(
        document["paths"]["/things"]["get"]["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["name"] == "cursor")
    );
}
