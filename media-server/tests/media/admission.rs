use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use trunkline_media::OpenMode;
use trunkline_media::session::Next;

use crate::doubles::{Platform, options, plan};
use crate::phone::Stage;

#[tokio::test]
async fn a_wrong_token_closes_the_socket_with_the_reason() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let mut phone = stage.call("c1", "forged").await;
    assert_eq!(
        phone.until_closed().await,
        (1008, "the stream's token is not valid for this call".to_owned())
    );
    assert!(stage.platform.told().admitted.is_empty());
    assert_eq!(stage.server.active(), 0);
}

#[tokio::test]
async fn a_token_opens_one_stream_only() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let mut first = stage.call("c1", "t1").await;
    first.until("the greeting", |phone| !phone.heard.is_empty()).await;
    // The same call again while the first runs, and a token that the platform knows as used.
    let mut second = stage.call("c1", "t1").await;
    assert_eq!(
        second.until_closed().await,
        (1008, "the stream's token was already used".to_owned())
    );
    let mut third = stage.call("used", "t1").await;
    assert_eq!(
        third.until_closed().await,
        (1008, "the stream's token was already used".to_owned())
    );
    first.silence(100).await;
    assert!(first.closed.is_none(), "the first goes on");
    assert_eq!(stage.platform.told().admitted.len(), 1);
}

#[tokio::test]
async fn a_socket_that_does_not_start_is_closed() {
    let mut options = options();
    options.start_timeout = Duration::from_millis(150);
    let stage = Stage::new(options, Platform::new(plan(), &["t1"])).await;
    let mut phone = stage.connect().await;
    phone
        .send(json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        .await;
    assert_eq!(
        phone.until_closed().await,
        (1008, "no start message came in time".to_owned())
    );
}

#[tokio::test]
async fn a_stream_without_parameters_is_refused() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let mut phone = stage.connect().await;
    phone.start(json!({})).await;
    assert_eq!(
        phone.until_closed().await,
        (1008, "the parameters callId and token are needed".to_owned())
    );
}

#[tokio::test]
async fn only_so_many_sockets_may_wait_for_their_start() {
    let mut options = options();
    options.max_pending = 2;
    let stage = Stage::new(options, Platform::new(plan(), &["t1"])).await;
    let mut first = stage.connect().await;
    let _second = stage.connect().await;
    assert!(stage.try_connect().await.is_err());
    first.start(json!({"callId": "c1", "token": "t1"})).await;
    first.until("the greeting", |phone| !phone.heard.is_empty()).await;
    assert!(
        stage.try_connect().await.is_ok(),
        "one that has started waits no more"
    );
}

#[tokio::test]
async fn an_oversized_frame_ends_its_stream_and_no_other() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1", "t2"])).await;
    let mut phone = stage.call("c1", "t1").await;
    let mut other = stage.call("c2", "t2").await;
    phone.until("the greeting", |phone| !phone.heard.is_empty()).await;
    phone.send_text("x".repeat(65 * 1024)).await;
    phone.until("closed", |phone| phone.closed.is_some()).await;
    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    assert_eq!(told.finished[0].0, Next::Resume);
    other.silence(100).await;
    assert!(other.closed.is_none());

    let mut early = stage.connect().await;
    early.send_text("x".repeat(65 * 1024)).await;
    early.until("closed", |phone| phone.closed.is_some()).await;
}

#[tokio::test]
async fn a_few_bad_messages_are_ignored_and_a_stream_of_them_is_closed() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let mut phone = stage.call("c1", "t1").await;
    for bad in ["", "{", r#"{"event":"media"}"#] {
        phone.send_text(bad.to_owned()).await;
    }
    phone.until("the greeting", |phone| !phone.heard.is_empty()).await;
    for _ in 0..20 {
        phone.send_text("rubbish".to_owned()).await;
    }
    phone.until("closed", |phone| phone.closed.is_some()).await;
}

#[tokio::test]
async fn beyond_capacity_a_stream_is_turned_away_with_its_token_unused() {
    let mut options = options();
    options.max_conversations = 1;
    let stage = Stage::new(options, Platform::new(plan(), &["t1", "t2"])).await;
    let mut first = stage.call("c1", "t1").await;
    first.until("the greeting", |phone| !phone.heard.is_empty()).await;
    assert_eq!((stage.server.active(), stage.server.free()), (1, 0));
    let mut second = stage.call("c2", "t2").await;
    assert_eq!(second.until_closed().await.0, 1013);
    first.send(json!({"event": "stop"})).await;
    stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    first.until_closed().await;
    let mut again = stage.call("c2", "t2").await;
    again.until("the greeting", |phone| !phone.heard.is_empty()).await;
}

#[tokio::test]
async fn free_places_are_published_and_at_once_when_they_change_or_drain() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    let server = stage.server.clone();
    let publishing = tokio::spawn(async move { server.publish_capacity().await });
    stage
        .platform
        .wait_until(|told| told.capacity.first() == Some(&(0, 10)))
        .await;
    // The clock's first two come at once, the next after 5 s.
    stage.platform.wait_until(|told| told.capacity.len() >= 2).await;
    stage.server.publish_now();
    let soon = stage.platform.wait_until(|told| told.capacity.len() >= 3);
    tokio::time::timeout(Duration::from_secs(2), soon)
        .await
        .expect("it is published when it is asked for");
    stage.server.drain().await;
    stage
        .platform
        .wait_until(|told| told.capacity.last() == Some(&(0, 0)))
        .await;
    publishing.await.unwrap();
}

#[tokio::test]
async fn in_open_mode_anyone_on_loopback_may_stream_and_nothing_is_stored() {
    let reached_at: SocketAddr = "127.0.0.1:80".parse().unwrap();
    let mut options = options();
    options.open = Some(OpenMode::on(reached_at, plan()).unwrap());
    let stage = Stage::new(options, Platform::new(plan(), &[])).await;
    let mut phone = stage.connect().await;
    phone.start(json!({})).await;
    phone.until("the greeting", |phone| phone.heard.len() > 20).await;
    assert_eq!(stage.server.active(), 1);
    phone.send(json!({"event": "stop"})).await;
    phone.until_closed().await;
    let told = stage.platform.told();
    assert!(told.admitted.is_empty() && told.lines.is_empty() && told.finished.is_empty());

    // A call of ours is still checked there.
    let mut phone = stage.call("c1", "forged").await;
    assert_eq!(phone.until_closed().await.0, 1008);
}

#[tokio::test]
async fn a_handshake_that_another_account_signed_is_refused() {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let stage = Stage::new(options(), Platform::new(plan(), &[])).await;
    for (signature, opens) in [("ours", true), ("theirs", false), ("\u{fc}", false)] {
        let mut request = format!("ws://{}/media-stream", stage.address)
            .into_client_request()
            .unwrap();
        let value = tokio_tungstenite::tungstenite::http::HeaderValue::from_bytes(signature.as_bytes());
        request.headers_mut().insert("X-Twilio-Signature", value.unwrap());
        let opened = tokio_tungstenite::connect_async(request).await.is_ok();
        assert_eq!(opened, opens, "{signature}");
    }
}

#[test]
fn open_mode_is_not_to_be_had_on_an_address_that_others_reach() {
    for address in ["0.0.0.0:80", "192.168.1.2:80", "[2001:db8::1]:80"] {
        let error = OpenMode::on(address.parse().unwrap(), plan()).unwrap_err();
        assert!(error.to_string().contains(address), "{error}");
    }
    assert!(OpenMode::on("[::1]:80".parse().unwrap(), plan()).is_ok());
}
