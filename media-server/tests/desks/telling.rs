//! Who is told what, and that once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use trunkline_media::realtime::DeskOptions;

use crate::client::Client;
use crate::platform::{Platform, Server, card, ended};

fn quick() -> DeskOptions {
    DeskOptions {
        look: Duration::from_millis(100),
        ..DeskOptions::default()
    }
}

#[tokio::test]
async fn a_card_comes_to_its_desk_alone_and_once_by_both_ways() {
    let server = Server::start(quick()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    let mut bob = Client::connect(&server.addr, "good-bob").await.unwrap();
    ann.join("ann").await;
    bob.join("bob").await;
    let written = |news| {
        server
            .platform
            .written
            .lock()
            .unwrap()
            .push((news, Instant::now()))
    };
    written(card("ann", "call", 2));
    let posted = json!({ "desk": "ann", "call": "call", "seq": 2 });
    assert_eq!(server.post("ours", &posted).await, 204);
    let (name, data) = ann.event().await;
    assert_eq!(
        (name.as_str(), &data["callId"]),
        ("incoming:call", &json!("call"))
    );
    // By the feed alone; and what comes after it on this socket shows that nothing came twice.
    written(ended("ann", "call", 3));
    assert_eq!(ann.event().await.0, "call:ended");
    written(card("bob", "second", 1));
    let (name, data) = bob.event().await;
    assert_eq!(
        (name.as_str(), &data["callId"]),
        ("incoming:call", &json!("second"))
    );
}

#[tokio::test]
async fn what_the_platform_posts_goes_to_the_peers_and_what_a_peer_posts_does_not() {
    let server = Server::start(DeskOptions::default()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("ann").await;
    for (call, peer) in [("one", false), ("two", true)] {
        let posted = json!({ "desk": "ann", "call": call, "seq": 1, "peer": peer });
        assert_eq!(server.post("ours", &posted).await, 204);
        assert_eq!(ann.event().await.1["callId"], call);
    }
    let forwarded = server.platform.forwarded.lock().unwrap().clone();
    assert_eq!(forwarded, [card("ann", "one", 1)]);
}

#[tokio::test]
async fn nothing_is_taken_without_the_signature() {
    let server = Server::start(DeskOptions::default()).await;
    let posted = json!({ "desk": "ann", "call": "call", "seq": 2 });
    assert_eq!(server.post("", &posted).await, 401);
    assert_eq!(server.post("theirs", &posted).await, 401);
    let large = json!({ "desk": "a".repeat(20_000), "call": "call", "seq": 2 });
    assert_eq!(server.post("ours", &large).await, 413);
}

#[tokio::test]
async fn who_joins_is_told_what_it_has_missed_and_no_card_twice() {
    let server = Server::start(DeskOptions::default()).await;
    let missed = vec![
        card("ann", "old", 1),
        ended("ann", "old", 2),
        card("ann", "now", 4),
        // As it rings now.
        card("ann", "now", 6),
    ];
    server
        .platform
        .openings
        .lock()
        .unwrap()
        .insert("ann".to_owned(), missed);
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("ann").await;
    for (name, call) in [
        ("incoming:call", "old"),
        ("call:ended", "old"),
        ("incoming:call", "now"),
    ] {
        let (is, data) = ann.event().await;
        assert_eq!((is.as_str(), &data["callId"]), (name, &json!(call)));
        assert_eq!(data["replayed"], true);
    }
    // The same socket joins again: nothing of it is news.
    ann.join("ann").await;
    let posted = json!({ "desk": "ann", "call": "next", "seq": 1 });
    server.post("ours", &posted).await;
    let (_, data) = ann.event().await;
    assert_eq!((&data["callId"], data.get("replayed")), (&json!("next"), None));
}

#[tokio::test]
async fn what_was_written_before_a_desk_opened_is_not_told_as_if_it_were_new() {
    let server = Server::start(quick()).await;
    let before = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
    server
        .platform
        .written
        .lock()
        .unwrap()
        .push((card("ann", "old", 1), before));
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("ann").await;
    server
        .platform
        .written
        .lock()
        .unwrap()
        .push((card("ann", "new", 1), Instant::now()));
    assert_eq!(ann.event().await.1["callId"], "new");
}

#[tokio::test]
async fn what_is_more_than_one_read_brings_is_told_all_the_same() {
    let server = Server::over(quick(), Platform::in_pages_of(2)).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("ann").await;
    for call in 0..7 {
        let at = Instant::now().checked_sub(Duration::from_millis(700 - 100 * call));
        let card = card("ann", &call.to_string(), 1);
        server.platform.written.lock().unwrap().push((card, at.unwrap()));
    }
    for call in 0..7 {
        assert_eq!(ann.event().await.1["callId"], call.to_string());
    }
}

#[tokio::test]
async fn a_refused_join_hears_nothing() {
    let server = Server::start(DeskOptions::default()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    let asked = |agent: &str, since: &str| json!({ "agentId": agent, "tenantId": "tenant", "since": since });
    ann.join("ann").await;
    for agent in ["bob", "ann"] {
        let refused = ann.ask("agent:join", asked(agent, "whenever")).await;
        assert_eq!(refused["success"], false);
    }
    // Bob's she does not hear; where she was before, she is.
    for (desk, call) in [("bob", "his"), ("ann", "hers")] {
        let posted = json!({ "desk": desk, "call": call, "seq": 1 });
        assert_eq!(server.post("ours", &posted).await, 204);
    }
    assert_eq!(ann.event().await.1["callId"], "hers");
}

#[tokio::test]
async fn who_stops_leaves_for_good() {
    let server = Server::start(DeskOptions::default()).await;
    server.desks.close().await;
    assert_eq!(server.platform.left.load(Ordering::Relaxed), 2);
}
