//! The rest of TwiML: what the far party hears, presses, and leaves.

use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn an_operator_presses_one_when_a_whisper_asks() {
    let bench = Bench::start().await;
    let path = "/webhooks/twilio/agent-answer";
    let whisper = "<Gather numDigits=\"1\" timeout=\"10\" action=\"/accepted\"><Say>A caller. Press any key.</Say></Gather><Hangup/>";
    bench.platform.answer(path, whisper);
    bench.platform.answer("/accepted", "<Hangup/>");
    let url = bench.platform.at(path);
    // By its number this phone would be busy; an operator's always answers.
    let sid = bench.call("+15550001785", &[("Url", &url)]).await;
    let pressed = bench
        .platform
        .hook("/accepted", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(pressed.get("Digits"), "1");
    bench.platform.end_of(&sid).await;
    assert_eq!(bench.party(&sid).await["fate"], "operator");
}

#[tokio::test]
async fn nobody_else_presses_and_the_next_verb_follows() {
    let bench = Bench::start().await;
    let gather = "<Gather timeout=\"1\" action=\"/pressed\"><Pause/></Gather><Redirect method=\"GET\">/next?a=b</Redirect>";
    bench.platform.answer("/answer", gather);
    bench.platform.answer("/next", "<Hangup/>");
    bench.call("+15550001795", &[]).await;
    let next = bench.platform.hook("/next", |_| true).await;
    assert!(next.signed && next.get("a") == "b" && next.get("CallStatus") == "in-progress");
    assert!(bench.platform.hooks("/pressed").is_empty());
}

#[tokio::test]
async fn what_is_said_can_be_gathered_as_speech() {
    let bench = Bench::start().await;
    bench.platform.answer(
        "/answer",
        "<Gather input=\"speech\" timeout=\"20\" action=\"/heard\"/>",
    );
    bench.platform.answer("/heard", "<Hangup/>");
    bench.call("+15550001701", &[]).await;
    let heard = bench.platform.hook("/heard", |_| true).await;
    assert!(
        heard.get("SpeechResult").to_lowercase().contains("hello"),
        "{heard:?}"
    );
}

#[tokio::test]
async fn files_are_fetched_and_played() {
    let bench = Bench::start().await;
    let mut wav = Vec::new();
    wav.extend_from_slice(
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x40\x1f\0\0",
    );
    wav.extend_from_slice(&[0x90; 8000]);
    bench.platform.serve("/second.wav", 200, "audio/wav", wav, 0);
    bench
        .platform
        .serve("/half.ulaw", 200, "audio/basic", vec![0x90; 4000], 0);
    bench
        .platform
        .serve("/broken.wav", 200, "audio/wav", b"<html>".to_vec(), 0);
    let play = "<Play>/broken.wav</Play><Play>/missing</Play><Play>/second.wav</Play><Play loop=\"2\">/half.ulaw</Play>";
    bench.platform.answer("/answer", play);
    let sid = bench.call("+15550001795", &[]).await;
    let end = bench.platform.end_of(&sid).await;
    assert_eq!(end.get("CallStatus"), "completed");
    assert_eq!(bench.party(&sid).await["heard_ms"], 2000);
    assert!(bench.platform.hooks("/second.wav")[0].signed);
}

#[tokio::test]
async fn what_somebody_leaves_is_recorded() {
    let bench = Bench::start().await;
    bench.platform.answer(
        "/answer",
        "<Record playBeep=\"false\" timeout=\"1\" action=\"/left\" recordingStatusCallback=\"/recorded\"/>",
    );
    bench.platform.answer("/left", "<Hangup/>");
    let sid = bench.call("+15550001702", &[]).await;
    let left = bench
        .platform
        .hook("/left", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(
        left.get("RecordingDuration"),
        "2",
        "a short pause, 300 ms of hello, a second of silence"
    );
    let recorded = bench
        .platform
        .hook("/recorded", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(
        (recorded.get("RecordingSource"), recorded.get("RecordingChannels")),
        ("RecordVerb", "1")
    );
    let sound = bench.http.get(left.get("RecordingUrl")).send().await.unwrap();
    assert_eq!(
        (
            sound.status().as_u16(),
            sound.headers()["content-type"].to_str().unwrap()
        ),
        (200, "audio/x-wav")
    );
    let (_, list) = bench.get(&format!("/Calls/{sid}/Recordings.json")).await;
    assert_eq!(list["recordings"][0]["status"], "completed");
    let re = list["recordings"][0]["sid"].as_str().unwrap().to_owned();
    assert_eq!(bench.delete(&format!("/Recordings/{re}.json")).await, 204);
    assert_eq!(bench.get(&format!("/Recordings/{re}.json")).await.0, 404);
    assert_eq!(
        bench
            .http
            .get(left.get("RecordingUrl"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn another_number_is_dialled_and_bridged() {
    let bench = Bench::start().await;
    bench.platform.answer(
        "/answer",
        "<Dial action=\"/dialled\" timeout=\"20\" callerId=\"+15550000009\"><Number url=\"/whisper\" statusCallback=\"/child\" statusCallbackEvent=\"answered completed\">+15550001797</Number></Dial>",
    );
    bench.platform.answer("/whisper", "<Say>One moment.</Say>");
    bench.platform.answer("/dialled", "<Hangup/>");
    let sid = bench.call("+15550001795", &[]).await;
    let child = bench
        .platform
        .hook("/child", |hook| hook.get("CallStatus") == "completed")
        .await;
    assert_eq!(
        (child.get("ParentCallSid"), child.get("Direction")),
        (sid.as_str(), "outbound-dial")
    );
    assert_eq!(child.get("From"), "+15550000009");
    let dialled = bench.platform.hook("/dialled", |_| true).await;
    assert_eq!(
        (dialled.get("DialCallStatus"), dialled.get("DialCallSid")),
        ("completed", child.get("CallSid"))
    );
    bench.platform.end_of(&sid).await;
    assert!(
        bench.party(&sid).await["heard_ms"].as_u64().unwrap() > 200,
        "ringback, then the other's voice"
    );

    bench
        .platform
        .answer("/answer", "<Dial action=\"/dialled\">+15550001786</Dial>");
    bench.call("+15550001795", &[]).await;
    let busy = bench
        .platform
        .hook("/dialled", |hook| hook.get("DialCallStatus") == "busy")
        .await;
    assert_eq!(busy.get("DialCallDuration"), "0");
}

#[tokio::test]
async fn a_call_that_hangs_up_takes_the_one_it_dialled_along() {
    let bench = Bench::with(|options| options.ring_ms = 200).await;
    bench.platform.answer(
        "/answer",
        "<Dial><Number statusCallback=\"/child\">+15550001796</Number></Dial>",
    );
    let sid = bench.call("+15550001795", &[]).await;
    let child = crate::bench::eventually("a child is in progress", async || {
        let (_, list) = bench
            .get(&format!("/Calls.json?ParentCallSid={sid}&Status=in-progress"))
            .await;
        list["calls"][0]["sid"].as_str().map(str::to_owned)
    })
    .await;
    bench
        .post(&format!("/Calls/{sid}.json"), &[("Status", "completed")])
        .await;
    bench
        .platform
        .hook("/child", |hook| {
            hook.get("CallSid") == child && hook.get("CallStatus") == "completed"
        })
        .await;
    assert_eq!(bench.fetch(&child).await["parent_call_sid"], json!(sid));
}
