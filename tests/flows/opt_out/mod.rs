//! Somebody is not to be called again: whatever instant of a call it is, and however it is told, no phone rings for it a second later.

mod desk;
mod said;

use std::time::Duration;

use serde_json::json;

use crate::support::carrier::{RINGS_LONG, fault};
use desk::{AT_ONCE, Desk, STATUS, held};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_is_dialled_by_no_campaign() {
    let desk = Desk::with(&[("TRUNKLINE_SIM_TALK_MS", "1500")]).await;
    let (first, number) = ("+14155550601", "+14155550602");
    let waiting = desk.draft(number).await;
    let numbers = [first, number].map(str::to_owned);
    let one_by_one = json!({"max_concurrent_calls": 1});
    let campaign = desk.api.launch(&desk.agent, &numbers, one_by_one).await;
    desk.in_state(&campaign, "in_progress").await;
    desk.mark(number).await;
    desk.start(&waiting).await;
    for campaign in [&campaign, &waiting] {
        desk.completes(campaign).await;
    }
    assert_eq!(desk.lead(&waiting).await["status"], "dnc");
    assert_eq!(desk.calls_to(first).await.len(), 1);
    assert!(desk.calls_to(number).await.is_empty());
    assert_eq!(desk.source(number).await.unwrap(), "api");
    desk.platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_rings_falls_silent() {
    let desk = Desk::with(&[RINGS_LONG]).await;
    let number = "+14155550611";
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    let ringing = desk.in_state(&campaign, "ringing").await;
    let marked = desk.mark(number).await;
    held("ringing", desk.silent_since(number, marked).await);
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    let call = format!("/call-logs/{}", ringing["id"].as_str().unwrap());
    let call = desk.api.get(&call).await;
    assert_eq!(call["status"], "cancelled", "{call}");
    desk.platform.stop().await;
}

/// The carrier has answered that it has the call; that it rings is told late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_the_carriers_queue_is_taken_out_of_it() {
    let desk = Desk::with(&[RINGS_LONG]).await;
    let number = "+14155550621";
    desk.goes_wrong("delay", json!({"to": number, "path": STATUS}), 8_000)
        .await;
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    desk.carriers_call(number).await;
    let marked = desk.mark(number).await;
    held("queued at the carrier", desk.silent_since(number, marked).await);
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// The carrier has the call, and neither its answer nor a callback has come: it is found in the carrier's list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claimed_call_whose_answer_is_late_is_found_and_cancelled() {
    let desk = Desk::with(&[RINGS_LONG]).await;
    let number = "+14155550631";
    desk.goes_wrong("delay", json!({"to": number, "path": STATUS}), 8_000)
        .await;
    desk.goes_wrong("timeout_after_accept", json!({"to": number}), 8_000)
        .await;
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    desk.carriers_call(number).await;
    let marked = desk.mark(number).await;
    held("claimed", desk.silent_since(number, marked).await);
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// As before, and the carrier's list hides the call too: the first callback is the first that is heard of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claimed_call_that_nobody_sees_is_cancelled_when_it_is_heard_of() {
    const LATE: Duration = Duration::from_secs(3);
    let desk = Desk::with(&[RINGS_LONG]).await;
    let number = "+14155550641";
    desk.goes_wrong(
        "delay",
        json!({"to": number, "path": STATUS}),
        u64::try_from(LATE.as_millis()).unwrap(),
    )
    .await;
    desk.goes_wrong("timeout_after_accept", json!({"to": number}), 8_000)
        .await;
    // It is hidden from one look alone: the platform's. The next one is this test's.
    let hidden = json!({"kind": "list_lag", "match": {"to": number}, "ms": 60_000, "count": 1});
    fault(&desk.platform.sim_url, hidden).await;
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    desk.in_state(&campaign, "queued").await;
    let marked = desk.mark(number).await;
    let silent = desk.silent_since(number, marked).await;
    assert!(silent > AT_ONCE, "it was found before its callback: {silent:?}");
    held(
        "claimed and hidden, after the callback",
        silent.saturating_sub(LATE),
    );
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// Half of the carrier's answers are errors for a moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brown_out_of_the_carrier_does_not_let_it_ring_on() {
    let desk = Desk::with(&[RINGS_LONG]).await;
    let number = "+14155550651";
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    desk.in_state(&campaign, "ringing").await;
    let sid = desk.carriers_call(number).await["sid"]
        .as_str()
        .unwrap()
        .to_owned();
    let brown_out = json!({"kind": "status_500", "match": {"path": sid}, "count": 2});
    fault(&desk.platform.sim_url, brown_out).await;
    let marked = desk.mark(number).await;
    held(
        "ringing, the carrier answers the third request",
        desk.silent_since(number, marked).await,
    );
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}

/// Marked by somebody else, the person on the phone is not hung up on; by the next call it holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_goes_on_to_its_end_and_is_the_last() {
    let desk = Desk::with(&[("TRUNKLINE_SIM_TALK_MS", "4000")]).await;
    let number = "+14155550661";
    let (waiting, campaign) = (desk.draft(number).await, desk.launch(number).await);
    desk.in_state(&campaign, "in_progress").await;
    desk.mark(number).await;
    let call = desk.in_state(&campaign, "completed").await;
    assert!(
        call["duration_seconds"].as_u64().unwrap() >= 3,
        "it was cut short: {call}"
    );
    desk.stays_uncalled(number, &campaign, &waiting, 1).await;
    desk.platform.stop().await;
}
