//! Human agents' phones: what they do unasked, what they can be told to do, and what is heard in the room with them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, FROM, eventually};

const ANSWER: &str = "/webhooks/twilio/agent-answer";
const CALLER: &str = "+15550001895";
const ADA: &str = "+15550001785";
const BEN: &str = "+15550001786";
const ROOM: &str = "call_7";

/// As the platform does it: whispers, takes any key, and puts whoever pressed one into the room.
fn whispers(bench: &Bench, label: &str) {
    let gather = "<Gather numDigits=\"1\" timeout=\"2\" action=\"/accepted\"><Say>A caller. Press any key.</Say></Gather><Hangup/>";
    bench.platform.answer(ANSWER, gather);
    bench
        .platform
        .answer("/accepted", &room(label, "endConferenceOnExit=\"true\""));
    bench.platform.answer("/answer", &room("caller", ""));
}

fn room(label: &str, more: &str) -> String {
    format!(
        "<Dial><Conference beep=\"false\" participantLabel=\"{label}\" statusCallback=\"/conf\" \
         statusCallbackEvent=\"start end join leave mute hold modify\" {more}>{ROOM}</Conference></Dial>"
    )
}

async fn told(bench: &Bench, manner: Value) {
    let (status, body) = bench.steer(Method::POST, "operators", manner).await;
    assert_eq!(status, 201, "{body}");
}

/// Rings an operator's phone.
async fn ring(bench: &Bench, to: &str, more: &[(&str, &str)]) -> String {
    let url = bench.platform.at(ANSWER);
    bench.call(to, &[&[("Url", url.as_str())], more].concat()).await
}

/// A caller waits in the room, and an operator has come in. Both SIDs.
async fn together(bench: &Bench) -> (String, String) {
    whispers(bench, "operator-1");
    let caller = bench.call(CALLER, &[]).await;
    let operator = ring(bench, ADA, &[]).await;
    bench
        .platform
        .hook("/conf", |hook| {
            hook.get("StatusCallbackEvent") == "conference-start"
        })
        .await;
    (caller, operator)
}

async fn shown(bench: &Bench) -> Value {
    let (status, shown) = bench
        .steer(Method::GET, &format!("rooms/{ROOM}"), json!({}))
        .await;
    assert_eq!(status, 200, "{shown}");
    shown
}

/// How many milliseconds one has heard of the other so far.
async fn heard(bench: &Bench, by: &str, from: &str) -> u64 {
    let shown = shown(bench).await;
    let mut pairs = shown["heard"].as_array().unwrap().iter();
    let pair = pairs.find(|pair| pair["by"] == by && pair["from"] == from);
    pair.map_or(0, |pair| pair["ms"].as_u64().unwrap())
}

/// Waits until one has heard more of the other than up to now: after a change, that it holds.
async fn hears(bench: &Bench, by: &str, from: &str) {
    let before = heard(bench, by, from).await;
    eventually("one hears the other", async || {
        (heard(bench, by, from).await >= before + 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_key_leads_into_the_room_and_its_callbacks_say_who_came_in_which_order() {
    let bench = Bench::start().await;
    told(&bench, json!({"phone": ADA, "says": "This is Ada."})).await;
    let (caller, operator) = together(&bench).await;
    let pressed = bench.platform.hook("/accepted", |_| true).await;
    assert_eq!(
        (pressed.get("Digits"), pressed.get("CallSid")),
        ("1", operator.as_str())
    );
    hears(&bench, &caller, &operator).await;
    assert_eq!(bench.party(&operator).await["said"], json!(["This is Ada."]));
    assert_eq!(
        heard(&bench, &operator, &operator).await,
        0,
        "nobody hears their own voice"
    );

    bench
        .post(&format!("/Calls/{operator}.json"), &[("Status", "completed")])
        .await;
    bench.platform.end_of(&caller).await;
    bench
        .platform
        .until("all six are told", || bench.platform.hooks("/conf").len() == 6)
        .await;
    let mut hooks = bench.platform.hooks("/conf");
    hooks.sort_by_key(|hook| hook.get("SequenceNumber").parse::<u32>().unwrap());
    let told: Vec<_> = hooks
        .iter()
        .map(|hook| {
            let words = ["SequenceNumber", "StatusCallbackEvent", "ParticipantLabel"];
            words.map(|name| hook.get(name).to_owned())
        })
        .collect();
    assert_eq!(
        told,
        [
            ["1", "participant-join", "caller"],
            ["2", "participant-join", "operator-1"],
            ["3", "conference-start", "operator-1"],
            ["4", "participant-leave", "operator-1"],
            ["5", "participant-leave", "caller"],
            ["6", "conference-end", ""],
        ]
    );
    let shown = shown(&bench).await;
    assert_eq!(
        (&shown["status"], &shown["members"]),
        (&json!("completed"), &json!([]))
    );
}

#[tokio::test]
async fn hold_and_mute_decide_who_hears_whom() {
    let bench = Bench::start().await;
    told(
        &bench,
        json!({"phone": ADA, "says": "This is Ada.", "every_ms": 1000}),
    )
    .await;
    let (caller, operator) = together(&bench).await;
    hears(&bench, &caller, &operator).await;
    let set = async |who: &str, field: &str, value: &str| {
        let path = format!("/Conferences/{ROOM}/Participants/{who}.json");
        assert_eq!(bench.post(&path, &[(field, value)]).await.0, 200);
    };
    let music = async || {
        let shown = shown(&bench).await;
        let mut waited = shown["waited"].as_array().unwrap().iter();
        let of = waited.find(|of| of["by"] == caller.as_str());
        of.map_or(0, |of| of["ms"].as_u64().unwrap())
    };
    let said = async || bench.party(&operator).await["said"].as_array().unwrap().len();

    set("caller", "Hold", "true").await;
    let (before, music_before) = (heard(&bench, &caller, &operator).await, music().await);
    eventually("the caller hears music", async || {
        (music().await >= music_before + 1000).then_some(())
    })
    .await;
    // A frame may have been under way when the order came.
    assert!(
        heard(&bench, &caller, &operator).await <= before + 40,
        "the held hear music only"
    );
    set("caller", "Hold", "false").await;
    hears(&bench, &caller, &operator).await;

    set("operator-1", "Muted", "true").await;
    let (before, sentences) = (heard(&bench, &caller, &operator).await, said().await);
    eventually("the muted speaks on", async || {
        (said().await >= sentences + 2).then_some(())
    })
    .await;
    assert!(
        heard(&bench, &caller, &operator).await <= before + 40,
        "nobody hears the muted"
    );
    set("operator-1", "Muted", "false").await;
    hears(&bench, &caller, &operator).await;
}

#[tokio::test]
async fn a_supervisor_listens_whispers_to_one_and_barges_in() {
    let bench = Bench::start().await;
    told(
        &bench,
        json!({"phone": BEN, "says": "This is Ben.", "every_ms": 1000}),
    )
    .await;
    told(
        &bench,
        json!({"phone": ADA, "says": "This is Ada.", "every_ms": 1000}),
    )
    .await;
    let (caller, operator) = together(&bench).await;
    let form = [
        ("To", BEN),
        ("From", FROM),
        ("Label", "supervisor"),
        ("Muted", "true"),
        ("Beep", "false"),
    ];
    let (status, added) = bench
        .post(&format!("/Conferences/{ROOM}/Participants.json"), &form)
        .await;
    assert_eq!(status, 201, "{added}");
    let supervisor = added["call_sid"].as_str().unwrap().to_owned();
    hears(&bench, &supervisor, &operator).await;
    let nobody = async |listener: &str| heard(&bench, listener, &supervisor).await;
    assert_eq!(
        (nobody(&caller).await, nobody(&operator).await),
        (0, 0),
        "listens only"
    );

    let path = format!("/Conferences/{ROOM}/Participants/supervisor.json");
    let whisper = [
        ("Muted", "false"),
        ("Coaching", "true"),
        ("CallSidToCoach", operator.as_str()),
    ];
    assert_eq!(bench.post(&path, &whisper).await.0, 200);
    hears(&bench, &operator, &supervisor).await;
    assert_eq!(nobody(&caller).await, 0, "a whisper is for one");
    hears(&bench, &supervisor, &operator).await;

    assert_eq!(bench.post(&path, &[("Coaching", "false")]).await.0, 200);
    hears(&bench, &caller, &supervisor).await;
    hears(&bench, &operator, &supervisor).await;
    assert_eq!(bench.delete(&path).await, 204);
    bench
        .platform
        .hook("/conf", |hook| {
            hook.get("StatusCallbackEvent") == "participant-leave"
                && hook.get("ParticipantLabel") == "supervisor"
        })
        .await;
    hears(&bench, &caller, &operator).await;
}

#[tokio::test]
async fn phones_do_what_they_are_told_and_then_what_every_phone_does() {
    let bench = Bench::start().await;
    whispers(&bench, "operator-1");
    for (does, status, ms) in [
        ("busy", "busy", None),
        ("no_answer", "no-answer", Some(100)),
        ("declines", "completed", None),
        ("ignores", "completed", None),
    ] {
        let mut manner = json!({"phone": ADA, "does": does, "count": 1});
        if let Some(ms) = ms {
            manner["after_ms"] = json!(ms);
        }
        told(&bench, manner).await;
        let sid = ring(&bench, ADA, &[]).await;
        assert_eq!(
            bench.platform.end_of(&sid).await.get("CallStatus"),
            status,
            "{does}"
        );
    }
    assert!(
        bench.platform.hooks("/accepted").is_empty(),
        "nobody pressed a key"
    );
    ring(&bench, ADA, &[]).await;
    bench.platform.hook("/accepted", |_| true).await;
}

#[tokio::test]
async fn one_that_does_not_answer_rings_as_long_as_the_call_lets_it_and_stops_when_called_off() {
    let bench = Bench::start().await;
    whispers(&bench, "operator-1");
    told(&bench, json!({"phone": ADA, "does": "no_answer"})).await;
    let sid = ring(&bench, ADA, &[("Timeout", "5")]).await;
    let rings = async |sid: &str| {
        let sid = sid.to_owned();
        eventually("it rings", async || {
            (bench.fetch(&sid).await["status"] == "ringing").then_some(())
        })
        .await;
    };
    rings(&sid).await;
    let off = ring(&bench, ADA, &[]).await;
    rings(&off).await;
    bench
        .post(&format!("/Calls/{off}.json"), &[("Status", "completed")])
        .await;
    assert_eq!(bench.platform.end_of(&off).await.get("CallStatus"), "canceled");
    assert_eq!(bench.platform.end_of(&sid).await.get("CallStatus"), "no-answer");
}

#[tokio::test]
async fn one_vanishes_from_the_room_after_a_while() {
    let bench = Bench::start().await;
    told(
        &bench,
        json!({"phone": ADA, "after_ms": 300, "hang_up_after_ms": 400}),
    )
    .await;
    let (caller, operator) = together(&bench).await;
    assert_eq!(
        bench.platform.end_of(&operator).await.get("CallStatus"),
        "completed"
    );
    bench.platform.end_of(&caller).await;
}

#[tokio::test]
async fn what_a_phone_is_told_is_checked_listed_and_forgotten() {
    let bench = Bench::start().await;
    for (wrong, why) in [
        (json!({"phone": "5"}), "E.164"),
        (json!({"does": "busy"}), "E.164"),
        (json!({"phone": ADA, "does": "sleeps"}), "accepts"),
        (json!({"phone": ADA, "sings": true}), "sings"),
        (json!({"phone": ADA, "count": 0}), "never"),
        (json!({"phone": ADA, "says": "A", "every_ms": 1}), "1000"),
    ] {
        let (status, body) = bench.steer(Method::POST, "operators", wrong.clone()).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(body["error"].as_str().unwrap().contains(why), "{wrong}: {body}");
    }
    told(&bench, json!({"phone": ADA, "does": "busy"})).await;
    let (_, list) = bench.steer(Method::GET, "operators", json!({})).await;
    assert_eq!(list, json!({"operators": [{"phone": ADA, "does": "busy"}]}));
    let (_, cleared) = bench.steer(Method::DELETE, "operators", json!({})).await;
    assert_eq!(cleared, json!({"deleted": 1}));
    let (status, unknown) = bench.steer(Method::GET, "rooms/none", json!({})).await;
    assert_eq!(status, 404, "{unknown}");
}
