//! Users, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test may stop at the first surprise; the support is shared and serves more than this"
)]

#[path = "../../../api-calls/tests/platform/mod.rs"]
mod platform;
#[path = "../../../../shared/http/tests/http/support/mod.rs"]
mod support;

mod bad_input;
mod document;
mod lists;
mod rights;

use platform::{Client, Platform};
use serde_json::json;
use trunkline_service::identity;

const PASSWORD: &str = "correct horse";

async fn platform() -> Platform {
    let router = api_users::router()
        .merge(api_auth::router())
        .merge(api_voice_agents::router())
        .merge(api_campaigns::router());
    Platform::new(router).await
}

/// The platform's first admin.
async fn admin(platform: &Platform) -> Client {
    let made = identity::ensure_admin(&platform.ctx, Some("root@example.com"), Some(PASSWORD)).await;
    assert!(made.unwrap().is_some());
    let mut admin = platform.manager("beside-root").await;
    admin.token = String::new();
    login(platform, &admin, "root@example.com").await
}

/// Somebody's login, over again.
async fn login(platform: &Platform, like: &Client, email: &str) -> Client {
    let nobody = platform.nobody(like);
    let answer = nobody
        .post("/auth/login", json!({ "email": email, "password": PASSWORD }))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut client = nobody;
    client.token = answer.body["token"].as_str().unwrap().to_owned();
    client.who = identity::authenticate(&platform.ctx, &client.token)
        .await
        .unwrap();
    client
}

fn path(client: &Client) -> String {
    format!("/users/{}", client.who.user)
}
