//! Limits, over two instances of one deployment.

use chrono::Duration;
use serde_json::{Value, json};

use crate::{instance, router, token};
use trunkline_http::HttpOptions;
use trunkline_testing::{Instance, World, bearer};

async fn limited() -> World {
    let mut world = World::new().await;
    world.settings.rate_limits = true;
    world
}

/// Asks so often that `left` requests of the minute's hundred remain.
async fn use_up(instance: &Instance, token: &str, left: u32) {
    for _ in 0..(100 - left) {
        assert_eq!(instance.json("GET /things", token, Value::Null).await.status, 200);
    }
}

#[tokio::test]
async fn a_users_hundred_hold_over_all_instances_until_the_minute_ends() {
    let world = limited().await;
    let (one, other) = (instance(&world), instance(&world));
    let token = token(&world, "limit@example.com").await;
    let first = one.json("GET /things", &token, Value::Null).await;
    assert_eq!(
        (
            first.header("x-ratelimit-limit"),
            first.header("x-ratelimit-remaining")
        ),
        ("100", "99")
    );
    assert_eq!(
        first.header("x-ratelimit-reset"),
        (1_767_607_200 + 60).to_string()
    );
    for n in 0..99 {
        let instance = if n % 2 == 0 { &one } else { &other };
        assert_eq!(
            instance.json("GET /things", &token, Value::Null).await.status,
            200,
            "{n}"
        );
    }
    for instance in [&one, &other] {
        let over = instance.json("GET /things", &token, Value::Null).await;
        assert_eq!((over.status, over.code()), (429, "REQUEST_005"));
        assert_eq!(
            (over.header("retry-after"), over.header("x-ratelimit-remaining")),
            ("60", "0")
        );
    }
    // Another dialect has a bucket of its own, and a new minute a new count.
    assert_eq!(
        one.json("POST /api/things", &token, json!({ "name": "x" }))
            .await
            .status,
        201
    );
    world.clock.turn(Duration::seconds(60));
    assert_eq!(
        other
            .json("GET /things", &token, Value::Null)
            .await
            .header("x-ratelimit-remaining"),
        "99"
    );
}

#[tokio::test]
async fn who_has_no_token_is_limited_by_address() {
    let world = limited().await;
    let instance = instance(&world);
    for _ in 0..100 {
        assert_eq!(
            instance
                .send_from("198.51.100.1:1", "GET /things", &[], "")
                .await
                .status,
            401
        );
    }
    assert_eq!(
        instance
            .send_from("198.51.100.1:2", "GET /things", &[], "")
            .await
            .status,
        429,
        "before the token"
    );
    assert_eq!(
        instance
            .send_from("198.51.100.1:2", "PUT /things", &[], "")
            .await
            .status,
        405,
        "after the route"
    );
    assert_eq!(
        instance
            .send_from("198.51.100.2:1", "GET /things", &[], "")
            .await
            .status,
        401
    );
    // A good token from that address still has its user's own hundred.
    let token = token(&world, "address@example.com").await;
    assert_eq!(
        instance
            .send_from("198.51.100.1:3", "GET /things", &bearer(&token), "")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_refused_user_costs_no_more_writes() {
    let world = limited().await;
    let instance = instance(&world);
    let token = token(&world, "flood@example.com").await;
    use_up(&instance, &token, 0).await;
    for _ in 0..20 {
        assert_eq!(
            instance.json("GET /things", &token, Value::Null).await.status,
            429
        );
    }
    let items = world
        .db()
        .scan()
        .table_name("test-ephemeral")
        .send()
        .await
        .unwrap()
        .items
        .unwrap();
    let counts: Vec<&str> = items
        .iter()
        .filter_map(|item| item.get("n"))
        .map(|n| n.as_n().unwrap().as_str())
        .collect();
    assert_eq!(
        counts,
        ["101"],
        "the first refusal is counted, the others are not"
    );
}

#[tokio::test]
async fn ten_megabytes_of_bodies_a_minute_are_the_most_at_the_root() {
    let world = limited().await;
    let instance = instance(&world);
    let token = token(&world, "upload@example.com").await;
    let body = json!({ "name": "x".repeat(1_000_000) }).to_string();
    let mut headers = bearer(&token);
    headers.push(format!("content-length: {}", body.len()));
    for _ in 0..10 {
        assert_eq!(
            instance.send("POST /things", &headers, body.clone()).await.status,
            201
        );
    }
    assert_eq!(
        instance.send("POST /things", &headers, body.clone()).await.status,
        429
    );
    assert_eq!(
        instance.send("POST /api/things", &headers, body).await.status,
        201,
        "the Dialer knows no such limit"
    );
}

#[tokio::test]
async fn switched_off_nothing_is_counted() {
    let world = World::new().await;
    let instance = world.instance(HttpOptions::default(), router());
    let token = token(&world, "off@example.com").await;
    for _ in 0..120 {
        let answer = instance.json("GET /things", &token, Value::Null).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, ""));
    }
}
