//! A carrier that says it is too much, fails, or says nothing: each number is called once, and nobody is forgotten.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{
    api::Api,
    carrier::{calls_to, fault},
    logs,
    platform::Platform,
};

/// The claim's second, the POST's 10 s: nobody may conclude before that a call was not placed.
const AMBIGUOUS: Duration = Duration::from_secs(11);

/// A platform, and a campaign of one number that is busy, dialled under a fault; the call's log once it is over.
async fn dialled_under(number: &str, faults: &[Value]) -> (Platform, Value, Duration) {
    logs::listen();
    let platform = Platform::with(&[("TRUNKLINE_SETTLE_S", "1")]).await;
    for one in faults {
        fault(&platform.sim_url, one.clone()).await;
    }
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let once = json!({"retry_policy": {"max_attempts": 1}});
    let began = Instant::now();
    let campaign = api.launch(&agent, &[number.to_owned()], once).await;
    api.until("the campaign's end", Duration::from_secs(120), async |api| {
        (api.get(&format!("/campaigns/{campaign}")).await["status"] == "completed").then_some(())
    })
    .await;
    let took = began.elapsed();
    let calls = api.calls(&campaign).await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0]["status"], "busy", "{calls:?}");
    let placed = calls_to(&platform.sim_url, number).await;
    assert_eq!(placed.len(), 1, "the carrier has it exactly once: {placed:?}");
    (platform, calls[0].clone(), took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_that_asks_to_slow_down_is_asked_again_later_and_calls_once() {
    let number = "+14155550186";
    let busy = json!({"kind": "status_429", "match": {"to": number}, "count": 2});
    let (platform, _, took) = dialled_under(number, &[busy]).await;
    assert!(took > Duration::from_secs(3), "it backed off twice: {took:?}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_that_fails_may_have_placed_the_call_so_its_list_is_asked_first() {
    let number = "+14155550286";
    let failing = json!({"kind": "status_500", "match": {"to": number}, "count": 1});
    let (platform, call, took) = dialled_under(number, &[failing]).await;
    assert!(
        took > AMBIGUOUS,
        "dialled again after {took:?}, before it could be known"
    );
    logs::line_with(&["answer to a call is not known", call["id"].as_str().unwrap()]).await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_carrier_that_places_the_call_and_says_nothing_is_found_out_by_its_list() {
    let number = "+14155550386";
    let silent = json!({"kind": "timeout_after_accept", "match": {"to": number}, "count": 1, "ms": 500});
    let mute = json!({"kind": "drop", "match": {"to": number, "path": "/webhooks/twilio/status"}});
    let (platform, call, took) = dialled_under(number, &[silent, mute]).await;
    assert!(
        took > AMBIGUOUS,
        "only the list could tell, and it was not to be asked yet: {took:?}"
    );
    logs::line_with(&["answer to a call is not known", call["id"].as_str().unwrap()]).await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_tells_what_a_lost_answer_did_not() {
    let number = "+14155550486";
    let silent = json!({"kind": "timeout_after_accept", "match": {"to": number}, "count": 1, "ms": 15_000});
    let (platform, _, took) = dialled_under(number, &[silent]).await;
    // Twice the ring and more, yet not the settling.
    assert!(took < AMBIGUOUS, "the callback was not enough: {took:?}");
    platform.stop().await;
}
