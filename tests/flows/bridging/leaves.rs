//! Somebody leaves: before anybody came, in the middle, both at once, and without a word.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_domain::bridge::{Ending, Stage};

use super::scene::{PATIENT, Scene};
use crate::support::{carrier::fault, humans::hang_up};

const NUMBER: &str = "+14155550101";

fn ending(stage: &Stage) -> Option<Ending> {
    match stage {
        Stage::Over(ending) => Some(*ending),
        Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } => None,
    }
}

/// A caller and a human agent who talk: the call, and the carrier's ids of both.
async fn together(scene: &Scene) -> (String, Value, String, String) {
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    let talks = |call: &Value| call["agent_id"].is_string();
    let call = scene.call(&campaign, NUMBER, "an agent talks", talks).await;
    let operator = scene.leg(0, "in-progress").await;
    let caller = call["call_sid"].as_str().unwrap().to_owned();
    (campaign, call, caller, operator)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_gives_up_while_it_rings_stops_the_ringing_and_frees_the_agent() {
    let scene = Scene::with(
        &[("TRUNKLINE_SIM_TALK_MS", "4000")],
        &[json!({"does": "no_answer"})],
    )
    .await;
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    scene.leg(0, "ringing").await;
    assert_eq!(scene.human(0).await["current_calls"], 1);
    let call = scene.over(&campaign, NUMBER).await;
    scene.leg(0, "canceled").await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    assert_eq!(ending(&bridge.unwrap().stage), Some(Ending::GaveUp));
    assert!(row.abandoned, "nobody came");
    assert_eq!(row.operator, None);
    let human = scene.human(0).await;
    assert_eq!(human["total_calls_handled"], 0, "{human}");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_first_leaves_nobody_on_the_line() {
    let scene = Scene::with(&[PATIENT], &[json!({})]).await;
    let (campaign, _, caller, _) = together(&scene).await;
    hang_up(&scene.sim, &caller).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    // The room empties with the caller, and either may be told first.
    let ended = ending(&bridge.unwrap().stage);
    assert!(
        matches!(ended, Some(Ending::CallerLeft | Ending::OperatorLeft)),
        "{ended:?}"
    );
    assert!(!row.abandoned);
    assert_eq!(scene.human(0).await["total_calls_handled"], 1);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_at_once_is_one_end() {
    let scene = Scene::with(&[PATIENT], &[json!({})]).await;
    let (campaign, _, caller, operator) = together(&scene).await;
    let sim = &scene.sim;
    tokio::join!(hang_up(sim, &caller), hang_up(sim, &operator));
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    let ended = ending(&bridge.unwrap().stage);
    assert!(
        matches!(ended, Some(Ending::CallerLeft | Ending::OperatorLeft)),
        "{ended:?}"
    );
    assert!(!row.abandoned);
    let human = scene.human(0).await;
    assert_eq!(human["total_calls_handled"], 1, "counted once: {human}");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_vanishes_without_a_word_of_the_carriers_is_freed_with_the_call() {
    let scene = Scene::with(&[PATIENT], &[json!({})]).await;
    let (campaign, _, _, operator) = together(&scene).await;
    // From now on nothing is told of the room, nor of the agent's telephone.
    let phone = scene.humans[0].phone.clone();
    for lost in [
        json!({"kind": "drop", "match": {"path": "/webhooks/twilio/conference-status"}}),
        json!({"kind": "drop", "match": {"to": phone, "path": "/webhooks/twilio/status"}}),
    ] {
        fault(&scene.sim, lost).await;
    }
    hang_up(&scene.sim, &operator).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    assert!(bridge.unwrap().is_settled() && !row.abandoned);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_twice_late_and_out_of_order_make_no_other_end() {
    let scene = Scene::with(
        &[PATIENT],
        &[json!({"does": "declines"}), json!({"hang_up_after_ms": 2500})],
    )
    .await;
    for noise in [
        json!({"kind": "duplicate"}),
        json!({"kind": "reorder", "match": {"path": "/webhooks/twilio/conference-status"}, "ms": 700}),
        json!({"kind": "delay", "match": {"path": "/webhooks/twilio/status"}, "ms": 900}),
    ] {
        fault(&scene.sim, noise).await;
    }
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let call = scene.over(&campaign, NUMBER).await;
    assert_eq!(call["agent_id"], json!(scene.humans[1].id), "{call}");
    assert_eq!(scene.human(1).await["total_calls_handled"], 1);
    assert_eq!((scene.rung(0).await.len(), scene.rung(1).await.len()), (1, 1));
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_is_stopped_lets_those_who_talk_talk_on() {
    let scene = Scene::with(
        &[PATIENT],
        &[json!({"says": "One more thing.", "every_ms": 2000})],
    )
    .await;
    let (campaign, call, caller, operator) = together(&scene).await;
    let path = format!("/campaigns/{campaign}/stop");
    let (status, body) = scene.api.send(Method::POST, &path, Some(json!({}))).await;
    assert!(status.is_success(), "{body}");
    scene.hears(&call, &caller, &operator).await;
    hang_up(&scene.sim, &operator).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    scene.stop().await;
}
