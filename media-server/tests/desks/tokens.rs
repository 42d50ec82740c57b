//! Who is let in, and until when.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};
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

#[tokio::test]
async fn a_desk_that_became_another_agents_is_shut_and_ones_own_stays_open() {
    let server = Server::start(DeskOptions {
        rights: Duration::from_millis(50),
        ..DeskOptions::default()
    })
    .await;
    let mut ann = Client::connect(&server.addr, "good-ann").await.unwrap();
    ann.join("ann").await;
    ann.join("bob").await;
    server.platform.taken.lock().unwrap().insert("bob".to_owned());
    // Each round tells both desks; at some time Bob's is not heard any more.
    let shut = async {
        let mut silent = 0;
        for round in 0_u64.. {
            for desk in ["bob", "ann"] {
                let call = format!("{desk} {round}");
                let posted = json!({ "desk": desk, "call": call, "seq": 1 });
                assert_eq!(server.post("ours", &posted).await, 204);
            }
            let own = format!("ann {round}");
            let mut heard = ann.event().await.1["callId"].clone();
            let mut was_told = false;
            while heard != own {
                was_told = true;
                heard = ann.event().await.1["callId"].clone();
            }
            silent = if was_told { 0 } else { silent + 1 };
            // Once may be that one was overtaken by the other.
            if silent == 5 {
                break;
            }
        }
    };
    timeout(Duration::from_secs(10), shut).await.unwrap();
    assert_eq!(server.desks.open(), 1);
}
