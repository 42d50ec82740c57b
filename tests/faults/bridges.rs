//! SIGKILL of the platform while a human agent's phone rings, and while one talks: whoever was held is free again, and no phone is left on.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{
    api::Api,
    humans::{Desk, hang_up},
    platform::{Carrier, Process, free_address},
};

/// What is promised of a restart.
const PROMISED: Duration = Duration::from_secs(120);
const NUMBER: &str = "+14155550101";

/// A platform that was killed while this phone was in this state, and is up again; since when.
async fn killed(
    carrier: &Carrier,
    data: &std::path::Path,
    manner: Value,
    state: &str,
    meanwhile: bool,
) -> (Process, Desk, String, Instant) {
    let addr = free_address();
    let platform = Process::start(data, carrier, &addr).await;
    let api = Api::register(&platform.url, "grace").await;
    let desk = Desk::of(api, &carrier.url, &[manner]).await;
    let campaign = desk.dial(&[NUMBER], json!({"max_wait_seconds": 60})).await;
    let leg = desk.leg(0, state).await;
    if state == "in-progress" {
        let talks = |call: &Value| call["agent_id"].is_string();
        desk.call(&campaign, NUMBER, "an agent talks", talks).await;
    }
    platform.kill().await;
    if meanwhile {
        hang_up(&carrier.url, &leg).await;
        // Longer than the carrier's retries of what it tells of it.
        sleep(Duration::from_secs(10)).await;
    }
    let platform = Process::start(data, carrier, &addr).await;
    (platform, desk, campaign, Instant::now())
}

async fn all_is_clean(desk: &Desk, campaign: &str, began: Instant) {
    desk.down(PROMISED.saturating_sub(began.elapsed())).await;
    let path = format!("/api/calls?campaign_id={campaign}");
    desk.api
        .until(
            "the call is over",
            PROMISED.saturating_sub(began.elapsed()),
            async |api| {
                let list = api.get(&path).await;
                let call = list["calls"].as_array().unwrap().first()?.clone();
                (call["status"] == "completed").then_some(())
            },
        )
        .await;
    desk.api
        .until(
            "the campaign is over",
            PROMISED.saturating_sub(began.elapsed()),
            async |api| {
                let campaign = api.get(&format!("/api/campaigns/{campaign}")).await;
                (campaign["campaign"]["status"] == "completed").then_some(())
            },
        )
        .await;
    assert_eq!(desk.rung(0).await.len(), 1, "nobody is rung twice for a call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_an_agent_is_rung_nobody_is_held_and_no_phone_is_left_on() {
    let (carrier, data) = (Carrier::start().await, tempfile::tempdir().unwrap());
    let rings = json!({"does": "no_answer"});
    let (platform, desk, campaign, began) =
        Box::pin(killed(&carrier, data.path(), rings, "ringing", false)).await;
    all_is_clean(&desk, &campaign, began).await;
    platform.kill().await;
    carrier.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_an_agent_talks_they_talk_on_and_an_end_that_nobody_was_told_of_is_found_out() {
    let (carrier, data) = (Carrier::start().await, tempfile::tempdir().unwrap());
    let (platform, desk, campaign, began) =
        Box::pin(killed(&carrier, data.path(), json!({}), "in-progress", true)).await;
    all_is_clean(&desk, &campaign, began).await;
    assert_eq!(desk.human(0).await["total_calls_handled"], 1);
    platform.kill().await;
    carrier.stop().await;
}
