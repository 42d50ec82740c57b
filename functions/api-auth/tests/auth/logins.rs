//! How logins begin, go on and end.

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::Duration;
use serde_json::{Value, json};
use trunkline_http::HttpOptions;
use trunkline_testing::World;

use crate::{PASSWORD, instance, login, me, refresh, text, user};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_told_the_same() {
    let world = World::new().await;
    let instance = instance(&world);
    user(&instance, "known@example.com").await;
    let wrong = login(&instance, "known@example.com", "WrongPass123!").await;
    let unknown = login(&instance, "unknown@example.com", PASSWORD).await;
    assert_eq!((wrong.status, wrong.code()), (401, "AUTH_001"));
    assert_eq!(wrong.body, unknown.body);
}

#[tokio::test]
async fn a_refresh_token_is_spent_when_its_successor_is_first_used() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "family@example.com").await;
    let first = text(&session, "refresh_token");
    // The answer to a refresh may be lost, so the same token is good again until its successor is used.
    let lost = refresh(&instance, first).await;
    let second = refresh(&instance, first).await;
    assert_eq!((lost.status, second.status), (200, 200));
    let second = text(&second.body, "refresh_token").to_owned();
    let third = refresh(&instance, &second).await;
    assert_eq!(third.status, 200);
    let access = text(&third.body, "token").to_owned();
    assert_eq!(
        me(&instance, text(&session, "token")).await.status,
        200,
        "refreshing leaves the older access token alive"
    );

    let reused = refresh(&instance, first).await;
    assert_eq!((reused.status, reused.code()), (401, "AUTH_003"));
    // The whole login is over: newest refresh token and access tokens too.
    assert_eq!(
        refresh(&instance, text(&third.body, "refresh_token"))
            .await
            .status,
        401
    );
    assert_eq!(me(&instance, &access).await.status, 401);
    assert_eq!(me(&instance, text(&session, "token")).await.status, 401);
}

#[tokio::test]
async fn two_successors_of_one_token_show_a_theft() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "theft@example.com").await;
    let first = text(&session, "refresh_token");
    let (thief, owner) = (refresh(&instance, first).await, refresh(&instance, first).await);
    assert_eq!(
        refresh(&instance, text(&thief.body, "refresh_token"))
            .await
            .status,
        200
    );
    assert_eq!(
        refresh(&instance, text(&owner.body, "refresh_token"))
            .await
            .status,
        401
    );
    assert_eq!(me(&instance, text(&thief.body, "token")).await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_may_come_in_the_body() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "body@example.com").await;
    for path in ["/auth", "/api/auth", "/api/v1/auth"] {
        let ask = format!("POST {path}/refresh-token");
        let answer = instance
            .json(&ask, "", json!({ "refresh_token": session["refresh_token"] }))
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(instance.json(&ask, "", Value::Null).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_token_of_the_wrong_kind_opens_nothing() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "kind@example.com").await;
    let wrong = me(&instance, text(&session, "refresh_token")).await;
    assert_eq!((wrong.status, wrong.code()), (401, "AUTH_003"));
    assert!(
        text(&wrong.body["error"], "message").contains("refresh token"),
        "{}",
        wrong.text()
    );
    let wrong = refresh(&instance, text(&session, "token")).await;
    assert_eq!((wrong.status, wrong.code()), (401, "AUTH_003"));
}

#[tokio::test]
async fn tokens_end_when_they_are_due_and_say_so() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "due@example.com").await;
    world.clock.turn(Duration::seconds(86_400));
    let old = me(&instance, text(&session, "token")).await;
    assert_eq!((old.status, old.code()), (401, "AUTH_002"));
    let next = refresh(&instance, text(&session, "refresh_token")).await;
    assert_eq!(me(&instance, text(&next.body, "token")).await.status, 200);
    world.clock.turn(Duration::days(30));
    assert_eq!(
        refresh(&instance, text(&next.body, "refresh_token")).await.code(),
        "AUTH_002"
    );
}

#[tokio::test]
async fn logout_ends_this_login_at_once_on_every_instance_and_no_other() {
    let world = World::new().await;
    let (one, other) = (instance(&world), instance(&world));
    let here = user(&one, "out@example.com").await;
    let elsewhere = login(&one, "out@example.com", PASSWORD).await.body;
    let out = one
        .json("POST /auth/logout", text(&here, "token"), Value::Null)
        .await;
    assert_eq!(
        (out.status, &out.body["message"], &out.body["data"]),
        (200, &json!("Logged out"), &Value::Null)
    );
    assert_eq!(me(&other, text(&here, "token")).await.status, 401);
    assert_eq!(refresh(&other, text(&here, "refresh_token")).await.status, 401);
    assert_eq!(me(&other, text(&elsewhere, "token")).await.status, 200);
}

#[tokio::test]
async fn a_deactivated_user_is_out_at_once() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "gone@example.com").await;
    let id = text(&session["user"], "id");
    world
        .db()
        .update_item()
        .table_name("test-identity")
        .key("PK", AttributeValue::S(format!("U#{id}")))
        .key("SK", AttributeValue::S("USER".into()))
        .update_expression("SET is_active = :no")
        .expression_attribute_values(":no", AttributeValue::Bool(false))
        .send()
        .await
        .unwrap();
    assert_eq!(me(&instance, text(&session, "token")).await.code(), "AUTH_003");
    assert_eq!(
        refresh(&instance, text(&session, "refresh_token")).await.status,
        401
    );
    assert_eq!(
        login(&instance, "gone@example.com", PASSWORD).await.code(),
        "AUTH_004"
    );
    assert_eq!(
        login(&instance, "gone@example.com", "WrongPass123!").await.code(),
        "AUTH_001",
        "only its owner is told"
    );
}

#[tokio::test]
async fn tries_at_one_account_are_limited_whatever_address_asks() {
    let mut world = World::new().await;
    world.settings.rate_limits = true;
    let instance = world.instance(HttpOptions::default(), api_auth::router());
    let body = json!({ "email": "target@example.com", "password": "guess-guess" }).to_string();
    for n in 0..10 {
        let answer = instance
            .send_from(
                &format!("198.51.100.{n}:1"),
                "POST /auth/login",
                &[],
                body.clone(),
            )
            .await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit")),
            (401, "10"),
            "{n}"
        );
        assert_eq!(
            answer.header("x-ratelimit-remaining"),
            (9 - n).to_string(),
            "the account's, which is the tighter"
        );
    }
    let over = instance
        .send_from("198.51.100.99:1", "POST /auth/login", &[], body.clone())
        .await;
    assert_eq!(over.status, 429);
    // All dialects share the count, each has its own limit.
    let v1 = instance
        .send_from("198.51.100.98:1", "POST /api/v1/auth/login", &[], body)
        .await;
    assert_eq!(
        (v1.status, v1.code(), v1.header("x-ratelimit-limit")),
        (429, "RATE_LIMIT_EXCEEDED", "5")
    );
}

#[tokio::test]
async fn tries_of_one_address_are_limited_whatever_account_it_names() {
    let mut world = World::new().await;
    world.settings.rate_limits = true;
    let instance = world.instance(HttpOptions::default(), api_auth::router());
    for n in 0..11 {
        let body = json!({ "email": format!("{n}@example.com"), "password": "guess-guess" }).to_string();
        let answer = instance
            .send_from("198.51.100.1:1", "POST /api/auth/login", &[], body)
            .await;
        assert_eq!(answer.status, if n < 10 { 401 } else { 429 }, "{n}");
    }
}
