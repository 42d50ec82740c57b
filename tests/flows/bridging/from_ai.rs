//! Somebody asks an AI agent for a person: it keeps them until one has accepted, and goes on if none does.

use serde_json::{Value, json};
use trunkline_domain::bridge::{Ending, Stage};

use super::scene::{PATIENT, Scene};
use crate::support::{
    humans::{SOON, hang_up},
    openai::{GREETING, OpenAi},
};

/// Asks for a person, and soon says goodbye to an AI agent.
const ASKS: &str = "+14155550196";
/// Has time.
const PATIENCE: &str = "+14155550101";

/// A campaign whose AI agent hands over to these human agents: its scene, and its id.
async fn handing_over(model: &OpenAi, number: &str, manners: &[Value]) -> (Scene, String) {
    let told = [
        PATIENT,
        ("TRUNKLINE_LLM", "openai"),
        ("OPENAI_API_KEY", "sk-deployment"),
        ("OPENAI_BASE_URL", model.base_url.as_str()),
    ];
    let scene = Scene::with(&told, manners).await;
    let reception = scene.api.agent("Reception").await;
    let campaign = scene.dial(&[number], json!({"agent_id": reception})).await;
    (scene, campaign)
}

async fn said(scene: &Scene, call: &Value, words: &str) {
    let path = format!("/call-logs/{}", call["id"].as_str().unwrap());
    let what = format!("the transcript has `{words}`");
    scene
        .api
        .until(&what, SOON, async |api| {
            let log = api.get(&path).await;
            log["transcript"].as_str()?.contains(words).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ai_agent_keeps_the_caller_until_somebody_has_accepted_and_then_they_talk() {
    let model = OpenAi::handing_over().await;
    let slow = json!({"after_ms": 1500, "says": "This is Ada of Green Street Dental.", "every_ms": 3000});
    let (scene, campaign) = handing_over(&model, PATIENCE, &[slow]).await;
    scene.leg(0, "ringing").await;
    let call = scene.call(&campaign, PATIENCE, "it is listed", |_| true).await;
    let caller = call["call_sid"].as_str().unwrap().to_owned();
    assert!(
        scene.room(&call).await.is_null(),
        "the caller is kept while it rings"
    );

    let operator = scene.leg(0, "in-progress").await;
    scene.met(&call, &caller, &operator).await;
    hang_up(&scene.sim, &operator).await;
    let call = scene.over(&campaign, PATIENCE).await;
    scene.clean(&[&call]).await;
    let call = scene.over(&campaign, PATIENCE).await;
    assert_eq!(
        (&call["status"], &call["agent_id"]),
        (&json!("completed"), &json!(scene.humans[0].id))
    );
    assert!(call["metadata"]["voice_agent_id"].is_string(), "{call}");
    let (row, bridge) = scene.stored(&call).await;
    assert!(!row.abandoned, "an AI agent kept the caller");
    assert!(matches!(bridge.unwrap().stage, Stage::Over(_)));
    assert_eq!(scene.human(0).await["total_calls_handled"], 1);
    said(&scene, &call, GREETING).await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn if_nobody_comes_the_ai_agent_says_so_and_goes_on() {
    let model = OpenAi::handing_over().await;
    let (scene, campaign) = handing_over(&model, ASKS, &[json!({"does": "declines"})]).await;
    let call = scene.call(&campaign, ASKS, "it is listed", |_| true).await;
    scene.leg(0, "completed").await;
    said(&scene, &call, "none of my colleagues is free").await;
    let call = scene.over(&campaign, ASKS).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    let bridge = bridge.unwrap();
    assert!(
        matches!(bridge.stage, Stage::Over(Ending::Nobody | Ending::GaveUp)),
        "{bridge:?}"
    );
    assert!(!row.abandoned && row.operator.is_none(), "{row:?}");
    assert!(
        scene.room(&call).await.is_null(),
        "the caller never left the AI agent"
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_on_the_ai_agent_meanwhile_stops_the_ringing() {
    let model = OpenAi::handing_over().await;
    let (scene, campaign) = handing_over(&model, ASKS, &[json!({"does": "no_answer"})]).await;
    scene.leg(0, "ringing").await;
    let call = scene.call(&campaign, ASKS, "it is listed", |_| true).await;
    hang_up(&scene.sim, call["call_sid"].as_str().unwrap()).await;
    scene.leg(0, "canceled").await;
    let call = scene.over(&campaign, ASKS).await;
    scene.clean(&[&call]).await;
    let row = scene.stored(&call).await.0;
    assert!(!row.abandoned && row.operator.is_none(), "{row:?}");
    scene.stop().await;
}
