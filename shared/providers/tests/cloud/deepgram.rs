//! Deepgram's live recognition.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use trunkline_providers::ProviderError;
use trunkline_providers::cloud::{Limits, Vendor, speech_to_text_within};
use trunkline_providers::stt::{SttEvent, SttInput, SttOptions, SttStream};

use crate::socket::{Peer, Refusal, Sent, Sockets};
use crate::web::{KEY, account, limits};

async fn open(server: &Sockets, limits: Limits) -> Result<SttStream, ProviderError> {
    let options = SttOptions {
        language: "en-GB".to_owned(),
    };
    speech_to_text_within(&account(Vendor::Deepgram, &server.url), limits)
        .unwrap()
        .open(&options)
        .await
}

/// A stream and the vendor's end of it.
async fn both(limits: Limits) -> (SttStream, Peer, Sockets) {
    let mut server = Sockets::start([]).await;
    let stream = open(&server, limits).await.unwrap();
    let peer = server.accept().await;
    (stream, peer, server)
}

fn results(start: f64, duration: f64, text: &str, fixed: bool, flushed: bool) -> Value {
    json!({
        "type": "Results", "channel_index": [0, 1], "start": start, "duration": duration, "is_final": fixed,
        "speech_final": false, "from_finalize": flushed,
        "channel": {"alternatives": [{"transcript": text, "confidence": 0.75, "words": []}]},
    })
}

fn kind(kind: &str) -> Sent {
    Sent::Json(json!({ "type": kind }))
}

async fn hear(stream: &mut SttStream) -> Option<SttEvent> {
    timeout(Duration::from_secs(10), stream.events.recv())
        .await
        .expect("no event")
}

async fn send(stream: &SttStream, input: SttInput) {
    stream.input.send(input).await.unwrap();
}

fn audio(sample: i16, count: usize) -> SttInput {
    SttInput::Audio(vec![sample; count])
}

fn partial(text: &str) -> Option<SttEvent> {
    Some(SttEvent::Partial {
        text: text.to_owned(),
    })
}

fn said(turn: u32, text: &str, confidence: Option<f32>) -> Option<SttEvent> {
    Some(SttEvent::Final {
        turn,
        text: text.to_owned(),
        confidence,
    })
}

fn failure(event: Option<SttEvent>) -> String {
    match event {
        Some(SttEvent::Failed(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_turn_is_partials_then_a_flush_then_one_final() {
    let (mut stream, mut peer, _server) = both(limits()).await;
    let wanted = "/v1/listen?model=nova-3&language=en-GB&encoding=linear16&sample_rate=8000&channels=1\
                  &interim_results=true&punctuate=true&endpointing=150";
    assert_eq!(peer.path, wanted);
    assert_eq!(peer.authorization, format!("Token {KEY}"));
    peer.say(json!({"type": "Metadata", "request_id": "a"})).await;
    send(&stream, audio(7, 8_000)).await;
    assert_eq!(peer.next().await, Sent::Audio(vec![7; 8_000]));
    peer.say(results(0.0, 0.9, "good mor", false, false)).await;
    assert_eq!(hear(&mut stream).await, partial("good mor"));
    send(&stream, SttInput::EndOfTurn { turn: 4 }).await;
    assert_eq!(peer.next().await, kind("Finalize"));
    peer.say(results(0.0, 1.0, "Good morning.", true, true)).await;
    assert_eq!(hear(&mut stream).await, said(4, "Good morning.", Some(0.75)));
    // Nothing more was said: the next turn is over at once.
    send(&stream, SttInput::EndOfTurn { turn: 5 }).await;
    assert_eq!(hear(&mut stream).await, said(5, "", None));
    drop(stream);
    assert_eq!(peer.next().await, kind("CloseStream"));
    assert_eq!(peer.next().await, Sent::Closed);
}

#[tokio::test]
async fn a_turn_is_answered_in_time_even_when_the_vendor_does_not() {
    let short = Limits {
        turn: Duration::from_millis(80),
        ..limits()
    };
    let (mut stream, mut peer, mut server) = both(short).await;
    send(&stream, audio(1, 800)).await;
    peer.next().await;
    peer.say(results(0.0, 0.1, "wait", false, false)).await;
    assert_eq!(hear(&mut stream).await, partial("wait"));
    send(&stream, SttInput::EndOfTurn { turn: 1 }).await;
    assert_eq!(hear(&mut stream).await, said(1, "wait", None));
    // Not a word came since: another connection, with what had no text yet.
    let mut peer = server.accept().await;
    assert_eq!(peer.next().await, Sent::Audio(vec![1; 800]));
    send(&stream, audio(2, 800)).await;
    assert_eq!(peer.next().await, Sent::Audio(vec![2; 800]));
    send(&stream, SttInput::EndOfTurn { turn: 2 }).await;
    assert_eq!(peer.next().await, kind("Finalize"));
    // The first turn's text comes after all, and is not the second's.
    peer.say(results(0.0, 0.1, "wait", true, false)).await;
    peer.say(results(0.1, 0.1, "please", true, true)).await;
    assert_eq!(hear(&mut stream).await, said(2, "please", Some(0.75)));
}

#[tokio::test]
async fn a_lost_connection_comes_back_with_the_audio_that_had_no_text() {
    let (mut stream, mut peer, mut server) = both(limits()).await;
    for sample in 1..=3 {
        send(&stream, audio(sample, 4_000)).await;
        peer.next().await;
    }
    peer.say(results(0.0, 0.5, "I want", true, false)).await;
    assert_eq!(hear(&mut stream).await, partial("I want"));
    send(&stream, SttInput::EndOfTurn { turn: 1 }).await;
    assert_eq!(peer.next().await, kind("Finalize"));
    peer.close(1_011, "NET-0000").await;
    let mut peer = server.accept().await;
    let again = [vec![2; 4_000], vec![3; 4_000]].concat();
    assert_eq!(peer.next().await, Sent::Audio(again));
    assert_eq!(peer.next().await, kind("Finalize"));
    // Its clock starts anew.
    peer.say(results(0.0, 1.0, "two teas", true, true)).await;
    assert_eq!(hear(&mut stream).await, said(1, "I want two teas", Some(0.75)));
    send(&stream, audio(4, 80)).await;
    assert_eq!(peer.next().await, Sent::Audio(vec![4; 80]));
    peer.say(results(1.0, 0.01, "and", false, false)).await;
    assert_eq!(hear(&mut stream).await, partial("and"));
}

#[tokio::test]
async fn connections_that_bring_no_text_are_given_up_after_some() {
    let (mut stream, peer, mut server) = both(limits()).await;
    peer.close(1_011, "NET-0001").await;
    for noise in [
        "{",
        r#"{"type":"Results"}"#,
        r#"{"type":"Error","description":"out of order"}"#,
    ] {
        let mut peer = server.accept().await;
        peer.pinged().await;
        peer.say_text(noise).await;
        assert_eq!(peer.next().await, Sent::Closed);
    }
    let reason = failure(hear(&mut stream).await);
    assert_eq!(reason, "deepgram failed: it reports an error: out of order");
    assert!(server.nobody_else());
    assert_eq!(hear(&mut stream).await, None);
}

#[tokio::test]
async fn nobody_there_any_more_is_told_in_time() {
    let (mut stream, peer, server) = both(limits()).await;
    server.stop().await;
    peer.close(1_000, "bye").await;
    let reason = failure(hear(&mut stream).await);
    assert!(reason.contains("did not open: IO error"), "{reason}");

    let short = Limits {
        reconnect: Duration::from_millis(80),
        ..limits()
    };
    let (mut stream, peer, server) = both(short).await;
    server.refuse(Refusal::Silence);
    peer.close(1_000, "bye").await;
    let reason = failure(hear(&mut stream).await);
    assert!(
        reason.contains("could not be reached again within 80ms; before: "),
        "{reason}"
    );
    assert!(reason.contains("closed (1000): bye"), "{reason}");
}

#[tokio::test]
async fn a_vendor_that_takes_nothing_more_is_left() {
    let short = Limits {
        send: Duration::from_millis(100),
        ..limits()
    };
    let (stream, stuck, mut server) = both(short).await;
    let fill = async {
        loop {
            send(&stream, audio(1, 80_000)).await;
        }
    };
    let mut peer = tokio::select! {
        peer = server.accept() => peer,
        () = fill => unreachable!("it has no end"),
    };
    assert_eq!(peer.next().await, Sent::Audio(vec![1; 8_000]));
    drop(stuck);
}

#[tokio::test]
async fn a_broken_rule_is_not_broken_again() {
    let (mut stream, peer, mut server) = both(limits()).await;
    peer.close(1_008, "DATA-0000").await;
    let reason = failure(hear(&mut stream).await);
    assert!(reason.contains("closed (1008): DATA-0000"), "{reason}");
    assert!(server.nobody_else());
}

#[tokio::test]
async fn silence_is_kept_alive_and_a_reset_forgets() {
    let often = Limits {
        keep_alive: Duration::from_millis(30),
        ..limits()
    };
    let (mut stream, mut peer, _server) = both(often).await;
    assert_eq!(peer.next().await, kind("KeepAlive"));
    assert_eq!(peer.next().await, kind("KeepAlive"));
    send(&stream, audio(1, 8_000)).await;
    send(&stream, SttInput::Reset).await;
    send(&stream, audio(2, 8_000)).await;
    send(&stream, SttInput::EndOfTurn { turn: 1 }).await;
    let mut flushes = 0;
    while flushes < 2 {
        flushes += u32::from(peer.next().await == kind("Finalize"));
    }
    peer.say(results(0.0, 1.0, "noise", true, true)).await;
    peer.say(results(1.0, 1.0, "Yes", true, true)).await;
    assert_eq!(hear(&mut stream).await, said(1, "Yes", Some(0.75)));
}

#[tokio::test]
async fn the_last_turn_is_answered_though_nothing_more_will_come() {
    let (mut stream, mut peer, _server) = both(limits()).await;
    send(&stream, audio(1, 8_000)).await;
    send(&stream, SttInput::EndOfTurn { turn: 1 }).await;
    let SttStream { input, events } = stream;
    drop(input);
    peer.next().await;
    assert_eq!(peer.next().await, kind("Finalize"));
    peer.say(results(0.0, 1.0, "Bye", true, true)).await;
    let (input, _) = tokio::sync::mpsc::channel(1);
    stream = SttStream { input, events };
    assert_eq!(hear(&mut stream).await, said(1, "Bye", Some(0.75)));
    assert_eq!(hear(&mut stream).await, None);
    assert_eq!(peer.next().await, kind("CloseStream"));
}

#[tokio::test]
async fn refusals_are_told_or_waited_out() {
    let refusal = |status, after, body: &str| Refusal::Status(status, after, body.to_owned());
    let said = r#"{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."}"#;
    let server = Sockets::start([refusal(401, None, said)]).await;
    let error = open(&server, limits()).await.unwrap_err();
    assert!(
        matches!(
            error,
            ProviderError::Unavailable {
                provider: "deepgram",
                ..
            }
        ),
        "{error:?}"
    );
    let text = format!("{error:?}");
    assert!(
        text.contains("(401)") && text.contains("DEEPGRAM_API_KEY") && !text.contains(KEY),
        "{text}"
    );

    let server = Sockets::start([refusal(429, Some("0.01"), "{}"), refusal(429, None, "{}")]).await;
    assert!(open(&server, limits()).await.is_ok());

    let server = Sockets::start([refusal(429, Some("60"), "{}"), refusal(400, None, "{}")]).await;
    for status in ["(429)", "answered 400"] {
        let error = open(&server, limits()).await.unwrap_err().to_string();
        assert!(error.contains(status), "{error}");
    }
}

#[tokio::test]
async fn a_vendor_that_opens_nothing_is_given_up_in_time() {
    let short = Limits {
        connect: Duration::from_millis(80),
        ..limits()
    };
    let server = Sockets::start([Refusal::Silence]).await;
    let error = open(&server, short).await.unwrap_err().to_string();
    assert!(error.contains("did not open within 80ms"), "{error}");
}
