//! Outbound webhooks, asked as a client of the document asks; receivers are on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_input;
mod delivering;
mod editing;
mod failing;
mod receiver;
mod replaying;
mod signing;

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_domain::{CallId, Instant, id::SubscriptionId};
use trunkline_events::{Event, EventKind};
use trunkline_outbound::Outbound;
use trunkline_service::webhooks;
use trunkline_testing::{Client, Platform};

/// A platform that may send to loopback.
async fn open() -> Platform {
    Platform::with(api_subscriptions::router(), |ctx| {
        ctx.outbound = Outbound::new(true)
    })
    .await
}

/// One that may not, as it is outside of tests.
async fn closed() -> Platform {
    Platform::new(api_subscriptions::router()).await
}

/// A webhook for these events; answers the answer.
async fn subscribe(client: &Client, url: &str, events: &[&str]) -> trunkline_testing::Answer {
    let made = client
        .post("/webhooks", json!({ "url": url, "events": events }))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    made
}

fn id_of(made: &trunkline_testing::Answer) -> SubscriptionId {
    made.id().parse().unwrap()
}

/// Something happens to a call of somebody's, and fan-out is told.
async fn happen(platform: &Platform, client: &Client, kind: EventKind, seq: u64) -> Event {
    let call = CallId(trunkline_domain::id::derived("call"));
    let event = Event::new(kind, client.who.tenant, call.0, seq, platform.ctx.now());
    webhooks::announce(&platform.ctx, &event).await.unwrap();
    event
}

/// Tries everything of a subscription that is due now, as job-webhooks would.
async fn work(platform: &Platform, of: SubscriptionId) {
    let ctx = &platform.ctx;
    let all = "E#".to_owned();
    let (deliveries, _) = ctx.store.list_deliveries(of, &all, 100, ctx.now()).await.unwrap();
    for delivery in deliveries {
        webhooks::attempt(ctx, delivery).await.unwrap();
    }
}

async fn logs(client: &Client, made: &trunkline_testing::Answer) -> Vec<Value> {
    let answer = client
        .get(&format!("/webhooks/{}/logs?limit=100", made.id()))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().unwrap().clone()
}

fn turn(platform: &Platform, by: Duration) -> Instant {
    platform.world.clock.turn(by);
    platform.ctx.now()
}

/// The same user with a fresh token: an access token lives a day.
async fn awake(platform: &Platform, client: &Client) -> Client {
    let user = platform.ctx.store.user(client.who.user).await.unwrap().unwrap();
    let session = trunkline_service::identity::start_session(&platform.ctx, &user)
        .await
        .unwrap();
    let mut client = client.clone();
    client.token = session.access;
    client
}
