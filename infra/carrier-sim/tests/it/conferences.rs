//! Conferences: events, participants through the API, who hears whom.

use serde_json::json;

use crate::bench::{Bench, FROM, eventually};

const EVENTS: &str = "start end join leave mute hold modify";

fn conference(extra: &str) -> String {
    format!(
        "<Dial action=\"/after\"><Conference {extra} statusCallback=\"/conf\" statusCallbackEvent=\"{EVENTS}\">call_7</Conference></Dial>"
    )
}

/// A caller waits in conference `call_7`; an operator has been added. Returns both SIDs and the conference's.
async fn two(bench: &Bench, extra: &str) -> (String, String, String) {
    bench.platform.answer("/answer", &conference(extra));
    bench.platform.answer("/after", "<Hangup/>");
    let caller = bench.call("+15550001895", &[]).await;
    let joined = bench
        .platform
        .hook("/conf", |hook| {
            hook.get("StatusCallbackEvent") == "participant-join"
        })
        .await;
    assert_eq!(
        (joined.get("CallSid"), joined.get("FriendlyName")),
        (caller.as_str(), "call_7")
    );
    let conference = joined.get("ConferenceSid").to_owned();
    let form = [
        ("To", "+15550001886"),
        ("From", FROM),
        ("Label", "operator"),
        ("EndConferenceOnExit", "true"),
        ("Beep", "false"),
    ];
    let (status, added) = bench.post("/Conferences/call_7/Participants.json", &form).await;
    assert_eq!(
        (status, &added["status"], &added["conference_sid"]),
        (201, &json!("queued"), &json!(conference))
    );
    bench
        .platform
        .hook("/conf", |hook| {
            hook.get("StatusCallbackEvent") == "conference-start"
        })
        .await;
    (caller, added["call_sid"].as_str().unwrap().to_owned(), conference)
}

fn told(bench: &Bench) -> Vec<String> {
    let mut hooks = bench.platform.hooks("/conf");
    hooks.sort_by_key(|hook| hook.get("SequenceNumber").parse::<u32>().unwrap());
    hooks
        .iter()
        .map(|hook| hook.get("StatusCallbackEvent").to_owned())
        .collect()
}

#[tokio::test]
async fn a_caller_and_an_operator_meet_and_the_operator_ends_it() {
    let bench = Bench::start().await;
    let (caller, operator, sid) = two(&bench, "beep=\"false\"").await;
    assert_eq!(
        bench.party(&operator).await["fate"],
        "operator",
        "whatever the number says"
    );
    let (_, list) = bench.get(&format!("/Conferences/{sid}/Participants.json")).await;
    assert_eq!(list["participants"].as_array().unwrap().len(), 2);
    let (_, shown) = bench
        .get(&format!("/Conferences/{sid}/Participants/operator.json"))
        .await;
    assert_eq!(
        (&shown["call_sid"], &shown["status"]),
        (&json!(operator), &json!("connected"))
    );
    assert_eq!(
        bench
            .get("/Conferences.json?Status=in-progress&FriendlyName=call_7")
            .await
            .1["conferences"][0]["sid"],
        sid
    );

    let path = format!("/Conferences/{sid}/Participants/{caller}.json");
    for (name, value) in [
        ("Muted", "true"),
        ("Hold", "true"),
        ("Muted", "false"),
        ("Hold", "false"),
    ] {
        let (status, changed) = bench.post(&path, &[(name, value)]).await;
        assert_eq!(
            (status, &changed[name.to_lowercase()]),
            (200, &json!(value == "true"))
        );
    }
    assert_eq!(
        bench
            .delete(&format!("/Conferences/call_7/Participants/{operator}.json"))
            .await,
        204
    );
    let end = bench
        .platform
        .hook("/conf", |hook| {
            hook.get("StatusCallbackEvent") == "conference-end"
        })
        .await;
    assert_eq!(
        end.get("ReasonConferenceEnded"),
        "participant-with-end-conference-on-exit-left"
    );
    assert_eq!(end.get("CallSidEndingConference"), operator);
    bench.platform.end_of(&caller).await;
    let after = bench
        .platform
        .hook("/after", |hook| hook.get("CallSid") == caller)
        .await;
    assert_eq!(after.get("DialCallStatus"), "answered");
    bench
        .platform
        .until("all has been told", || told(&bench).len() == 10)
        .await;
    let join = ["participant-join", "participant-join", "conference-start"];
    let changes = [
        "participant-mute",
        "participant-hold",
        "participant-unmute",
        "participant-unhold",
    ];
    let leave = ["participant-leave", "participant-leave", "conference-end"];
    assert_eq!(told(&bench), [&join[..], &changes, &leave].concat());
    let (_, over) = bench.get(&format!("/Conferences/{sid}.json")).await;
    assert_eq!(
        (&over["status"], &over["call_sid_ending_conference"]),
        (&json!("completed"), &json!(operator))
    );
}

#[tokio::test]
async fn participants_hear_one_another() {
    let bench = Bench::start().await;
    bench
        .platform
        .answer("/answer", &conference("beep=\"false\" waitUrl=\"\""));
    let (listener, _, sid) = {
        let silent = bench.call("+15550001895", &[]).await;
        let joined = bench.platform.hook("/conf", |_| true).await;
        (silent, (), joined.get("ConferenceSid").to_owned())
    };
    let speaker = bench.call("+15550001897", &[]).await;
    bench
        .platform
        .hook("/conf", |hook| {
            hook.get("StatusCallbackEvent") == "conference-start"
        })
        .await;
    eventually("the hello of one is heard by the other", async || {
        let heard = bench.party(&listener).await["heard_ms"].as_u64().unwrap();
        // A line of 300 ms; a frame is lost when this machine stalls.
        (heard >= 200).then_some(())
    })
    .await;
    assert_eq!(
        bench.party(&speaker).await["heard_ms"],
        0,
        "nobody hears their own voice"
    );
    let (status, over) = bench
        .post(&format!("/Conferences/{sid}.json"), &[("Status", "completed")])
        .await;
    assert_eq!((status, &over["status"]), (200, &json!("completed")));
    bench.platform.end_of(&speaker).await;
    bench.platform.end_of(&listener).await;
}

#[tokio::test]
async fn whoever_waits_hears_music_or_what_wait_url_says() {
    let bench = Bench::start().await;
    bench.platform.answer(
        "/answer",
        "<Dial><Conference beep=\"false\">music</Conference></Dial>",
    );
    let sid = bench.call("+15550001895", &[]).await;
    let hears = async |sid: &str| {
        let sid = sid.to_owned();
        eventually("something is heard", async || {
            (bench.party(&sid).await["heard_ms"].as_u64().unwrap() > 200).then_some(())
        })
        .await;
    };
    hears(&sid).await;
    bench.platform.answer(
        "/answer",
        "<Dial><Conference beep=\"false\" waitUrl=\"/wait\">said</Conference></Dial>",
    );
    bench.platform.answer(
        "/wait",
        "<Say>Please hold.</Say><Pause length=\"1\"/><Redirect>/wait</Redirect>",
    );
    let sid = bench.call("+15550001895", &[]).await;
    hears(&sid).await;
}

#[tokio::test]
async fn an_operator_that_is_still_rung_can_be_called_off() {
    let bench = Bench::with(|options| options.ring_ms = 60_000).await;
    let form = [
        ("To", "+15550001801"),
        ("From", FROM),
        ("StatusCallback", &bench.platform.at("/status")),
    ];
    let (_, added) = bench.post("/Conferences/later/Participants.json", &form).await;
    let sid = added["call_sid"].as_str().unwrap();
    let path = format!("/Conferences/later/Participants/{sid}.json");
    eventually("it rings", async || {
        (bench.get(&path).await.1["status"] == "ringing").then_some(())
    })
    .await;
    assert_eq!(bench.delete(&path).await, 204);
    assert_eq!(bench.platform.end_of(sid).await.get("CallStatus"), "canceled");
    assert_eq!(bench.get(&path).await.0, 404);
    for (name, code) in [("To", 21201), ("From", 21213)] {
        let less: Vec<_> = form.iter().copied().filter(|(key, _)| *key != name).collect();
        assert_eq!(
            bench.post("/Conferences/later/Participants.json", &less).await.1["code"],
            code
        );
    }
}
