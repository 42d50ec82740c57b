//! A person is looked for while the agent talks on; and a stream on which nobody talks.

use std::sync::atomic::Ordering;

use serde_json::json;
use trunkline_media::port::CallPlan;
use trunkline_media::session::{EndedBy, Next, People};
use trunkline_providers::llm::{Action, ReplyPart};

use crate::doubles::{Platform, options, plan};
use crate::phone::{Phone, Stage};

/// A caller who was greeted and asks for a person.
async fn asking(stage: &Stage) -> Phone {
    stage.hears(&["Give me a person.", "How long are you open?"]);
    let reply = vec![
        ReplyPart::Text("Of course.".to_owned()),
        ReplyPart::Action(Action::TransferToHuman),
        ReplyPart::Done,
    ];
    stage.script.replies.lock().unwrap().push_back(reply);
    let mut phone = stage.call("c1", "t1").await;
    phone.until("the greeting", |phone| phone.heard.len() > 20).await;
    phone.silence(700).await;
    phone.speak(600).await;
    phone
        .until("the search", |_| stage.platform.told().searches.0 == 1)
        .await;
    phone
}

fn with_people() -> CallPlan {
    CallPlan {
        handover: People::Some,
        ..plan()
    }
}

#[tokio::test]
async fn the_agent_talks_on_until_it_is_known_that_nobody_comes_and_says_so() {
    let stage = Stage::new(options(), Platform::new(with_people(), &["t1"])).await;
    stage.platform.hope.store(2, Ordering::Relaxed);
    let mut phone = asking(&stage).await;
    phone.speak(600).await;
    let sorry = |stage: &Stage| {
        let lines = stage.platform.told().lines;
        lines
            .iter()
            .any(|line| line.text.contains("none of my colleagues"))
    };
    phone.until("that nobody came", |_| sorry(&stage)).await;
    let told = stage.platform.told();
    assert_eq!(
        told.searches,
        (1, 2),
        "once begun, then looked at until it was over"
    );
    let said: Vec<_> = told.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        said[..5],
        [
            "Hello, Anna here.",
            "Give me a person.",
            "Of course.",
            "How long are you open?",
            "I see."
        ]
    );
    assert!(told.finished.is_empty(), "the conversation goes on");
}

#[tokio::test]
async fn a_person_who_takes_the_call_ends_the_stream_and_the_search() {
    let stage = Stage::new(options(), Platform::new(with_people(), &["t1"])).await;
    stage.platform.hope.store(100, Ordering::Relaxed);
    let mut phone = asking(&stage).await;
    phone.send(json!({"event": "stop"})).await;
    let told = stage.platform.wait_until(|told| !told.finished.is_empty()).await;
    assert_eq!(told.lines.last().unwrap().text, "Of course.");
    let looked = told.searches.1;
    phone.until_closed().await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(stage.platform.told().searches.1, looked, "nobody looks any more");
}

#[tokio::test]
async fn a_beep_is_waited_for_without_a_provider_and_recorded_as_the_call_says() {
    let listens = CallPlan {
        listens: true,
        stt: Vec::new(),
        llm: Vec::new(),
        tts: Vec::new(),
        ..plan()
    };
    let stage = Stage::new(options(), Platform::new(listens, &["t1"])).await;
    let mut phone = stage.call("c1", "t1").await;
    phone.speak(1_500).await;
    phone.silence(300).await;
    assert!(stage.platform.told().finished.is_empty());
    phone.beep(500).await;
    assert_eq!(phone.until_closed().await.0, 1000);
    let told = stage.platform.told();
    let (next, stats) = &told.finished[0];
    assert_eq!((*next, stats.ended_by), (Next::Voicemail, EndedBy::Machine));
    assert_eq!(phone.heard.len(), 0, "nothing was said");
    assert_eq!(
        stage.script.heard.load(Ordering::Relaxed),
        0,
        "nobody listened to the words"
    );
    assert_eq!((told.segments.len(), told.lines.len()), (1, 0));
}
