//! SIGKILL while messages are on their way to a receiver outside: each still arrives, under the id that it had.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{
    api::Api,
    platform::{Carrier, Process, free_address},
};

/// What a receiver was sent, by id and event: whatever came, and what it took.
#[derive(Clone, Default)]
struct Receiver {
    takes: Arc<AtomicBool>,
    came: Arc<Mutex<BTreeSet<(String, String)>>>,
    taken: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Receiver {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let one = self.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            let body: Value = serde_json::from_slice(&body).unwrap();
            let id = headers["webhook-id"].to_str().unwrap().to_owned();
            let message = (id, body["type"].as_str().unwrap().to_owned());
            one.came.lock().unwrap().insert(message.clone());
            if !one.takes.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            one.taken.lock().unwrap().insert(message);
        };
        let router = Router::new().route("/hook", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_no_message_to_a_receiver_is_lost() {
    let carrier = Carrier::start().await;
    let data = tempfile::tempdir().unwrap();
    let addr = free_address();
    let platform = Process::start(data.path(), &carrier, &addr).await;
    let api = Api::register(&platform.url, "ada").await;
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let webhook = api
        .post("/webhooks", json!({ "url": url, "events": ["*"] }))
        .await;
    let agent = api.agent("Reception").await;
    let once = json!({"retry_policy": {"max_attempts": 1}});
    api.launch(&agent, &["+14155550186".to_owned()], once).await;
    api.until(
        "messages that are under way",
        Duration::from_secs(60),
        async |_| (receiver.came.lock().unwrap().len() >= 2).then_some(()),
    )
    .await;
    platform.kill().await;
    assert!(
        receiver.taken.lock().unwrap().is_empty(),
        "none was answered before the kill"
    );

    receiver.takes.store(true, Ordering::Relaxed);
    let platform = Process::start(data.path(), &carrier, &addr).await;
    api.until(
        "each message, those that were under way and those of the end",
        // What the dead one had in hand is its own for 30 s; the clock finds it 10 s later.
        Duration::from_secs(75),
        async |_| {
            let (came, taken) = (receiver.came.lock().unwrap(), receiver.taken.lock().unwrap());
            let told = |event: &str| taken.iter().any(|(_, of)| of == event);
            let all = [
                "campaign.started",
                "call.started",
                "call.ended",
                "campaign.completed",
            ];
            (came.is_subset(&taken) && all.iter().all(|event| told(event))).then_some(())
        },
    )
    .await;
    let id = webhook["id"].as_str().unwrap();
    let logs = api.get(&format!("/webhooks/{id}/logs?limit=100")).await;
    let undone = logs["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["delivered"] == false)
        .count();
    assert_eq!(undone, 0, "whoever died noted nothing: {logs}");
    platform.kill().await;
    carrier.stop().await;
}
