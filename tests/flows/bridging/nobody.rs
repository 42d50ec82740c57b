//! Nobody comes: what the campaign has instead, counted as abandoned unless somebody talks all the same.

use serde_json::json;
use trunkline_domain::bridge::{Ending, Stage};

use super::scene::{PATIENT, Scene};
use crate::support::humans::{SOON, party};

const NUMBER: &str = "+14155550101";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goodbye_ends_the_call_and_counts_it_as_abandoned() {
    let scene = Scene::with(&[PATIENT], &[json!({"does": "declines"})]).await;
    let campaign = scene.dial(&[NUMBER], json!({"max_wait_seconds": 5})).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    let bridge = bridge.unwrap();
    assert_eq!(bridge.stage, Stage::Over(Ending::Nobody), "{bridge:?}");
    assert!(row.abandoned && row.operator.is_none(), "{row:?}");
    assert_eq!(
        scene.rung(0).await.len(),
        1,
        "who has declined is not asked again"
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_is_rung_to_the_end_of_the_wait_is_called_off_for_the_fallback() {
    let scene = Scene::with(&[PATIENT], &[json!({"does": "no_answer"})]).await;
    let campaign = scene.dial(&[NUMBER], json!({"max_wait_seconds": 3})).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let (row, bridge) = scene.stored(&call).await;
    assert_eq!(bridge.unwrap().stage, Stage::Over(Ending::Nobody));
    assert!(row.abandoned);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_agent_talks_instead() {
    let scene = Scene::with(&[PATIENT], &[json!({"does": "declines"})]).await;
    let reception = scene.api.agent("Reception").await;
    let more = json!({"fallback": "voice_agent", "fallback_agent_id": reception, "max_wait_seconds": 5});
    let campaign = scene.dial(&[NUMBER], more).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let path = format!("/call-logs/{}", call["id"].as_str().unwrap());
    let said = scene
        .api
        .until("the agent's words are in the transcript", SOON, async |api| {
            let log = api.get(&path).await;
            let said = log["transcript"].as_str()?.to_owned();
            said.contains("Agent: ").then_some(said)
        })
        .await;
    assert!(said.contains("User: "), "{said}");
    assert!(
        scene.stored(&call).await.0.abandoned,
        "a person got no person at once"
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_voicemail_message_is_played_instead() {
    let message = super::machines::message().await;
    let private = ("TRUNKLINE_ALLOW_PRIVATE_URLS", "true");
    let scene = Scene::with(&[PATIENT, private], &[json!({"does": "declines"})]).await;
    let more = json!({"fallback": "voicemail", "voicemail_message_url": message.url, "max_wait_seconds": 5});
    let campaign = scene.dial(&[NUMBER], more).await;
    let call = scene.over(&campaign, NUMBER).await;
    scene.clean(&[&call]).await;
    let sid = call["call_sid"].as_str().unwrap();
    let heard = party(&scene.sim, sid).await["heard_ms"].as_u64().unwrap();
    let waited = scene.waited(&call, sid).await;
    assert!(
        heard - waited >= super::machines::MESSAGE_MS - 200,
        "heard {heard} ms, of which {waited} ms waiting"
    );
    assert!(scene.stored(&call).await.0.abandoned);
    scene.stop().await;
}
