//! Who is let in, and until when.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::http::StatusCode;
use trunkline_media::realtime::DeskOptions;

use crate::client::{Client, Packet};
use crate::platform::Server;

#[tokio::test]
async fn a_bad_token_in_query_or_header_is_401_and_one_in_auth_a_connect_error_that_says_why() {
    let server = Server::start(DeskOptions::default()).await;
    let refused = Client::open(&server.addr, "&token=bad").await.err();
    assert_eq!(refused, Some(StatusCode::UNAUTHORIZED));
    let polling = format!("http://{}/socket.io/?EIO=4&transport=polling", server.addr);
    let asked = reqwest::Client::new().get(&polling).bearer_auth("bad");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let said: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(
        said,
        json!({ "success": false, "error": "the token is not one of this platform" })
    );
    let why = Client::connect(&server.addr, "bad").await.err().unwrap();
    assert_eq!(why["message"], "the token is not one of this platform");
    let mut client = Client::open(&server.addr, "").await.unwrap();
    client.send("40").await;
    let Packet::ConnectError(why) = client.packet().await else {
        panic!("connected without a token")
    };
    assert!(
        why["message"]
            .as_str()
            .unwrap()
            .starts_with("an access token is needed"),
        "{why}"
    );
}

#[tokio::test]
async fn a_good_token_may_come_in_the_query() {
    let server = Server::start(DeskOptions::default()).await;
    let mut client = Client::open(&server.addr, "&token=good-ann").await.unwrap();
    client.send("40").await;
    assert!(matches!(client.packet().await, Packet::Connected));
    client.join("ann").await;
}

#[tokio::test]
async fn an_ended_login_closes_its_sockets_within_a_second_and_says_so() {
    let server = Server::start(DeskOptions::default()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    let mut bob = Client::connect(&server.addr, "good-bob").await.unwrap();
    ann.join("ann").await;
    server
        .platform
        .ended
        .lock()
        .unwrap()
        .insert("good-ann".to_owned());
    let start = Instant::now();
    let (name, data) = ann.event().await;
    assert_eq!(name, "session:ended");
    assert_eq!(data, json!({ "code": 4401, "message": "the login has ended" }));
    assert!(matches!(ann.packet().await, Packet::Disconnected));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    bob.join("bob").await;
    assert_eq!(server.desks.open(), 1);
}

#[tokio::test]
async fn an_instance_that_stops_lets_its_desks_go_elsewhere() {
    let server = Server::start(DeskOptions::default()).await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    server.desks.close().await;
    // The connection ends, not the socket alone: clients then come back by themselves.
    loop {
        match ann.packet().await {
            Packet::Closed => break,
            Packet::Disconnected => panic!("told to stay away"),
            Packet::Event(..) | Packet::Ack(..) | Packet::ConnectError(_) | Packet::Connected => {}
        }
    }
    // Who comes back too soon is sent on, not away.
    let refused = Client::open(&server.addr, "").await.err();
    assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
}
