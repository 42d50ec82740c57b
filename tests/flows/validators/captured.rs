//! What the simulator really sends, and what the platform makes of it.

use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use trunkline_carrier_sim::SimOptions;
use trunkline_telephony::{
    Verb,
    twiml::{self, Conference, Gather},
};

use super::{Request, Sdks};
use crate::support::{
    api::Api,
    carrier::TOKEN,
    platform::{Carrier, Platform},
    recorder::{Recorder, Seen},
};

impl From<Seen> for Request {
    fn from(seen: Seen) -> Self {
        Self {
            url: seen.url,
            params: seen.params,
            signature: seen.signature,
        }
    }
}

/// What the simulator sends is judged by them, with all that its callbacks carry: calls, detection, recordings, keys, conferences.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_take_the_simulators_callbacks_for_the_carriers() {
    let (sdks, carrier, recorder) = tokio::join!(Sdks::get(), Carrier::start(), Recorder::start());
    let at = |hook: &str| {
        format!(
            "{}/{hook}?callId=7&e=1&name=Zo%C3%AB&empty=&twice=1&twice=2",
            recorder.url
        )
    };
    let room = Conference {
        name: "call_7".to_owned(),
        start_on_enter: true,
        end_on_exit: true,
        muted: false,
        beep: false,
        wait_url: None,
        status: Some((
            at("conference-status"),
            ["start", "end", "join", "leave"].map(str::to_owned).to_vec(),
        )),
        label: Some("caller".to_owned()),
    };
    let question = Gather {
        action: at("keys"),
        digits: 1,
        timeout_s: 1,
        prompt: Vec::new(),
    };
    recorder.answer(twiml::document(&[Verb::Gather(question), Verb::Conference(room)]));
    let sid = SimOptions::ACCOUNT_SID;
    let [answer, status, amd, recording] = ["answer", "status", "amd", "recording"].map(at);
    let form = [
        ("To", "+14155550172"),
        ("From", "+14155550199"),
        ("Url", &answer),
        ("StatusCallback", &status),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
        ("MachineDetection", "Enable"),
        ("AsyncAmd", "true"),
        ("AsyncAmdStatusCallback", &amd),
        ("Record", "true"),
        ("RecordingStatusCallback", &recording),
        ("TimeLimit", "8"),
    ];
    let placed = Client::new()
        .post(format!("{}/2010-04-01/Accounts/{sid}/Calls.json", carrier.url))
        .basic_auth(sid, Some(TOKEN))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(placed.status().as_u16(), 201);
    let wanted = ["answer", "status", "amd", "recording", "conference-status"];
    let seen = all_of(&recorder, &wanted).await;
    let requests: Vec<Request> = seen.into_iter().map(Request::from).collect();
    assert_eq!(sdks.accept(&requests).await, vec![true; requests.len()]);
    assert!(requests.iter().all(Request::is_ours));
    let altered: Vec<Request> = requests.iter().flat_map(Request::altered).collect();
    assert_eq!(sdks.accept(&altered).await, vec![false; altered.len()]);
    carrier.stop().await;
}

/// What the platform listens to is what they accept, and what it refuses they refuse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platform_hears_whom_they_accept() {
    let (sdks, recorder) = tokio::join!(Sdks::get(), Recorder::start());
    let platform = Box::pin(Platform::with(&[
        ("TRUNKLINE_HOOK_URL", &recorder.url),
        ("TRUNKLINE_SIM_TALK_MS", "1500"),
    ]))
    .await;
    recorder.pass_on_to(&platform.url);
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let numbers = ["+14155550701", "+14155550772", "+14155550785"].map(str::to_owned);
    api.launch(&agent, &numbers, json!({"retry_policy": {"max_attempts": 1}}))
        .await;
    let seen = all_of(&recorder, &["answer", "status", "amd"]).await;
    assert!(seen.iter().all(|seen| seen.status == 200), "{seen:#?}");
    let requests: Vec<Request> = seen.into_iter().map(Request::from).collect();
    assert_eq!(sdks.accept(&requests).await, vec![true; requests.len()]);
    for altered in requests[0].altered() {
        let path = altered.url.strip_prefix(&recorder.url).unwrap();
        let answer = Client::new()
            .post(format!("{}{path}", platform.url))
            .header("x-twilio-signature", &altered.signature)
            .form(&altered.params)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 403, "{altered:?}");
    }
    platform.stop().await;
}

/// Waits until each of these was called back.
async fn all_of(recorder: &Recorder, hooks: &[&str]) -> Vec<Seen> {
    let began = tokio::time::Instant::now();
    loop {
        let seen = recorder.seen();
        let came = |hook: &&&str| seen.iter().any(|seen| seen.hook() == **hook);
        let missing: Vec<&&str> = hooks.iter().filter(|hook| !came(hook)).collect();
        if missing.is_empty() {
            return seen;
        }
        assert!(
            began.elapsed() < Duration::from_secs(40),
            "never came: {missing:?}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
