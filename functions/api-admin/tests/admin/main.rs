//! The admin's operations, asked as a client of the document asks.
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
mod maintenance;
mod system;
mod trail;
mod users;

use aide::axum::ApiRouter;
use platform::{Client, Platform};
use serde_json::json;
use trunkline_service::{Ctx, identity};

const PASSWORD: &str = "correct horse";

fn router() -> ApiRouter<Ctx> {
    api_admin::router()
        .merge(api_users::router())
        .merge(api_auth::router())
        .merge(api_voice_agents::router())
        .merge(api_campaigns::router())
        .merge(api_meta::router())
}

async fn platform() -> Platform {
    Platform::new(router()).await
}

/// The platform's first admin.
async fn admin(platform: &Platform, like: &Client) -> Client {
    let made = identity::ensure_admin(&platform.ctx, Some("root@example.com"), Some(PASSWORD)).await;
    assert!(made.unwrap().is_some());
    login(platform, like, "root@example.com").await
}

/// Somebody's login, over again.
async fn login(platform: &Platform, like: &Client, email: &str) -> Client {
    let mut client = platform.nobody(like);
    let body = json!({ "email": email, "password": PASSWORD });
    let answer = client.post("/auth/login", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    client.token = answer.body["token"].as_str().unwrap().to_owned();
    client.who = identity::authenticate(&platform.ctx, &client.token)
        .await
        .unwrap();
    client
}
