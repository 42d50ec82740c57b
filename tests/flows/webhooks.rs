//! A campaign that is told of to a receiver outside: over real sockets, queues and streams.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{api::Api, platform::Platform};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaigns_events_reach_a_receiver_from_its_start_to_its_end() {
    let platform = Platform::with(&[("TRUNKLINE_ALLOW_PRIVATE_URLS", "true")]).await;
    let got: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let (seen, listener) = (got.clone(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let take = async move |headers: HeaderMap, body: Bytes| {
        let id = headers["webhook-id"].to_str().unwrap().to_owned();
        seen.lock()
            .unwrap()
            .push((id, serde_json::from_slice(&body).unwrap()));
    };
    let receiver =
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(take))).await });

    let api = Api::register(&platform.url, "ada").await;
    let webhook = api
        .post("/webhooks", json!({ "url": url, "events": ["*"] }))
        .await;
    let agent = api.agent("Reception").await;
    let campaign = api.launch(&agent, &["+14155550101".to_owned()], json!({})).await;
    let wanted = BTreeSet::from([
        "campaign.started",
        "call.started",
        "call.updated",
        "call.ended",
        "recording.ready",
        "transcript.ready",
        "sentiment.changed",
        "campaign.completed",
    ]);
    api.until(
        "every event of a call and its campaign",
        Duration::from_secs(90),
        async |_| {
            let got = got.lock().unwrap();
            let told: BTreeSet<&str> = got.iter().filter_map(|(_, body)| body["type"].as_str()).collect();
            wanted.is_subset(&told).then_some(())
        },
    )
    .await;

    let messages = got.lock().unwrap().clone();
    let of = |topic: &str| &messages.iter().find(|(_, body)| body["type"] == topic).unwrap().1;
    assert_eq!(of("campaign.completed")["data"]["campaign_id"], campaign.as_str());
    assert_eq!(of("call.ended")["data"]["call"]["campaign_id"], campaign.as_str());
    assert!(
        of("transcript.ready")["data"]["transcript"]
            .as_str()
            .unwrap()
            .contains("Agent:")
    );
    let id = webhook["id"].as_str().unwrap();
    let logs = api.get(&format!("/webhooks/{id}/logs?limit=100")).await;
    let tries = logs["items"].as_array().unwrap();
    assert!(
        tries
            .iter()
            .all(|line| line["delivered"] == true && line["status_code"] == 200),
        "{logs}"
    );

    // All of it again: through the queue, each under the id that it had.
    let before: BTreeSet<String> = messages.iter().map(|(id, _)| id.clone()).collect();
    let asked = api
        .post(
            &format!("/webhooks/{id}/replay"),
            json!({ "since": "2020-01-01T00:00:00Z" }),
        )
        .await;
    assert_eq!(asked["status"], "queued");
    api.until("every message twice", Duration::from_secs(30), async |_| {
        let got = got.lock().unwrap();
        let times = |id: &String| got.iter().filter(|(got, _)| got == id).count();
        before.iter().all(|id| times(id) >= 2).then_some(())
    })
    .await;
    receiver.abort();
    platform.stop().await;
}
