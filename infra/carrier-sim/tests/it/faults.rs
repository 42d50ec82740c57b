//! Each fault does what it says.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::{
    bench::{Bench, FROM},
    platform::PATIENCE,
};

#[tokio::test]
async fn unknown_faults_are_refused_with_the_list_of_known_ones() {
    let bench = Bench::start().await;
    let (status, error) = bench
        .steer(Method::POST, "faults", json!({"kind": "meteor"}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(error["allowed"].as_array().unwrap().len(), 9);
    for wrong in [
        json!({"kind": "drop", "matsch": {}}),
        json!({"kind": "drop", "count": 0}),
        json!({}),
        json!(7),
    ] {
        assert_eq!(bench.steer(Method::POST, "faults", wrong).await.0, 400);
    }
    bench
        .fault(json!({"kind": "drop", "match": {"to": "+1", "path": "/x"}, "count": 3, "ms": 5}))
        .await;
    let (_, list) = bench.steer(Method::GET, "faults", json!({})).await;
    assert_eq!(list["faults"][0]["match"], json!({"to": "+1", "path": "/x"}));
    assert_eq!(
        bench.steer(Method::DELETE, "faults", json!({})).await.1["deleted"],
        1
    );
}

#[tokio::test]
async fn status_429_and_500_refuse_a_call_before_it_is_placed() {
    let bench = Bench::start().await;
    for (kind, status, code) in [("status_429", 429, 20429), ("status_500", 500, 20500)] {
        bench.fault(json!({"kind": kind, "count": 1})).await;
        assert_eq!(
            bench.get("/Calls.json").await.0,
            200,
            "without a path only the making of calls is struck"
        );
        let (got, error) = bench.try_call("+15550001485", &[]).await;
        assert_eq!(
            (got, &error["code"], &error["status"]),
            (status, &json!(code), &json!(status))
        );
    }
    assert_eq!(bench.get("/Calls.json").await.1["calls"], json!([]));
    bench.call("+15550001485", &[]).await;
    bench
        .fault(json!({"kind": "status_500", "match": {"path": "/Calls.json"}, "count": 1}))
        .await;
    assert_eq!(bench.get("/Calls.json").await.0, 500);
}

#[tokio::test]
async fn a_lost_answer_belongs_to_a_placed_call() {
    let bench = Bench::start().await;
    bench
        .fault(
            json!({"kind": "timeout_after_accept", "match": {"to": "+15550001486"}, "count": 1, "ms": 300}),
        )
        .await;
    let form = [
        ("To", "+15550001486"),
        ("From", FROM),
        ("Url", "http://127.0.0.1:9/x"),
    ];
    let began = Instant::now();
    let lost = bench
        .http
        .post(bench.api("/Calls.json"))
        .basic_auth(
            trunkline_carrier_sim::SimOptions::ACCOUNT_SID,
            Some(trunkline_carrier_sim::SimOptions::AUTH_TOKEN),
        )
        .form(&form)
        .send()
        .await;
    assert!(lost.is_err(), "{lost:?}");
    assert!(began.elapsed() >= Duration::from_millis(300));
    let (_, list) = bench.get("/Calls.json?To=%2B15550001486").await;
    assert_eq!(list["calls"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_lags_for_whom_it_should() {
    let bench = Bench::start().await;
    bench
        .fault(json!({"kind": "list_lag", "match": {"to": "+15550001487"}, "ms": 600_000}))
        .await;
    let hidden = bench.call("+15550001487", &[]).await;
    let seen = bench.call("+15550001488", &[]).await;
    let (_, list) = bench.get("/Calls.json").await;
    let sids: Vec<&str> = list["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["sid"].as_str().unwrap())
        .collect();
    assert_eq!(sids, [seen.as_str()]);
    bench.fetch(&hidden).await;
    bench.steer(Method::DELETE, "faults", json!({})).await;
    assert_eq!(
        bench.get("/Calls.json").await.1["calls"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn callbacks_are_dropped_delayed_doubled_and_reordered() {
    let bench = Bench::start().await;
    bench
        .fault(json!({"kind": "drop", "match": {"to": "+15550001480", "path": "/status"}, "count": 1}))
        .await;
    let sid = bench.call("+15550001480", &[]).await;
    bench.platform.end_of(&sid).await;
    let seen = bench.platform.hooks("/status").len();
    assert_eq!(seen, 2, "one of initiated, ringing, no-answer is missing");

    bench
        .fault(json!({"kind": "duplicate", "match": {"to": "+15550001481"}}))
        .await;
    let sid = bench.call("+15550001481", &[]).await;
    let ends = || {
        bench
            .platform
            .hooks("/status")
            .into_iter()
            .filter(|h| h.get("CallSid") == sid && h.get("CallStatus") == "no-answer")
    };
    bench
        .platform
        .until("the end is told twice", || ends().count() == 2)
        .await;
    let told: Vec<_> = ends().collect();
    assert_eq!(told[0].params, told[1].params);

    bench
        .fault(json!({"kind": "delay", "match": {"to": "+15550001482"}, "ms": 1200}))
        .await;
    let began = Instant::now();
    let sid = bench.call("+15550001482", &[]).await;
    bench.platform.end_of(&sid).await;
    assert!(began.elapsed() >= Duration::from_millis(1200));

    bench
        .fault(json!({"kind": "reorder", "match": {"to": "+15550001483"}, "count": 1, "ms": 60_000}))
        .await;
    let sid = bench.call("+15550001483", &[]).await;
    let told = || -> Vec<String> {
        let hooks = bench.platform.hooks("/status");
        hooks
            .iter()
            .filter(|h| h.get("CallSid") == sid)
            .map(|h| h.get("SequenceNumber").to_owned())
            .collect()
    };
    bench
        .platform
        .until("all three are told", || told().len() == 3)
        .await;
    assert_ne!(told(), ["0", "1", "2"]);
}

#[tokio::test]
async fn a_stream_is_cut_in_mid_call_and_the_action_is_asked() {
    let bench = Bench::start().await;
    let url = bench.platform.stream();
    bench.platform.answer(
        "/answer",
        &format!("<Connect action=\"/ended\"><Stream url=\"{url}\"/></Connect>"),
    );
    bench.platform.answer("/ended", "<Hangup/>");
    let sid = bench.call("+15550001495", &[]).await;
    let mut socket = bench.platform.socket().await;
    socket.begin().await;
    for _ in 0..10 {
        socket.event("media").await;
    }
    // The call is already talking: a fault strikes what is under way too.
    bench
        .fault(json!({"kind": "cut_stream", "match": {"to": "+15550001495"}, "count": 1, "ms": 100}))
        .await;
    let broken = tokio::time::timeout(PATIENCE, async {
        while let Some(message) = socket.next().await {
            assert_ne!(message["event"], "stop", "a connection that breaks says nothing");
            assert_ne!(message["event"], "closed");
        }
    });
    broken.await.unwrap();
    let ended = bench
        .platform
        .hook("/ended", |hook| hook.get("CallSid") == sid)
        .await;
    assert!(!ended.get("StreamError").is_empty());
    bench.platform.end_of(&sid).await;
}

#[tokio::test]
async fn a_dropped_fetch_of_instructions_is_a_failed_one() {
    let bench = Bench::start().await;
    bench.platform.answer("/answer", "<Hangup/>");
    bench
        .fault(json!({"kind": "drop", "match": {"path": "/answer"}, "count": 1}))
        .await;
    let sid = bench.call("+15550001401", &[]).await;
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "failed");
    assert!(bench.platform.hooks("/answer").is_empty());
}
