//! Several media servers over one store: a desk on any of them is told, once.

use serde_json::{Value, json};

use crate::{
    flows::bridging::scene::{PATIENT, Scene},
    support::{
        desk::{Browser, tenant_of},
        edges::EdgeProcess,
        humans::hang_up,
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desks_on_two_media_servers_get_their_card_once_each() {
    let scene = Box::pin(Scene::with(&[PATIENT], &[json!({})])).await;
    let platform = &scene.platform;
    let stub = [
        ("TRUNKLINE_STT", "stub"),
        ("TRUNKLINE_LLM", "stub"),
        ("TRUNKLINE_TTS", "stub"),
    ];
    let edge = EdgeProcess::start(&platform.stack, platform.data(), &platform.url, &stub).await;
    let tenant = tenant_of(&scene.api).await;
    let agent = &scene.humans[0].id;
    let mut desks = Vec::new();
    for url in [&platform.url, &edge.url] {
        for transport in ["websocket", "polling"] {
            let mut desk = Browser::connected(url, &scene.api.token, transport).await;
            desk.join(&tenant, agent).await;
            desks.push(desk);
        }
    }
    let number = "+14155550102";
    let campaign = scene.dial(&[number], json!({})).await;
    let call = scene.call(&campaign, number, "there is a call", |_| true).await;
    for desk in &mut desks {
        let card = desk.hears_of("incoming:call").await;
        assert_eq!(card["callId"], call["id"]);
    }
    let talks = |call: &Value| call["agent_id"].is_string();
    scene.call(&campaign, number, "an agent talks", talks).await;
    hang_up(&scene.sim, &scene.leg(0, "in-progress").await).await;
    for desk in &mut desks {
        // Next is the end: no second card came, neither from a peer nor by the feed.
        let ended = desk.hears_of("call:ended").await;
        assert_eq!(ended["callId"], call["id"]);
    }
    let set = json!({ "agentId": agent, "status": "break" });
    assert_eq!(
        desks[3].ask("agent:status", set).await,
        json!({ "success": true })
    );
    for desk in &mut desks {
        let told = desk.hears_of("agent:status:updated").await;
        assert_eq!(told["status"], "break");
    }
    scene.stop().await;
}
