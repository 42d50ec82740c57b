//! Everything is bounded.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use trunkline_media::realtime::DeskOptions;

use crate::client::{Client, Packet};
use crate::platform::Server;

#[tokio::test]
async fn a_user_has_so_many_sockets_and_one_that_closes_makes_room() {
    let server = Server::start(DeskOptions {
        sockets_a_user_max: 2,
        ..DeskOptions::default()
    })
    .await;
    let first = Client::connect(&server.addr, "good-ann").await.unwrap();
    let _second = Client::connect(&server.addr, "good-ann").await.unwrap();
    let why = Client::connect(&server.addr, "good-ann").await.err().unwrap();
    assert_eq!(
        why["message"],
        "you have 2 sockets open, which is the most; close one"
    );
    assert!(
        Client::connect(&server.addr, "good-bob").await.is_ok(),
        "others have theirs"
    );
    drop(first);
    let room = async {
        while Client::connect(&server.addr, "good-ann").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), room).await.unwrap();
}

#[tokio::test]
async fn a_socket_is_in_so_many_rooms_and_asks_so_often() {
    let server = Server::start(DeskOptions {
        rooms_a_socket_max: 3,
        requests_a_minute_max: 4,
        ..DeskOptions::default()
    })
    .await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("one").await;
    ann.join("two").await;
    let third = json!({ "agentId": "three", "tenantId": "tenant" });
    let refused = ann.ask("agent:join", third).await;
    assert_eq!(
        refused,
        json!({ "success": false, "error": "this socket is in 3 rooms, which is the most; open another one" })
    );
    ann.join("two").await;
    let refused = ann
        .ask("agent:status", json!({ "agentId": "one", "status": "busy" }))
        .await;
    assert_eq!(
        refused["error"],
        "this socket asked 4 times within a minute; wait"
    );
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_said() {
    let server = Server::start(DeskOptions::default()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    for (event, data, error) in [
        ("agent:join", json!({}), "agentId is missing, or is no text"),
        (
            "agent:join",
            json!({ "agentId": "ann" }),
            "tenantId is missing, or is no text",
        ),
        (
            "agent:join",
            json!({ "agentId": 7, "tenantId": "tenant" }),
            "agentId is missing, or is no text",
        ),
        ("agent:join", json!("ann"), "agentId is missing, or is no text"),
        (
            "agent:join",
            json!({ "agentId": "ann", "tenantId": "tenant", "since": 7 }),
            "since is missing, or is no text",
        ),
        (
            "agent:join",
            json!({ "agentId": "ann", "tenantId": "other" }),
            "this is another tenant's",
        ),
        (
            "agent:status",
            json!({ "agentId": "ann" }),
            "status is missing, or is no text",
        ),
        (
            "agent:leave",
            json!({}),
            "there is no such event; this server knows agent:join and agent:status",
        ),
    ] {
        let answer = ann.ask(event, data).await;
        assert_eq!(answer, json!({ "success": false, "error": error }), "{event}");
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection() {
    let server = Server::start(DeskOptions::default()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    let large = format!("42{}", json!(["agent:status", { "status": "x".repeat(20_000) }]));
    ann.send(&large).await;
    assert!(matches!(ann.packet().await, Packet::Closed));
}

#[tokio::test]
async fn a_desk_that_does_not_read_is_dropped_and_the_others_are_told_all() {
    let server = Server::start(DeskOptions {
        unsent_max: 16,
        ..DeskOptions::default()
    })
    .await;
    let mut deaf = Client::connect(&server.addr, "good-deaf").await.unwrap();
    deaf.join("ann").await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("ann").await;
    let mut told = 0_u32;
    let all = async {
        // Until the kernel's buffers and the server's queue of the one that does not read are full.
        while server.desks.open() == 2 {
            told += 1;
            let call = format!("large {told}");
            let posted = json!({ "desk": "ann", "call": call, "seq": 1 });
            assert_eq!(server.post("ours", &posted).await, 204);
            assert_eq!(ann.event().await.1["callId"], call);
        }
    };
    timeout(Duration::from_secs(60), all).await.unwrap();
    let posted = json!({ "desk": "ann", "call": "after", "seq": 1 });
    assert_eq!(server.post("ours", &posted).await, 204);
    assert_eq!(ann.event().await.1["callId"], "after");
    // It reads again before its heartbeat would have ended the connection: it learns that it is out.
    let mut last = deaf.packet().await;
    while matches!(last, Packet::Event(..)) {
        last = deaf.packet().await;
    }
    assert!(matches!(last, Packet::Disconnected), "{last:?}");
}
