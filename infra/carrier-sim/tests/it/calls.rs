//! Calls from dialling to their end.

use std::sync::Arc;

use serde_json::json;
use trunkline_carrier_sim::Babble;

use crate::bench::{Bench, FROM};

fn stream(bench: &Bench, action: &str) -> String {
    let url = bench.platform.stream();
    format!(
        "<Connect action=\"{action}\"><Stream url=\"{url}\"><Parameter name=\"callId\" value=\"c1\"/></Stream></Connect>"
    )
}

#[tokio::test]
async fn a_person_talks_says_goodbye_and_hangs_up() {
    let bench = Bench::start().await;
    bench.platform.answer("/answer", &stream(&bench, "/ended"));
    let recording = bench.platform.at("/recording");
    let extra = [
        ("Record", "true"),
        ("RecordingChannels", "dual"),
        ("RecordingStatusCallback", recording.as_str()),
    ];
    let sid = bench.call("+15550001201", &extra).await;

    let mut socket = bench.platform.socket().await;
    let start = socket.begin().await;
    assert_eq!(start["start"]["callSid"], sid);
    assert_eq!(start["start"]["customParameters"], json!({"callId": "c1"}));
    assert_eq!(
        start["start"]["mediaFormat"],
        json!({"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1})
    );
    let spoken = socket.converse().await;
    assert!(spoken >= 4, "the agent spoke {spoken} times");

    let end = bench.platform.end_of(&sid).await;
    assert_eq!(
        (end.get("CallStatus"), end.get("SipResponseCode")),
        ("completed", "200")
    );
    let seconds: u32 = end.get("CallDuration").parse().unwrap();
    assert!((3..60).contains(&seconds), "{seconds} s");
    let party = bench.party(&sid).await;
    assert_eq!(party["fate"], "person");
    let said: Vec<&str> = party["said"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert!(
        said.len() >= 5 && said.last().unwrap().to_lowercase().contains("bye"),
        "{said:?}"
    );
    assert!(party["heard_ms"].as_u64().unwrap() >= 1000);
    assert!(
        bench.platform.hooks("/ended").is_empty(),
        "whoever hangs up is asked for nothing more"
    );

    let recorded = bench
        .platform
        .hook("/recording", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(
        (recorded.get("RecordingStatus"), recorded.get("RecordingChannels")),
        ("completed", "2")
    );
    assert_eq!(recorded.get("RecordingSource"), "OutboundAPI");
    let wav = bench
        .http
        .get(format!("{}.wav", recorded.get("RecordingUrl")))
        .send()
        .await
        .unwrap();
    assert_eq!(wav.status(), 200);
    let wav = wav.bytes().await.unwrap();
    assert_eq!((&wav[..4], wav[22]), (&b"RIFF"[..], 2));
    let recorded_s: u32 = recorded.get("RecordingDuration").parse().unwrap();
    assert!(u32::try_from(wav.len()).unwrap().abs_diff(recorded_s * 32_000) <= 32_000);
    let loud = |side: usize| {
        wav[44..]
            .chunks_exact(4)
            .any(|pair| i16::from_le_bytes([pair[side], pair[side + 1]]).abs() > 4000)
    };
    assert!(loud(0) && loud(2), "both sides are recorded");
}

#[tokio::test]
async fn every_callback_is_signed_and_complete_and_in_sequence() {
    let bench = Bench::with(|options| options.talk_ms = 400).await;
    bench.platform.answer("/answer", "<Pause length=\"30\"/>");
    let sid = bench.call("+15550001202", &[]).await;
    let end = bench.platform.end_of(&sid).await;
    let answered = bench
        .platform
        .hook("/status", |hook| hook.get("CallStatus") == "in-progress")
        .await;
    let mut hooks = bench.platform.hooks("/status");
    hooks.sort_by_key(|hook| hook.get("SequenceNumber").parse::<u32>().unwrap());
    let statuses: Vec<&str> = hooks.iter().map(|hook| hook.get("CallStatus")).collect();
    assert_eq!(statuses, ["initiated", "ringing", "in-progress", "completed"]);
    for hook in bench.platform.hooks("") {
        assert!(hook.signed, "{hook:?}");
        for name in [
            "CallSid",
            "AccountSid",
            "From",
            "To",
            "CallStatus",
            "ApiVersion",
            "Direction",
        ] {
            assert!(!hook.get(name).is_empty(), "{name} in {hook:?}");
        }
    }
    assert_eq!(answered.get("CallbackSource"), "call-progress-events");
    assert!(answered.get("Timestamp").ends_with("+0000"));
    assert_eq!(
        (end.get("To"), end.get("From"), end.get("Direction")),
        ("+15550001202", FROM, "outbound-api")
    );
    let call = bench.fetch(&sid).await;
    assert_eq!(
        (&call["status"], &call["duration"]),
        (&json!("completed"), &json!(end.get("CallDuration")))
    );
    assert!(
        call["start_time"].is_string() && call["end_time"].is_string() && call["date_created"].is_string()
    );
}

#[tokio::test]
async fn only_the_events_asked_for_are_told() {
    let bench = Bench::start().await;
    let status = bench.platform.at("/status");
    let form = [
        ("To", "+15550001281"),
        ("From", FROM),
        ("Url", "http://127.0.0.1:9/x"),
        ("StatusCallback", &status),
    ];
    let (_, call) = bench.post("/Calls.json", &form).await;
    let end = bench.platform.end_of(call["sid"].as_str().unwrap()).await;
    assert_eq!(
        (end.get("CallStatus"), end.get("SequenceNumber")),
        ("no-answer", "0")
    );
    assert_eq!(bench.platform.hooks("/status").len(), 1);
}

#[tokio::test]
async fn busy_no_answer_and_failure_end_so() {
    let bench = Bench::start().await;
    for (to, status, sip) in [
        ("+15550001285", "busy", "486"),
        ("+15550001280", "no-answer", "487"),
        ("+15550001290", "failed", "503"),
    ] {
        let sid = bench.call(to, &[]).await;
        let end = bench.platform.end_of(&sid).await;
        assert_eq!(
            (
                end.get("CallStatus"),
                end.get("SipResponseCode"),
                end.get("CallDuration")
            ),
            (status, sip, "0")
        );
        assert_eq!(bench.fetch(&sid).await["status"], status);
    }
    assert!(bench.platform.hooks("/answer").is_empty(), "nobody answered");
}

#[tokio::test]
async fn a_phone_rings_no_longer_than_its_timeout() {
    let bench = Bench::with(|options| options.ring_ms = 600_000).await;
    let sid = bench.call("+15550001203", &[("Timeout", "1")]).await;
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "no-answer");
}

#[tokio::test]
async fn a_machine_is_found_out_and_hears_the_message_after_its_beep() {
    let bench = Bench::with(|options| (options.voice, options.talk_ms) = (Arc::new(Babble), 1500)).await;
    bench.platform.answer("/answer", "<Pause length=\"60\"/>");
    let amd = bench.platform.at("/amd");
    let extra = [
        ("MachineDetection", "DetectMessageEnd"),
        ("AsyncAmd", "true"),
        ("AsyncAmdStatusCallback", &amd),
    ];
    let sid = bench.call("+15550001270", &extra).await;
    let found = bench
        .platform
        .hook("/amd", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(found.get("AnsweredBy"), "machine_end_beep");
    let after_ms: u32 = found.get("MachineDetectionDuration").parse().unwrap();
    assert!((3000..7000).contains(&after_ms), "{after_ms} ms");
    assert!(found.signed);
    // What a voicemail message is made of: new instructions for the call.
    let (status, _) = bench
        .post(
            &format!("/Calls/{sid}.json"),
            &[("Twiml", "<Response><Say>Please call us back.</Say></Response>")],
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "completed");
    assert_eq!(bench.fetch(&sid).await["answered_by"], "machine_end_beep");
    let party = bench.party(&sid).await;
    assert_eq!(
        (&party["fate"], party["said"].as_array().unwrap().len()),
        (&json!("machine"), 1)
    );
    assert!(party["heard_ms"].as_u64().unwrap() > 200, "{party}");
}

#[tokio::test]
async fn instructions_wait_for_a_synchronous_detection() {
    let bench = Bench::start().await;
    bench.platform.answer("/answer", "<Hangup/>");
    let sid = bench
        .call("+15550001204", &[("MachineDetection", "Enable")])
        .await;
    let asked = bench
        .platform
        .hook("/answer", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(asked.get("AnsweredBy"), "human");
    assert!(asked.get("MachineDetectionDuration").parse::<u32>().unwrap() >= 1200);
}

#[tokio::test]
async fn a_ringing_call_is_cancelled_and_an_answered_one_completed() {
    let bench = Bench::with(|options| options.ring_ms = 60_000).await;
    let sid = bench.call("+15550001205", &[]).await;
    let path = format!("/Calls/{sid}.json");
    let (status, error) = bench.post(&path, &[("Url", "http://127.0.0.1:9/other")]).await;
    assert_eq!(
        (status, &error["code"]),
        (400, &json!(21220)),
        "nobody is there to be redirected"
    );
    let (status, call) = bench.post(&path, &[("Status", "canceled")]).await;
    assert_eq!((status, &call["status"]), (200, &json!("canceled")));
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "canceled");
    for change in [
        ("Status", "canceled"),
        ("Status", "completed"),
        ("Twiml", "<Response/>"),
    ] {
        let (status, error) = bench.post(&path, &[change]).await;
        assert_eq!((status, &error["code"]), (400, &json!(21220)), "{change:?}");
    }

    let bench = Bench::start().await;
    bench.platform.answer("/answer", "<Pause length=\"60\"/>");
    let sid = bench.call("+15550001295", &[]).await;
    bench.platform.hook("/answer", |_| true).await;
    let path = format!("/Calls/{sid}.json");
    assert_eq!(
        bench.post(&path, &[("Status", "canceled")]).await.1["code"],
        21220
    );
    let (status, call) = bench.post(&path, &[("Status", "completed")]).await;
    assert_eq!((status, &call["status"]), (200, &json!("completed")));
}

#[tokio::test]
async fn a_call_that_gets_no_instructions_asks_the_fallback_and_else_fails() {
    let bench = Bench::start().await;
    bench.platform.serve("/answer", 500, "text/plain", Vec::new(), 0);
    let sid = bench.call("+15550001206", &[]).await;
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "failed");

    bench.platform.answer("/fallback", "<Hangup/>");
    let fallback = bench.platform.at("/fallback");
    let sid = bench.call("+15550001206", &[("FallbackUrl", &fallback)]).await;
    let asked = bench.platform.hook("/fallback", |_| true).await;
    assert_eq!(
        (asked.get("ErrorCode"), asked.get("ErrorUrl")),
        ("11200", bench.platform.at("/answer").as_str())
    );
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "completed");

    bench.platform.serve(
        "/answer",
        200,
        "text/xml",
        b"<Response><Telephone/></Response>".to_vec(),
        0,
    );
    let sid = bench.call("+15550001206", &[]).await;
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "failed");
}

#[tokio::test]
async fn retries_are_made_as_the_fragment_asks_with_one_token() {
    let bench = Bench::start().await;
    bench.platform.answer("/answer", "");
    bench.platform.serve("/flaky", 200, "text/plain", Vec::new(), 2);
    let flaky = bench.platform.at("/flaky?callId=1#rc=3&rp=all");
    bench.call("+15550001207", &[("StatusCallback", &flaky)]).await;
    let last = bench
        .platform
        .hook("/flaky", |hook| hook.get("CallStatus") == "completed")
        .await;
    assert!(
        last.signed && last.get("callId") == "1",
        "the query is signed, the fragment is not sent"
    );
    let first = bench.platform.hooks("/flaky").remove(0);
    let same = || {
        bench
            .platform
            .hooks("/flaky")
            .iter()
            .filter(|hook| hook.idempotency == first.idempotency)
            .count()
    };
    bench
        .platform
        .until("the first was refused and is sent again", || same() >= 2)
        .await;
}

#[tokio::test]
async fn somebody_rings_the_platform() {
    let bench = Bench::start().await;
    bench.platform.answer("/answer", &stream(&bench, "/ended"));
    let (status, placed) = bench
        .steer(
            reqwest::Method::POST,
            "inbound",
            json!({"from": "+15550001297", "to": "+15550009999"}),
        )
        .await;
    assert_eq!(status, 201);
    let sid = placed["sid"].as_str().unwrap();
    let asked = bench
        .platform
        .hook("/answer", |hook| hook.get("CallSid") == sid)
        .await;
    assert_eq!(
        (asked.get("CallStatus"), asked.get("Direction")),
        ("ringing", "inbound")
    );
    let mut socket = bench.platform.socket().await;
    socket.begin().await;
    socket.converse().await;
    assert_eq!(bench.platform.end_of(sid).await.get("CallStatus"), "completed");
    let said = bench.party(sid).await["said"].to_string();
    assert!(said.contains("stop calling"), "{said}");

    bench.platform.answer("/answer", "<Reject reason=\"busy\"/>");
    let (_, placed) = bench
        .steer(
            reqwest::Method::POST,
            "inbound",
            json!({"from": "+15550001201", "to": "+15550009999"}),
        )
        .await;
    let sid = placed["sid"].as_str().unwrap();
    assert_eq!(bench.platform.end_of(sid).await.get("CallStatus"), "busy");

    let deaf = Bench::with(|options| options.inbound_url = None).await;
    let body = json!({"from": "+15550001201", "to": "+15550009999"});
    let (status, error) = deaf.steer(reqwest::Method::POST, "inbound", body).await;
    assert!(
        status == 409 && error["error"].as_str().unwrap().contains("inbound_url"),
        "{error}"
    );
}
