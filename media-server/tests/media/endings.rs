use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use trunkline_media::Steer;
use trunkline_media::session::{EndedBy, Next};
use trunkline_providers::llm::{Action, ReplyPart};

use crate::doubles::{Platform, options, plan};
use crate::phone::{Phone, Stage};

async fn greeted(stage: &Stage) -> Phone {
    let mut phone = stage.call("c1", "t1").await;
    phone.until("the greeting", |phone| phone.heard.len() > 20).await;
    phone.silence(700).await;
    phone
}

#[tokio::test]
async fn after_the_goodbye_the_next_step_is_written_before_the_socket_closes() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    stage.hears(&["Give me a person."]);
    let reply = vec![
        ReplyPart::Text("Of course.".to_owned()),
        ReplyPart::Action(Action::TransferToHuman),
        ReplyPart::Done,
    ];
    stage.script.replies.lock().unwrap().push_back(reply);
    let mut phone = greeted(&stage).await;
    phone.speak(600).await;
    let closed = phone.until_closed().await;
    assert_eq!(closed.0, 1000);
    let told = stage.platform.told();
    assert_eq!(told.finished[0].0, Next::Operator);
    assert_eq!(told.lines.last().unwrap().text, "Of course.");
}

#[tokio::test]
async fn a_socket_cut_without_a_stop_asks_for_a_new_stream() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let phone = greeted(&stage).await;
    drop(phone);
    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    assert_eq!(
        (told.finished[0].0, told.finished[0].1.ended_by),
        (Next::Resume, EndedBy::LineLost)
    );
    assert_eq!(told.segments.len(), 1, "what was recorded is kept");
}

#[tokio::test]
async fn a_key_opts_out_while_the_call_is_still_running() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let mut phone = greeted(&stage).await;
    phone
        .send(json!({"event": "dtmf", "streamSid": "MZ1", "dtmf": {"track": "inbound_track", "digit": "9"}}))
        .await;
    let told = stage.platform.wait_until(|told| told.opt_outs == 1).await;
    assert!(told.finished.is_empty());
    assert_eq!(phone.until_closed().await.0, 1000);
    assert_eq!(stage.platform.told().finished[0].0, Next::Hangup);
}

#[tokio::test]
async fn a_platform_that_fails_for_a_while_gets_everything_once_and_in_order() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    stage.hears(&["One.", "Two."]);
    stage.platform.failures.store(3, Ordering::Relaxed);
    let mut phone = greeted(&stage).await;
    for _ in 0..2 {
        phone.speak(400).await;
        phone.silence(900).await;
    }
    phone.send(json!({"event": "stop"})).await;
    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    let said: Vec<_> = told.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(said, ["Hello, Anna here.", "One.", "I see.", "Two.", "I see."]);
    assert!(!told.segments.is_empty());
}

#[tokio::test]
async fn steering_ends_the_call_that_is_meant_and_no_other() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1", "t2"])).await;
    let mut phone = greeted(&stage).await;
    let mut other = stage.call("c2", "t2").await;
    other.silence(100).await;
    assert!(!stage.server.steer("nobody", Steer::Finish(Next::Hangup)));
    assert!(stage.server.steer("c1", Steer::Finish(Next::Operator)));
    assert_eq!(phone.until_closed().await.0, 1000);
    assert_eq!(stage.platform.told().finished[0].0, Next::Operator);
    other.silence(100).await;
    assert!(other.closed.is_none());
}

#[tokio::test]
async fn a_drain_takes_no_new_calls_waits_and_then_moves_the_rest_elsewhere() {
    let mut options = options();
    options.drain_patience = Duration::from_millis(600);
    let stage = Stage::new(options, Platform::new(plan(), &["t1", "t2"])).await;
    let mut phone = greeted(&stage).await;
    let server = stage.server.clone();
    let drain = tokio::spawn(async move { server.drain().await });
    phone.silence(200).await;
    assert!(stage.server.is_draining());
    assert_eq!(stage.server.free(), 0);
    assert!(stage.try_connect().await.is_err(), "a new socket is refused");
    assert!(
        phone.closed.is_none(),
        "the running call is left in peace for a while"
    );
    assert_eq!(phone.until_closed().await.0, 1000);
    drain.await.unwrap();
    assert_eq!(stage.server.active(), 0);
    assert_eq!(stage.platform.told().finished[0].0, Next::Resume);
}

#[tokio::test]
async fn a_drain_without_calls_is_over_at_once() {
    let stage = Stage::new(options(), Platform::new(plan(), &[])).await;
    tokio::time::timeout(Duration::from_secs(1), stage.server.drain())
        .await
        .unwrap();
}
