//! Media Streams: pacing, marks, clear, keys, and what becomes of the call when a stream is over.

use std::time::Instant;

use reqwest::Method;
use serde_json::json;

use crate::{
    bench::Bench,
    socket::{Socket, loud},
};

async fn dead_air(bench: &Bench, inner: &str) -> (String, Socket) {
    let url = bench.platform.stream();
    let stream = format!("<Connect action=\"/ended?gen=0\"><Stream url=\"{url}\"/></Connect>");
    bench.platform.answer("/answer", &format!("{stream}{inner}"));
    bench.platform.answer("/ended", "<Hangup/>");
    let sid = bench.call("+15550001395", &[]).await;
    let mut socket = bench.platform.socket().await;
    socket.begin().await;
    (sid, socket)
}

#[tokio::test]
async fn marks_come_back_when_played_and_at_once_after_clear() {
    let bench = Bench::start().await;
    let (sid, mut socket) = dead_air(&bench, "").await;
    let began = Instant::now();
    socket.mark("empty");
    assert_eq!(
        socket.event("mark").await["mark"]["name"],
        "empty",
        "nothing is before it"
    );
    socket.play(1000);
    socket.mark("first");
    socket.play(60_000);
    socket.mark("second");
    assert_eq!(socket.event("mark").await["mark"]["name"], "first");
    assert!(began.elapsed().as_millis() >= 980, "sound is played in real time");
    let cleared = Instant::now();
    socket.clear();
    assert_eq!(socket.event("mark").await["mark"]["name"], "second");
    assert!(cleared.elapsed().as_secs() < 30, "a minute was waiting");
    drop(socket);
    let ended = bench
        .platform
        .hook("/ended", |hook| hook.get("CallSid") == sid)
        .await;
    assert!(
        ended.get("StreamSid").starts_with("MZ")
            && ended.get("gen") == "0"
            && ended.get("StreamError").is_empty()
    );
    bench.platform.end_of(&sid).await;
    let heard = bench.party(&sid).await["heard_ms"].as_u64().unwrap();
    assert!((1000..30_000).contains(&heard), "{heard} ms were heard");
}

#[tokio::test]
async fn keys_are_pressed_one_after_the_other_by_a_person_who_is_told_to() {
    let bench = Bench::start().await;
    let (sid, mut socket) = dead_air(&bench, "").await;
    let path = format!("calls/{sid}/keys");
    let (status, _) = bench.steer(Method::POST, &path, json!({"keys": "9#"})).await;
    assert_eq!(status, 202);
    for digit in ["9", "#"] {
        assert_eq!(socket.event("dtmf").await["dtmf"]["digit"], digit);
    }
    for (path, body, expected) in [
        (path.as_str(), json!({"keys": "w"}), 400),
        (path.as_str(), json!({"keys": ""}), 400),
        (path.as_str(), json!({"digits": "9"}), 400),
        ("calls/CA0/keys", json!({"keys": "9"}), 404),
    ] {
        let (status, refused) = bench.steer(Method::POST, path, body).await;
        assert_eq!(status, expected, "{refused}");
        assert!(refused["error"].is_string(), "{refused}");
    }
}

#[tokio::test]
async fn media_comes_every_20_ms_and_counts_on() {
    let bench = Bench::start().await;
    let (_, mut socket) = dead_air(&bench, "").await;
    let began = Instant::now();
    for chunk in 1..=100_u32 {
        let media = socket.next().await.unwrap();
        assert_eq!(media["event"], "media");
        assert_eq!(media["media"]["chunk"], chunk.to_string());
        assert_eq!(media["media"]["timestamp"], ((chunk - 1) * 20).to_string());
        assert_eq!(media["sequenceNumber"], (chunk + 1).to_string());
        assert!(!loud(&media));
    }
    let took = began.elapsed().as_millis();
    assert!((1900..4000).contains(&took), "100 frames took {took} ms");
}

#[tokio::test]
async fn a_message_that_is_not_of_the_protocol_ends_the_stream() {
    let bench = Bench::start().await;
    let (sid, socket) = dead_air(&bench, "").await;
    socket.say(json!({"event": "media", "streamSid": "MZ-of-another", "media": {"payload": ""}}));
    let ended = bench
        .platform
        .hook("/ended", |hook| hook.get("CallSid") == sid)
        .await;
    assert!(ended.get("StreamError").contains("MZ-of-another"), "{ended:?}");
}

#[tokio::test]
async fn without_an_action_the_next_verb_follows() {
    let bench = Bench::start().await;
    let url = bench.platform.stream();
    bench.platform.answer(
        "/answer",
        &format!("<Connect><Stream url=\"{url}\"/></Connect><Redirect>/next</Redirect>"),
    );
    bench.platform.answer("/next", "<Hangup/>");
    let sid = bench.call("+15550001396", &[]).await;
    let mut socket = bench.platform.socket().await;
    socket.begin().await;
    drop(socket);
    bench
        .platform
        .hook("/next", |hook| hook.get("CallSid") == sid)
        .await;
    bench.platform.end_of(&sid).await;
}

#[tokio::test]
async fn a_stream_that_cannot_be_opened_asks_the_action() {
    let bench = Bench::start().await;
    let stream = "<Connect action=\"/ended\"><Stream url=\"ws://127.0.0.1:9/nobody\"/></Connect>";
    bench.platform.answer("/answer", stream);
    bench.platform.answer("/ended", "<Hangup/>");
    let sid = bench.call("+15550001395", &[]).await;
    let ended = bench
        .platform
        .hook("/ended", |hook| hook.get("CallSid") == sid)
        .await;
    assert!(ended.get("StreamError").contains("31920"), "{ended:?}");
}

#[tokio::test]
async fn a_copy_of_the_call_runs_beside_its_other_instructions() {
    let bench = Bench::start().await;
    let url = bench.platform.stream();
    let start = format!(
        "<Start><Stream name=\"tap\" url=\"{url}\" track=\"both_tracks\" statusCallback=\"/tap\"/></Start>\
         <Say>Hello</Say><Stop><Stream name=\"tap\"/></Stop><Pause length=\"20\"/>"
    );
    bench.platform.answer("/answer", &start);
    let sid = bench.call("+15550001301", &[]).await;
    let mut socket = bench.platform.socket().await;
    assert_eq!(
        socket.begin().await["start"]["tracks"],
        json!(["inbound", "outbound"])
    );
    let (mut inbound, mut outbound) = (0, 0);
    loop {
        let message = socket.next().await.unwrap();
        match message["event"].as_str().unwrap() {
            "media" if message["media"]["track"] == "inbound" => inbound += 1,
            "media" => outbound += usize::from(loud(&message)),
            "stop" => break,
            other => panic!("{other}"),
        }
    }
    assert!(
        inbound > 10 && outbound > 10,
        "{inbound} inbound, {outbound} loud outbound"
    );
    for event in ["stream-started", "stream-stopped"] {
        bench
            .platform
            .hook("/tap", |hook| {
                hook.get("StreamEvent") == event && hook.get("CallSid") == sid
            })
            .await;
    }
}

#[tokio::test]
async fn one_who_talks_over_the_agent_does_so_in_mid_sentence() {
    let bench = Bench::start().await;
    let url = bench.platform.stream();
    bench
        .platform
        .answer("/answer", &format!("<Connect><Stream url=\"{url}\"/></Connect>"));
    let sid = bench.call("+15550001398", &[]).await;
    let mut socket = bench.platform.socket().await;
    socket.begin().await;
    // The agent speaks for half a minute; the person does not wait that long.
    socket.play(30_000);
    socket.mark("end of the sentence");
    let mut lines = 0;
    let mut was_loud = false;
    while lines < 2 {
        let message = socket.next().await.unwrap();
        assert_ne!(message["event"], "mark", "the agent was let finish");
        let is_loud = message["event"] == "media" && loud(&message);
        lines += usize::from(is_loud && !was_loud);
        was_loud = is_loud;
    }
    assert!(
        bench.party(&sid).await["said"][1]
            .as_str()
            .unwrap()
            .contains("Wait")
    );
}
