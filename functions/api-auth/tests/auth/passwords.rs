//! Forgotten passwords, the first admin, the mailbox.

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_service::identity;
use trunkline_testing::{Fault, Instance, World};

use crate::{PASSWORD, instance, login, me, text, user};

/// The admin's access token.
async fn admin(world: &World, instance: &Instance) -> String {
    let (email, password) = identity::ensure_admin(&world.ctx(), None, None)
        .await
        .unwrap()
        .unwrap();
    text(&login(instance, &email, &password).await.body, "token").to_owned()
}

/// The token in the newest mail to an address: the line that is one.
async fn mailed(instance: &Instance, admin: &str, to: &str) -> String {
    let box_ = instance.json("GET /auth/mailbox", admin, Value::Null).await;
    let items = box_.body["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", box_.text()));
    let mail = items.iter().find(|mail| mail["to"] == to).unwrap();
    text(mail, "body")
        .lines()
        .find(|line| line.len() == 43)
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_reset_sets_the_password_once_and_ends_every_login() {
    let world = World::new().await;
    let instance = instance(&world);
    let admin = admin(&world, &instance).await;
    let session = user(&instance, "lost@example.com").await;
    let known = instance
        .json(
            "POST /auth/forgot-password",
            "",
            json!({ "email": "lost@example.com" }),
        )
        .await;
    let unknown = instance
        .json(
            "POST /auth/forgot-password",
            "",
            json!({ "email": "never@example.com" }),
        )
        .await;
    assert_eq!((known.status, &known.body), (200, &unknown.body));
    let v1 = instance
        .json(
            "POST /api/v1/auth/forgot-password",
            "",
            json!({ "email": "never@example.com" }),
        )
        .await;
    assert_eq!(v1.body["message"], known.body["message"]);

    let token = mailed(&instance, &admin, "lost@example.com").await;
    let reset = async |token: &str, password: &str| {
        instance
            .json(
                "POST /auth/reset-password",
                "",
                json!({ "token": token, "new_password": password }),
            )
            .await
    };
    assert_eq!(
        reset(&token, "short").await.status,
        422,
        "which does not spend the token"
    );
    assert_eq!(reset(&token, "NewPass456!").await.status, 200);
    let spent = reset(&token, "Another789!").await;
    assert_eq!((spent.status, spent.code()), (400, "REQUEST_001"));
    assert_eq!(reset("made-up", "Another789!").await.status, 400);
    assert_eq!(me(&instance, text(&session, "token")).await.status, 401);
    assert_eq!(login(&instance, "lost@example.com", PASSWORD).await.status, 401);
    assert_eq!(
        login(&instance, "lost@example.com", "NewPass456!").await.status,
        200
    );
}

/// What a request asks of the store, in order; one after the other, since some are asked at once.
async fn asked(world: &World, email: &str) -> Vec<String> {
    use std::sync::{Arc, Mutex};
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = seen.clone();
    let hook = Box::new(move |operation: &str, _: &[u8]| {
        watched.lock().unwrap().push(operation.to_owned());
        Fault::None
    });
    let mut ctx = world.ctx();
    ctx.store = world.store_watched(hook);
    identity::forgot_password(&ctx, email).await.unwrap();
    let mut seen = std::mem::take(&mut *seen.lock().unwrap());
    seen.sort_unstable();
    seen
}

#[tokio::test]
async fn a_forgotten_password_costs_the_same_whoever_asks() {
    let world = World::new().await;
    user(&instance(&world), "known@example.com").await;
    let known = asked(&world, "known@example.com").await;
    assert_eq!(known, ["GetItem", "GetItem", "PutItem", "PutItem"]);
    assert_eq!(asked(&world, "unknown@example.com").await, known);
}

#[tokio::test]
async fn a_reset_token_lives_an_hour() {
    let world = World::new().await;
    let instance = instance(&world);
    let admin = admin(&world, &instance).await;
    user(&instance, "slow@example.com").await;
    instance
        .json(
            "POST /api/v1/auth/forgot-password",
            "",
            json!({ "email": "slow@example.com" }),
        )
        .await;
    let token = mailed(&instance, &admin, "slow@example.com").await;
    world.clock.turn(Duration::hours(1));
    let late = instance
        .json(
            "POST /api/v1/auth/reset-password",
            "",
            json!({ "token": token, "new_password": "NewPass456!" }),
        )
        .await;
    assert_eq!((late.status, late.code()), (400, "VALIDATION_ERROR"));
}

#[tokio::test]
async fn the_first_admin_is_made_once_and_shown_once() {
    let world = World::new().await;
    let ctx = world.ctx();
    let given = identity::ensure_admin(&ctx, Some("Root@example.com"), Some("RootPass123!"))
        .await
        .unwrap();
    assert_eq!(
        given,
        Some(("root@example.com".to_owned(), "RootPass123!".to_owned()))
    );
    assert_eq!(identity::ensure_admin(&ctx, None, None).await.unwrap(), None);
    let session = login(&instance(&world), "root@example.com", "RootPass123!").await;
    assert_eq!(
        (
            &session.body["user"]["role"],
            &session.body["user"]["tenant_role"]
        ),
        (&json!("admin"), &json!("admin"))
    );
    assert!(
        identity::ensure_admin(&World::new().await.ctx(), None, Some("short"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn only_the_admin_reads_the_mailbox() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "curious@example.com").await;
    let refused = instance
        .json("GET /auth/mailbox", text(&session, "token"), Value::Null)
        .await;
    assert_eq!((refused.status, refused.code()), (403, "AUTH_004"));
}
