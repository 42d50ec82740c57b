use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use trunkline_media::audio::mulaw;
use trunkline_media::recorder::SEGMENT_BYTES;
use trunkline_media::session::{EndedBy, Next, Track};
use trunkline_providers::llm::ReplyPart;

use crate::doubles::{Platform, options, plan};
use crate::phone::Stage;

#[tokio::test]
async fn a_call_is_greeted_answered_recorded_and_written_down() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    stage.hears(&["What time is it?"]);
    let mut phone = stage.call("c1", "t1").await;
    phone.until("the greeting", |phone| phone.heard.len() > 20).await;
    phone.silence(1_000).await;
    let greeted = phone.heard.len();

    phone.speak(800).await;
    let silent_since = Instant::now();
    phone
        .until("the reply", |phone| phone.heard.len() > greeted)
        .await;
    let delay = phone.heard[greeted] - silent_since;
    assert!(
        delay >= Duration::from_millis(150) && delay < Duration::from_millis(600),
        "{delay:?}"
    );

    phone.silence(3_000).await;
    phone
        .send(json!({"event": "stop", "streamSid": "MZ1", "stop": {"callSid": "CA1"}}))
        .await;
    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;

    let said: Vec<_> = told
        .lines
        .iter()
        .map(|line| (line.track, line.text.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Track::Agent, "Hello, Anna here."),
            (Track::Caller, "What time is it?"),
            (Track::Agent, "I see.")
        ]
    );
    let (next, stats) = &told.finished[0];
    assert_eq!(
        (*next, stats.ended_by, stats.turns, stats.marks_lost),
        (Next::Hangup, EndedBy::Caller, 1, 0)
    );
    assert!(
        phone.ahead <= Duration::from_millis(130),
        "paced: {:?} ahead",
        phone.ahead
    );
    assert_eq!(told.admitted[0].stream_sid, "MZ1");
    assert_eq!(told.admitted[0].account_sid, "AC1");
    assert!(
        stage.script.heard.load(Ordering::Relaxed) >= 36 * 160,
        "the recogniser heard the sentence"
    );

    // Over five seconds: a whole segment and the rest, both sides where they were.
    let numbers: Vec<_> = told.segments.keys().copied().collect();
    assert_eq!(numbers, [0, 1]);
    assert_eq!(told.segments[&0].len(), SEGMENT_BYTES);
    let samples: Vec<i16> = told
        .segments
        .values()
        .flatten()
        .map(|byte| mulaw::decode(*byte))
        .collect();
    let duration_ms = u64::try_from(samples.len()).unwrap() / 2 / 8;
    assert!(
        duration_ms.abs_diff(stats.duration_ms) <= 1,
        "{duration_ms} of {}",
        stats.duration_ms
    );
    for (line, side) in [(&told.lines[0], 1), (&told.lines[1], 0), (&told.lines[2], 1)] {
        let middle = usize::try_from(line.start_ms.midpoint(line.end_ms)).unwrap() * 8 * 2;
        assert!(
            samples[middle + side].abs() > 3_000,
            "{:?} is heard where the transcript says",
            line.text
        );
    }
}

#[tokio::test]
async fn speaking_over_the_agent_clears_what_is_queued_and_trims_the_transcript() {
    let stage = Stage::new(options(), Platform::new(plan(), &["t1"])).await;
    stage.hears(&["Tell me.", "Stop, please."]);
    let long =
        "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.";
    stage
        .script
        .replies
        .lock()
        .unwrap()
        .push_back(vec![ReplyPart::Text(long.to_owned()), ReplyPart::Done]);
    let mut phone = stage.call("c1", "t1").await;
    phone.until("the greeting", |phone| phone.heard.len() > 20).await;
    phone.silence(800).await;
    let greeted = phone.heard.len();
    phone.speak(500).await;
    phone
        .until("a second of the reply", |phone| phone.heard.len() > greeted + 50)
        .await;

    let spoke = Instant::now();
    phone.speak(700).await;
    assert_eq!(
        phone.clears.len(),
        1,
        "the agent was silenced while the caller still spoke"
    );
    let reaction = phone.clears[0] - spoke;
    assert!(
        reaction >= Duration::from_millis(380) && reaction < Duration::from_millis(650),
        "{reaction:?}"
    );
    phone
        .until("the next reply", |phone| {
            phone.heard.last().is_some_and(|at| *at > phone.clears[0])
        })
        .await;

    let told = stage.platform.wait_until(|told| told.lines.len() >= 3).await;
    let said = &told.lines[2].text;
    assert!(
        long.starts_with(said.as_str()) && said.len() < long.len() / 2 && !said.is_empty(),
        "{said}"
    );
    let requests = stage.script.requests.lock().unwrap();
    let history = &requests.last().unwrap().history;
    assert_eq!(history[2].text, *said, "the model is told only what was heard");
    assert_eq!(history[3].text, "Stop, please.");
}

#[tokio::test]
async fn two_calls_at_once_do_not_hear_each_other() {
    let stage = Arc::new(Stage::new(options(), Platform::new(plan(), &["t1", "t2"])).await);
    let talker = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move {
            let mut phone = stage.call("c1", "t1").await;
            phone.silence(900).await;
            phone.speak(500).await;
            phone.silence(900).await;
            phone.heard.len()
        }
    });
    let mut quiet = stage.call("c2", "t2").await;
    quiet.silence(2_300).await;
    assert_eq!(stage.server.active(), 2);
    let greeting = 17 * 2;
    assert_eq!(
        quiet.heard.len(),
        greeting,
        "the quiet one hears the greeting and nothing else"
    );
    assert!(talker.await.unwrap() > greeting);
}

#[tokio::test]
async fn a_recogniser_that_cannot_open_is_replaced_by_the_next_in_the_plan() {
    let mut plan = plan();
    for names in [&mut plan.stt, &mut plan.llm, &mut plan.tts] {
        names.insert(0, "gone".to_owned());
    }
    let stage = Stage::new(options(), Platform::new(plan, &["t1"])).await;
    stage.hears(&["Are you there?"]);
    let mut phone = stage.call("c1", "t1").await;
    phone.until("the greeting", |phone| phone.heard.len() > 20).await;
    phone.silence(800).await;
    phone.speak(600).await;
    phone.silence(1_200).await;
    let told = stage.platform.wait_until(|told| told.lines.len() >= 3).await;
    assert_eq!(told.lines[1].text, "Are you there?");
    assert_eq!(told.lines[2].text, "I see.");
}
