//! Calls from a browser that go well.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use trunkline_media::session::{EndedBy, Next, Track};

use crate::browser::Browser;
use crate::doubles::{Platform, options, plan};
use crate::phone::Stage;

/// The greeting at 16 kHz: 17 letters of 40 ms, of which the filter holds back 2 ms.
const GREETING: usize = 17 * 40 * 16 - 32;

async fn stage() -> Stage {
    Stage::new(options(), Platform::new(plan(), &["t1", "t2"])).await
}

async fn call(stage: &Stage) -> Browser {
    let mut browser = Browser::connect(stage.address, "").await.unwrap();
    browser
        .send(json!({"type": "auth", "token": "t1", "agent_id": "anna"}))
        .await;
    browser
}

#[tokio::test]
async fn a_browser_is_greeted_heard_answered_recorded_and_written_down() {
    let stage = stage().await;
    stage.hears(&["I am so happy, thank you!"]);
    let mut browser = call(&stage).await;
    browser
        .send(json!({"type": "metadata", "timestamp": 1, "page": "pricing", "user": {"name": "Ada"}}))
        .await;
    browser
        .until("the greeting", |browser| browser.samples.len() > 10_000)
        .await;
    browser.silence(800).await;
    let greeting = browser.samples.len();
    assert_eq!(greeting, GREETING);
    assert!(
        browser.samples[400..greeting - 400]
            .iter()
            .all(|sample| *sample > 3_000)
    );

    browser.speak(800).await;
    browser
        .until("the reply", |browser| browser.samples.len() > greeting + 3_000)
        .await;
    browser.silence(500).await;
    browser.send(json!({"type": "control", "action": "end"})).await;
    assert_eq!(browser.until_closed().await, 1000);

    let kinds: Vec<_> = browser.messages.iter().map(|message| &message["type"]).collect();
    assert_eq!(kinds[..2], ["auth_response", "ready"]);
    let session = &browser.messages[0]["session_id"];
    assert_eq!(session, "web-t1");
    assert!(
        browser
            .messages
            .iter()
            .all(|message| message["session_id"] == *session)
    );
    assert_eq!(browser.messages[0]["status"], "success");
    let words = browser.of("transcript");
    assert_eq!(words.len(), 1, "{:?}", browser.messages);
    assert_eq!(
        (&words[0]["complete"], &words[0]["final"]),
        (&json!("I am so happy, thank you!"), &json!(true))
    );
    let said = browser.of("response");
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(
        (&said[0]["text"], &said[0]["sentiment"]),
        (&json!("Hello, Anna here."), &json!("neutral"))
    );
    assert_eq!(
        (&said[1]["text"], &said[1]["agent_id"]),
        (&json!("I see."), &json!("anna"))
    );
    assert_eq!(said[1]["sentiment"], "positive");
    for status in ["transcribing", "processing", "synthesizing"] {
        assert!(
            browser
                .of("status")
                .iter()
                .any(|message| message["status"] == status),
            "{status}"
        );
    }

    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    let lines: Vec<_> = told
        .lines
        .iter()
        .map(|line| (line.track, line.text.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (Track::Agent, "Hello, Anna here."),
            (Track::Caller, "I am so happy, thank you!"),
            (Track::Agent, "I see.")
        ]
    );
    assert_eq!(
        (told.finished[0].0, told.finished[0].1.ended_by),
        (Next::Hangup, EndedBy::Caller)
    );
    assert_eq!(told.metadata, [r#"{"page":"pricing","user":{"name":"Ada"}}"#]);
    assert!(!told.segments.is_empty());
    assert_eq!(stage.server.active(), 0);
}

#[tokio::test]
async fn audio_comes_in_time_and_not_far_ahead_of_it() {
    let stage = stage().await;
    let mut browser = call(&stage).await;
    browser.silence(1_500).await;
    let first = browser.heard[0];
    // 680 ms of greeting: the last of it is sent when all but 200 ms have had the time to play.
    let last = *browser.heard.last().unwrap() - first;
    assert!(
        last >= Duration::from_millis(400) && last < Duration::from_millis(680),
        "{last:?}"
    );
    assert!(
        browser.heard.len() <= 12,
        "{} messages of audio",
        browser.heard.len()
    );
}

#[tokio::test]
async fn nothing_is_said_or_heard_in_a_pause_and_the_sentence_goes_on_after_it() {
    let stage = stage().await;
    let mut browser = call(&stage).await;
    browser
        .until("the greeting's start", |browser| !browser.samples.is_empty())
        .await;
    browser.send(json!({"type": "control", "action": "pause"})).await;
    browser.silence(300).await;
    let (before, words) = (browser.samples.len(), stage.script.heard.load(Ordering::Relaxed));
    assert!(before < GREETING, "the greeting is not over");
    browser.speak(900).await;
    assert_eq!(browser.samples.len(), before);
    assert_eq!(stage.script.heard.load(Ordering::Relaxed), words);
    browser.send(json!({"type": "control", "action": "resume"})).await;
    browser.silence(1_200).await;
    assert_eq!(browser.samples.len(), GREETING, "the greeting is whole");
    browser.send(json!({"type": "control", "action": "end"})).await;
    assert_eq!(browser.until_closed().await, 1000);
    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    assert!(
        told.finished[0].1.duration_ms < 2_400,
        "a pause is no time: {:?}",
        told.finished
    );
}

#[tokio::test]
async fn an_ended_login_closes_its_call_within_a_second() {
    let stage = stage().await;
    let mut browser = call(&stage).await;
    browser
        .until("the greeting", |browser| !browser.samples.is_empty())
        .await;
    stage.platform.log_out("t1");
    let since = Instant::now();
    assert_eq!(browser.until_closed().await, 4401);
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    stage.platform.wait_until(|told| !told.finished.is_empty()).await;
}

#[tokio::test]
async fn what_breaks_is_named_and_the_next_provider_takes_over() {
    let mut plan = plan();
    for names in [&mut plan.stt, &mut plan.llm, &mut plan.tts] {
        names.insert(0, "gone".to_owned());
    }
    let stage = Stage::new(options(), Platform::new(plan, &["t1"])).await;
    stage.hears(&["Are you there?"]);
    let mut browser = call(&stage).await;
    browser
        .until("the greeting", |browser| browser.samples.len() > 10_000)
        .await;
    browser.silence(600).await;
    browser.speak(600).await;
    browser
        .until("the reply", |browser| browser.of("response").len() == 2)
        .await;
    let codes: Vec<_> = browser
        .of("error")
        .iter()
        .map(|error| error["error_code"].clone())
        .collect();
    assert_eq!(
        codes,
        ["STT_FAILED", "TTS_FAILED", "LLM_FAILED"]
            .map(|code| json!(code))
            .to_vec()
            .as_slice()
    );
}

#[tokio::test]
async fn a_browser_that_goes_without_a_word_ends_its_call() {
    let stage = stage().await;
    let mut browser = call(&stage).await;
    browser
        .until("the greeting", |browser| !browser.samples.is_empty())
        .await;
    drop(browser);
    stage.platform.wait_until(|told| !told.finished.is_empty()).await;
}
