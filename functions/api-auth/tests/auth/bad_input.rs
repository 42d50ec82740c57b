//! What a client may get wrong.

use serde_json::{Value, json};
use trunkline_testing::World;

use crate::{PASSWORD, instance, login, register, text, user};

#[tokio::test]
async fn every_wrong_field_of_a_registration_is_named_in_every_dialect() {
    let world = World::new().await;
    let instance = instance(&world);
    for (more, field) in [
        (json!({}), "email"),
        (json!({ "email": 5 }), "email"),
        (json!({ "email": null }), "email"),
        (json!({ "email": "a@b@c" }), "email"),
        (json!({ "email": "a\u{0}@example.com" }), "email"),
        (
            json!({ "email": format!("{}@example.com", "x".repeat(300)) }),
            "email",
        ),
        (
            json!({ "email": "x@example.com", "password": "short" }),
            "password",
        ),
        (
            json!({ "email": "x@example.com", "password": ["a", "b"] }),
            "password",
        ),
        (
            json!({ "email": "x@example.com", "password": "x".repeat(1025) }),
            "password",
        ),
        (
            json!({ "email": "x@example.com", "first_name": "x".repeat(201) }),
            "first_name",
        ),
        (
            json!({ "email": "x@example.com", "last_name": "a\r\nb" }),
            "last_name",
        ),
        (json!({ "email": "x@example.com", "phone": "+999" }), "phone"),
        (json!({ "email": "x@example.com", "role": "" }), "role"),
        (
            json!({ "email": "x@example.com", "tenant_id": "../.." }),
            "tenant_id",
        ),
        (json!({ "email": "x@example.com", "invitation": 7 }), "invitation"),
    ] {
        let mut body = json!({ "password": PASSWORD, "first_name": "J" });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        for (path, status) in [("/auth", 422), ("/api/auth", 400), ("/api/v1/auth", 422)] {
            let wrong = instance
                .json(&format!("POST {path}/register"), "", body.clone())
                .await;
            assert_eq!(wrong.status, status, "{path} {body} {}", wrong.text());
            assert!(wrong.text().contains(field), "{path} {body} {}", wrong.text());
        }
    }
    let fine = register(
        &instance,
        "",
        json!({ "email": "x@example.com", "extra": { "a": [1] } }),
    )
    .await;
    assert_eq!(fine.status, 201, "nothing was half done: {}", fine.text());
}

#[tokio::test]
async fn what_is_no_json_or_another_kind_is_told_so() {
    let world = World::new().await;
    let instance = instance(&world);
    for route in ["register", "login", "forgot-password", "reset-password"] {
        let ask = format!("POST /auth/{route}");
        for body in ["{", "nope", "{\"email\": \"\u{1}\"}"] {
            let malformed = instance.send(&ask, &[], body).await;
            assert_eq!(
                (malformed.status, malformed.code()),
                (400, "REQUEST_001"),
                "{ask} {body}"
            );
        }
        for body in ["[]", "null", "5"] {
            assert_eq!(instance.send(&ask, &[], body).await.status, 422, "{ask} {body}");
        }
        let invalid_utf8 = instance.send(&ask, &[], vec![b'{', 0xff, b'}']).await;
        assert_eq!(invalid_utf8.status, 400, "{ask}");
        let kind = ["content-type: application/xml".to_owned()];
        assert_eq!(instance.send(&ask, &kind, "<a/>").await.status, 415, "{ask}");
        let large = format!("{{\"email\": \"{}\"}}", "x".repeat(1_048_577));
        assert_eq!(instance.send(&ask, &[], large).await.status, 413, "{ask}");
        assert_eq!(
            instance.send(&format!("GET /auth/{route}"), &[], "").await.status,
            405
        );
    }
}

#[tokio::test]
async fn hostile_words_in_a_login_are_only_wrong() {
    let world = World::new().await;
    let instance = instance(&world);
    user(&instance, "known@example.com").await;
    for email in [
        "' OR 1=1 --",
        "known@example.com\u{0}",
        "{\"$ne\": null}",
        "E#known@example.com",
        "",
    ] {
        let refused = login(&instance, email, PASSWORD).await;
        assert_eq!((refused.status, refused.code()), (401, "AUTH_001"), "{email}");
    }
    for password in ["", " SecurePass123!", "securepass123!", &"x".repeat(5_000)] {
        let refused = login(&instance, "known@example.com", password).await;
        assert_eq!((refused.status, refused.code()), (401, "AUTH_001"), "{password}");
    }
}

#[tokio::test]
async fn what_is_no_token_opens_nothing() {
    let world = World::new().await;
    let instance = instance(&world);
    let session = user(&instance, "known@example.com").await;
    let token = text(&session, "token");
    for header in [
        String::new(),
        "authorization: Bearer".to_owned(),
        "authorization: Bearer ".to_owned(),
        format!("authorization: Basic {token}"),
        format!("authorization: {token}"),
        format!("authorization: Bearer {token}x"),
        format!("authorization: Bearer {}", "x".repeat(5_000)),
        "authorization: Bearer eyJhbGciOiJub25lIn0.e30.".to_owned(),
    ] {
        let headers: Vec<String> = Some(header)
            .filter(|header| !header.is_empty())
            .into_iter()
            .collect();
        for ask in [
            "GET /auth/me",
            "POST /auth/logout",
            "POST /auth/refresh-token",
            "POST /users/invitations",
        ] {
            let refused = instance.send(ask, &headers, "").await;
            assert_eq!(
                (refused.status, refused.code()),
                (401, "AUTH_003"),
                "{ask} {headers:?}"
            );
        }
    }
    let query = instance
        .send(&format!("GET /auth/me?token={token}"), &[], "")
        .await;
    assert_eq!(query.status, 401, "tokens in the query are for sockets");
    let fine = instance.json("GET /auth/me", token, Value::Null).await;
    assert_eq!(fine.status, 200);
}

#[tokio::test]
async fn an_invitation_names_an_address_and_a_role_that_one_may_give() {
    let world = World::new().await;
    let instance = instance(&world);
    let boss = user(&instance, "boss@example.com").await;
    let token = text(&boss, "token");
    for (body, status) in [
        (json!({}), 422),
        (json!({ "email": "no address" }), 422),
        (json!({ "email": "x@example.com", "role": "king" }), 422),
        (json!({ "email": "x@example.com", "role": 1 }), 422),
        (json!({ "email": "x@example.com", "role": "admin" }), 403),
    ] {
        let refused = instance
            .json("POST /users/invitations", token, body.clone())
            .await;
        assert_eq!(refused.status, status, "{body} {}", refused.text());
    }
    for body in [json!({}), json!({ "token": 5 })] {
        let refused = instance.json("POST /users/invitations/accept", token, body).await;
        assert_eq!(refused.status, 422);
    }
}
