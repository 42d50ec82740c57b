//! Users, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod document;
mod lists;
mod rights;

use trunkline_testing::{Client, Platform};

async fn platform() -> Platform {
    let router = api_users::router()
        .merge(api_auth::router())
        .merge(api_voice_agents::router())
        .merge(api_campaigns::router());
    Platform::new(router).await
}

fn path(client: &Client) -> String {
    format!("/users/{}", client.who.user)
}
