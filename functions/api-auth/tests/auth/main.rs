//! Registration, logins and invitations, asked as a client asks them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod logins;
mod passwords;
mod registration;
mod shapes;

use serde_json::{Value, json};
use trunkline_http::HttpOptions;
use trunkline_testing::{Answer, Instance, World};

const PASSWORD: &str = "SecurePass123!";

fn instance(world: &World) -> Instance {
    world.instance(HttpOptions::default(), api_auth::router())
}

async fn register(instance: &Instance, token: &str, more: Value) -> Answer {
    let mut body = json!({ "password": PASSWORD, "first_name": "John", "last_name": "Doe" });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    instance.json("POST /auth/register", token, body).await
}

async fn login(instance: &Instance, email: &str, password: &str) -> Answer {
    instance
        .json(
            "POST /auth/login",
            "",
            json!({ "email": email, "password": password }),
        )
        .await
}

/// Registers, logs in, and answers the login's body.
async fn user(instance: &Instance, email: &str) -> Value {
    assert_eq!(
        register(instance, "", json!({ "email": email })).await.status,
        201
    );
    login(instance, email, PASSWORD).await.body
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {body}"))
}

async fn me(instance: &Instance, token: &str) -> Answer {
    instance.json("GET /auth/me", token, Value::Null).await
}

async fn refresh(instance: &Instance, token: &str) -> Answer {
    instance
        .json("POST /auth/refresh-token", token, Value::Null)
        .await
}
