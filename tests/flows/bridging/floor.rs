//! Hold, mute and a supervisor, as the carrier's conference has them and as everybody hears them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::scene::{PATIENT, Scene};
use crate::support::humans::{SOON, hang_up, party};

const NUMBER: &str = "+14155550101";
const BOSS: &str = "+14155558000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hold_mute_listen_whisper_and_barge_decide_who_hears_whom() {
    let says = json!({"says": "This is Ada of Green Street Dental.", "every_ms": 2000});
    let scene = Scene::with(&[PATIENT], &[says]).await;
    scene
        .steer(json!({"phone": BOSS, "says": "Offer the lady a discount.", "every_ms": 2000}))
        .await;
    let campaign = scene.dial(&[NUMBER], json!({})).await;
    let operator = scene.leg(0, "in-progress").await;
    let talks = |call: &Value| call["agent_id"].is_string();
    let call = scene.call(&campaign, NUMBER, "an agent talks", talks).await;
    let caller = call["call_sid"].as_str().unwrap().to_owned();
    scene.hears(&call, &caller, &operator).await;
    let path = |what: &str| format!("/api/calls/{}/{what}", call["id"].as_str().unwrap());
    let set = async |what: &str, body: Value| {
        let answer = scene.api.post(&path(what), body).await;
        assert_eq!(
            (&answer["success"], &answer["call"]["id"]),
            (&json!(true), &call["id"]),
            "{answer}"
        );
        answer["message"].as_str().unwrap().to_owned()
    };
    // A word may have been under way when the order came.
    let silent = async |by: &str, from: &str| {
        let before = scene.heard(&call, by, from).await;
        let said = async |sid: &str| {
            let party = party(&scene.sim, sid).await;
            party["said"].as_array().unwrap().len()
        };
        let lines = said(from).await;
        let what = format!("{from} says two sentences more");
        let again = async |_: &_| (said(from).await >= lines + 2).then_some(());
        scene.api.until(&what, SOON, again).await;
        let after = scene.heard(&call, by, from).await;
        assert!(
            after <= before + 100,
            "{by} heard {} ms of {from}",
            after - before
        );
    };

    set("hold", json!({"hold": true})).await;
    let before = scene.waited(&call, &caller).await;
    silent(&caller, &operator).await;
    assert!(
        scene.waited(&call, &caller).await > before + 500,
        "the held hear music"
    );
    set("hold", json!({"hold": false})).await;
    scene.hears(&call, &caller, &operator).await;

    set("mute", json!({"muted": true})).await;
    silent(&caller, &operator).await;
    set("mute", json!({"muted": false})).await;
    scene.hears(&call, &caller, &operator).await;

    let said = set("supervise", json!({"mode": "listen", "phone": BOSS})).await;
    assert!(said.contains("rings"), "{said}");
    let boss = scene
        .api
        .until("the supervisor is in the room", SOON, async |_| {
            let room = scene.room(&call).await;
            let mut members = room["members"].as_array().unwrap().iter();
            let boss = members.find(|member| member["to"] == BOSS && member["joined"] == true)?;
            Some(boss["call_sid"].as_str().unwrap().to_owned())
        })
        .await;
    scene.hears(&call, &boss, &operator).await;
    silent(&caller, &boss).await;
    assert_eq!(
        scene.heard(&call, &operator, &boss).await,
        0,
        "a listener is not heard"
    );

    set("supervise", json!({"mode": "whisper"})).await;
    scene.hears(&call, &operator, &boss).await;
    assert_eq!(
        scene.heard(&call, &caller, &boss).await,
        0,
        "a whisper is the agent's"
    );
    set("supervise", json!({"mode": "barge"})).await;
    scene.hears(&call, &caller, &boss).await;

    let (status, body) = scene.api.send(Method::DELETE, &path("supervise"), None).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    scene.hears(&call, &caller, &operator).await;
    let room = scene.room(&call).await;
    assert_eq!(room["members"].as_array().unwrap().len(), 2, "{room}");

    // Once more, and the call ends under the supervisor: that phone goes down too.
    set("supervise", json!({"mode": "listen", "phone": BOSS})).await;
    hang_up(&scene.sim, &caller).await;
    let over = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&over]).await;
    let (status, body) = scene
        .api
        .send(Method::POST, &path("hold"), Some(json!({"hold": true})))
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "{body}");
    assert_eq!(scene.human(0).await["total_calls_handled"], 1);
    scene.stop().await;
}
