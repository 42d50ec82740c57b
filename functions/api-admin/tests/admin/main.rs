//! The admin's operations, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod maintenance;
mod system;
mod trail;
mod users;

use aide::axum::ApiRouter;
use serde_json::json;
use trunkline_service::{Ctx, identity};
use trunkline_testing::{Client, PASSWORD, Platform};

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

/// Somebody's login over the API, which is on the trail.
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
