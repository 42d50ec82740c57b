//! What caller and human agent say is recorded by the carrier, and kept by us.

use reqwest::StatusCode;
use serde_json::{Value, json};
use trunkline_carrier_sim::SimOptions;

use super::scene::{PATIENT, Scene};
use crate::support::{
    humans::{SOON, hang_up},
    wav::listen,
};

const NUMBER: &str = "+14155550101";

/// The carrier's own recordings.
async fn at_the_carrier(scene: &Scene) -> Vec<Value> {
    let account = SimOptions::ACCOUNT_SID;
    let url = format!("{}/2010-04-01/Accounts/{account}/Recordings.json", scene.sim);
    let ask = scene
        .api
        .http
        .get(url)
        .basic_auth(account, Some(SimOptions::AUTH_TOKEN));
    let listed: Value = ask.send().await.unwrap().json().await.unwrap();
    listed["recordings"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_of_a_call_with_a_human_agent_are_kept_by_us_and_by_nobody_else() {
    let says = json!({"says": "This is Ada of Green Street Dental.", "every_ms": 3000});
    let scene = Scene::with(&[PATIENT], &[says]).await;
    let campaign = scene.dial(&[NUMBER], json!({"record_calls": true})).await;
    let operator = scene.leg(0, "in-progress").await;
    let talks = |call: &Value| call["agent_id"].is_string();
    let call = scene.call(&campaign, NUMBER, "an agent talks", talks).await;
    let caller = call["call_sid"].as_str().unwrap().to_owned();
    scene.hears(&call, &caller, &operator).await;
    scene.hears(&call, &operator, &caller).await;
    hang_up(&scene.sim, &operator).await;
    let recorded = |call: &Value| call["recording_url"].is_string();
    let call = scene
        .call(&campaign, NUMBER, "the recording is there", recorded)
        .await;
    assert_eq!(call["recording_sid"], call["id"], "ours, not the carrier's");
    let url = call["recording_url"].as_str().unwrap();
    assert!(url.starts_with(&scene.api.base), "{url}");
    let file = scene.api.http.get(url).send().await.unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    let (caller, operator, seconds) = listen(&file.bytes().await.unwrap());
    assert!(caller > 50.0, "the caller cannot be heard: {caller}");
    assert!(operator > 50.0, "the human agent cannot be heard: {operator}");
    let told = call["recording_duration"].as_f64().unwrap();
    assert!(
        seconds > 1.0 && (seconds - told).abs() <= 1.5,
        "{seconds} s, told as {told}"
    );
    // Right after it was kept here.
    let gone = async |_: &_| at_the_carrier(&scene).await.is_empty().then_some(());
    scene.api.until("it is deleted at the carrier", SOON, gone).await;
    scene.clean(&[&call]).await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_records_nothing_leaves_no_recording() {
    let scene = Scene::with(&[PATIENT], &[json!({"hang_up_after_ms": 3000})]).await;
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    assert_eq!(at_the_carrier(&scene).await, Vec::<Value>::new());
    let call = scene.over(&campaign, NUMBER).await;
    assert_eq!(call["recording_url"], json!(null));
    scene.stop().await;
}
