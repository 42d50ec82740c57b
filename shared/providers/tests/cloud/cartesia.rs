//! Cartesia's voices.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use trunkline_providers::ProviderError;
use trunkline_providers::cloud::{Limits, Vendor, text_to_speech_within};
use trunkline_providers::tts::{TextToSpeech, TtsPart, Voice};

use crate::socket::{Peer, Refusal, Sent, Sockets};
use crate::web::{KEY, account, limits};

fn voice(server: &Sockets, limits: Limits) -> Arc<dyn TextToSpeech> {
    text_to_speech_within(&account(Vendor::Cartesia, &server.url), limits).unwrap()
}

async fn start(speaker: &dyn TextToSpeech) -> Receiver<TtsPart> {
    speaker.speak("Good morning.", &Voice::default()).await.unwrap()
}

async fn hear(parts: &mut Receiver<TtsPart>) -> Option<TtsPart> {
    timeout(Duration::from_secs(10), parts.recv())
        .await
        .expect("no part")
}

fn reason(part: Option<TtsPart>) -> String {
    match part {
        Some(TtsPart::Failed(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn chunk(context: &Value, samples: &[i16]) -> Value {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    json!({"type": "chunk", "data": STANDARD.encode(bytes), "done": false, "status_code": 206, "context_id": context})
}

fn done(context: &Value) -> Value {
    json!({"type": "done", "done": true, "status_code": 206, "context_id": context})
}

/// Answers the next request with these samples.
async fn serve(peer: &mut Peer, samples: &[i16]) -> Value {
    let request = peer.json().await;
    peer.say(chunk(&request["context_id"], samples)).await;
    peer.say(done(&request["context_id"])).await;
    request
}

#[tokio::test]
async fn sentences_share_a_socket_and_hear_only_their_own() {
    let mut server = Sockets::start([]).await;
    let speaker = voice(&server, limits());
    let how = Voice {
        id: "my-voice".to_owned(),
        speed: 2.0,
        language: "de-AT".to_owned(),
    };
    let mut parts = speaker.speak("Guten Tag.", &how).await.unwrap();
    let mut peer = server.accept().await;
    assert_eq!(peer.path, "/tts/websocket");
    assert_eq!(peer.authorization, format!("Bearer {KEY}"));
    assert_eq!(peer.version.as_deref(), Some("2026-03-01"));
    let mut request = serve(&mut peer, &[1, -2, 3]).await;
    let first = request["context_id"].take();
    let wanted = json!({
        "model_id": "sonic-3.5", "transcript": "Guten Tag.", "voice": {"mode": "id", "id": "my-voice"}, "language": "de",
        "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}, "continue": false,
        "generation_config": {"speed": 1.5}, "context_id": null,
    });
    assert_eq!(request, wanted);
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![1, -2, 3])));
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Done));
    assert_eq!(hear(&mut parts).await, None);

    let mut parts = start(&*speaker).await;
    peer.say(chunk(&first, &[9])).await;
    let request = serve(&mut peer, &[4]).await;
    assert_ne!(request["context_id"], first);
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![4])));
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Done));
    assert!(server.nobody_else());
}

#[tokio::test]
async fn who_is_interrupted_cancels_and_the_socket_serves_on() {
    let mut server = Sockets::start([]).await;
    let speaker = voice(&server, limits());
    let mut parts = start(&*speaker).await;
    let mut peer = server.accept().await;
    let request = peer.json().await;
    peer.say(chunk(&request["context_id"], &[1])).await;
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![1])));
    drop(parts);
    assert_eq!(
        peer.json().await,
        json!({"context_id": request["context_id"], "cancel": true})
    );
    // Another call speaks at the same time or later; both are fine.
    peer.say(done(&request["context_id"])).await;
    let mut parts = start(&*speaker).await;
    let mut other = None;
    tokio::select! {
        _ = serve(&mut peer, &[2]) => {}
        mut peer = server.accept() => { serve(&mut peer, &[2]).await; other = Some(peer); }
    }
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![2])));
    drop(other);
}

#[tokio::test]
async fn a_socket_that_was_closed_meanwhile_is_replaced_once() {
    let mut server = Sockets::start([]).await;
    let speaker = voice(&server, limits());
    let mut parts = start(&*speaker).await;
    let mut peer = server.accept().await;
    serve(&mut peer, &[1]).await;
    assert!(matches!(hear(&mut parts).await, Some(TtsPart::Audio(_))));
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Done));
    peer.close(1_000, "idle").await;
    let mut parts = start(&*speaker).await;
    let mut peer = server.accept().await;
    serve(&mut peer, &[2]).await;
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![2])));
    // A new one that closes is a failure.
    let mut parts = start(&*speaker).await;
    peer.close(1_000, "idle").await;
    server.accept().await.close(1_011, "sorry").await;
    assert!(reason(hear(&mut parts).await).contains("closed (1011): sorry"));
}

#[tokio::test]
async fn faults_in_mid_sentence_are_failures() {
    let short = Limits {
        answer: Duration::from_millis(400),
        quiet: Duration::from_millis(80),
        ..limits()
    };
    let mut server = Sockets::start([]).await;
    let speaker = voice(&server, short);
    let error = json!({"type": "error", "done": true, "status_code": 400, "title": "Invalid", "message": "No such voice"});
    for (said, part) in [
        (Some("{".to_owned()), "cannot be read"),
        (Some(error.to_string()), "answered 400: No such voice"),
        (Some(r#"{"type":"done","done":true}"#.to_owned()), "no audio"),
        (None, "did not answer within 400ms"),
    ] {
        let mut parts = start(&*speaker).await;
        let mut peer = server.accept().await;
        peer.json().await;
        if let Some(said) = said {
            peer.say_text(&said).await;
        }
        let reason = reason(hear(&mut parts).await);
        assert!(reason.contains(part), "{reason}");
        assert_eq!(peer.next().await, Sent::Closed);
    }
    let mut parts = start(&*speaker).await;
    let mut peer = server.accept().await;
    let request = peer.json().await;
    peer.say(chunk(&request["context_id"], &[1])).await;
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![1])));
    assert!(reason(hear(&mut parts).await).contains("stopped for more than 80ms"));
}

#[tokio::test]
async fn a_full_account_is_asked_again_and_then_told() {
    let mut server = Sockets::start([]).await;
    let speaker = voice(&server, limits());
    let busy = |context: &Value| {
        json!({
            "type": "error", "done": true, "status_code": 429, "error_code": "concurrency_limited",
            "title": "Too many concurrent requests", "message": "Over your limit", "context_id": context,
        })
    };
    let mut parts = start(&*speaker).await;
    let mut peer = server.accept().await;
    let request = peer.json().await;
    peer.say(busy(&request["context_id"])).await;
    serve(&mut peer, &[5]).await;
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![5])));
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Done));
    let mut parts = start(&*speaker).await;
    for _ in 0..3 {
        let request = peer.json().await;
        peer.say(busy(&request["context_id"])).await;
    }
    assert!(reason(hear(&mut parts).await).contains("(429): Over your limit"));
}

#[tokio::test]
async fn a_wrong_key_and_a_silent_vendor_are_told_at_once() {
    let said = r#"{"error_code":"unauthorized","title":"Unauthorized","message":"Invalid API key"}"#;
    let refusals = [
        Refusal::Status(401, None, said.to_owned()),
        Refusal::Silence,
        Refusal::Status(429, Some("0.01"), String::new()),
    ];
    let short = Limits {
        connect: Duration::from_millis(80),
        ..limits()
    };
    let mut server = Sockets::start(refusals).await;
    let speaker = voice(&server, short);
    let error = speaker.speak("Hi", &Voice::default()).await.unwrap_err();
    assert!(
        matches!(
            error,
            ProviderError::Unavailable {
                provider: "cartesia",
                ..
            }
        ),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("CARTESIA_API_KEY") && !text.contains(KEY), "{text}");
    let text = speaker
        .speak("Hi", &Voice::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(text.contains("did not open within 80ms"), "{text}");
    let mut parts = start(&*speaker).await;
    serve(&mut server.accept().await, &[1]).await;
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Audio(vec![1])));
    let mut parts = speaker.speak(" ", &Voice::default()).await.unwrap();
    assert_eq!(hear(&mut parts).await, Some(TtsPart::Done));
}
