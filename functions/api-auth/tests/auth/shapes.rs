//! Each document's own bodies.

use serde_json::{Value, json};
use trunkline_testing::World;

use crate::{PASSWORD, instance, login, me, register, text, user};

#[tokio::test]
async fn voiceera_registers_logs_in_and_tells_who_one_is() {
    let world = World::new().await;
    let instance = instance(&world);
    let made = register(
        &instance,
        "",
        json!({ "email": "User@Example.com", "phone": "+1 (415) 555-0100" }),
    )
    .await;
    assert_eq!(made.status, 201);
    let expected = json!({
        "id": made.body["id"],
        "email": "user@example.com",
        "first_name": "John",
        "last_name": "Doe",
        "name": "John Doe",
        "phone": "+14155550100",
        "role": "user",
        "tenant_role": "manager",
        "tenant_id": made.body["tenant_id"],
        "is_active": true,
        "created_at": "2026-01-05T10:00:00Z",
        "updated_at": "2026-01-05T10:00:00Z",
        "last_login_at": null,
    });
    assert_eq!(made.body["data"], expected);
    assert!(!made.text().contains("argon2") && !made.text().contains(PASSWORD));

    let session = login(&instance, "USER@example.com", PASSWORD).await;
    assert_eq!(
        (session.status, &session.body["expires_in"]),
        (200, &json!(86_400))
    );
    assert_eq!(session.body["user"]["role"], "user");
    let me = me(&instance, text(&session.body, "token")).await;
    assert_eq!(
        (&me.body["email"], &me.body["last_login_at"]),
        (&json!("user@example.com"), &json!("2026-01-05T10:00:00Z"))
    );
}

#[tokio::test]
async fn one_login_opens_all_dialects() {
    let world = World::new().await;
    let instance = instance(&world);
    let body = json!({ "email": "d@example.com", "password": PASSWORD, "first_name": "D", "last_name": "E", "role": "agent" });
    let dialer = instance.json("POST /api/auth/register", "", body).await;
    assert_eq!((dialer.status, &dialer.body["success"]), (201, &json!(true)));
    assert_eq!(
        dialer.body["user"]["role"], "manager",
        "a tenant's first user is its manager, and the answer says so"
    );
    let token = text(&dialer.body, "token");
    assert_eq!(me(&instance, token).await.body["email"], "d@example.com");
    let v1 = instance.json("GET /api/v1/auth/me", token, Value::Null).await;
    assert_eq!(
        (&v1.body["data"]["email"], &v1.body["data"]["_id"]),
        (&json!("d@example.com"), &dialer.body["user"]["id"])
    );
    let own = instance.json("GET /api/auth/me", token, Value::Null).await;
    assert_eq!(own.body["user"]["email"], "d@example.com");
}

#[tokio::test]
async fn the_v1_login_carries_both_documents_fields() {
    let world = World::new().await;
    let instance = instance(&world);
    let body = json!({ "email": "p@example.com", "password": PASSWORD, "name": "John Q Doe" });
    let made = instance.json("POST /api/v1/auth/register", "", body).await;
    assert_eq!(
        (made.status, &made.body["data"]["user"]["name"]),
        (201, &json!("John Q Doe"))
    );
    assert!(made.body["data"]["token"].is_string() && made.body["message"] == "User registered successfully");
    let body = json!({ "email": "p@example.com", "password": PASSWORD });
    let session = instance.json("POST /api/v1/auth/login", "", body).await.body;
    assert_eq!(
        (&session["success"], &session["message"], &session["token_type"]),
        (&json!(true), &json!("Login successful"), &json!("bearer"))
    );
    assert_eq!(
        (&session["access_token"], &session["refresh_token"]),
        (&session["data"]["token"], &session["data"]["refresh_token"])
    );
    let bad = instance
        .json(
            "POST /api/v1/auth/login",
            "",
            json!({ "email": "p@example.com", "password": "x" }),
        )
        .await;
    assert_eq!((bad.status, bad.code()), (401, "INVALID_CREDENTIALS"));
    let bad = instance
        .json(
            "POST /api/auth/login",
            "",
            json!({ "email": "p@example.com", "password": "x" }),
        )
        .await;
    assert_eq!((bad.status, bad.body["error"].is_string()), (401, true));
}

#[tokio::test]
async fn wrong_fields_are_all_named_at_once() {
    let world = World::new().await;
    let instance = instance(&world);
    let body = json!({ "email": "nobody", "password": "short", "role": "king", "tenant_id": "42", "phone": "hello" });
    let wrong = instance.json("POST /auth/register", "", body).await;
    assert_eq!(wrong.status, 422);
    for field in ["email: ", "password: ", "role: ", "tenant_id: ", "phone: "] {
        assert!(
            text(&wrong.body["error"], "details").contains(field),
            "{field} {}",
            wrong.text()
        );
    }
    let missing = instance
        .json("POST /auth/login", "", json!({ "email": "a@b.c" }))
        .await;
    assert_eq!(
        text(&missing.body["error"], "details"),
        "password: it is required"
    );
}

#[tokio::test]
async fn an_address_is_taken_in_any_case() {
    let world = World::new().await;
    let instance = instance(&world);
    user(&instance, "taken@example.com").await;
    let again = register(&instance, "", json!({ "email": "TAKEN@example.com" })).await;
    assert_eq!((again.status, again.code()), (409, "USER_002"));
}
