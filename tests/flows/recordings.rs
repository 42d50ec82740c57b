//! A recording over real sockets: fetched by its link, transcribed again, deleted.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{api::Api, platform::Platform};

/// What the stub recogniser understands, whatever it hears.
const HEARD: &str = "This is what the caller said.";

/// A call of one person, ended and recorded.
async fn recorded(api: &Api) -> Value {
    let agent = api.agent("Reception").await;
    let campaign = api.launch(&agent, &["+14155550101".to_owned()], json!({})).await;
    api.until("a recorded call", Duration::from_secs(120), async |api| {
        let call = api.calls(&campaign).await.pop()?;
        (call["recording_url"].is_string() && call["sentiment"].is_string()).then_some(call)
    })
    .await
}

/// Asks for a new transcript, and waits for it.
async fn transcribed(api: &Api, id: &str, within: Duration) -> Value {
    let asked = api
        .post(&format!("/call-recordings/{id}/transcribe"), json!({}))
        .await;
    assert_eq!(asked["call_id"], id);
    assert!(
        ["queued", "processing"].contains(&asked["status"].as_str().unwrap()),
        "{asked}"
    );
    api.until("the new transcript", within, async |api| {
        let said = api.get(&format!("/call-recordings/{id}/transcript")).await;
        (!["queued", "processing"].contains(&said["status"].as_str().unwrap())).then_some(said)
    })
    .await
}

fn words_of(said: &Value, speaker: &str) -> Vec<String> {
    let segments = said["segments"].as_array().unwrap();
    let theirs = segments.iter().filter(|line| line["speaker"] == speaker);
    theirs
        .map(|line| line["text"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_heard_by_its_link_transcribed_again_and_deleted() {
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "vera").await;
    let call = recorded(&api).await;
    let id = call["id"].as_str().unwrap();

    let link = call["recording_url"].as_str().unwrap();
    let part = api
        .http
        .get(link)
        .header("Range", "bytes=0-3")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.text().await.unwrap(), "RIFF");
    let head = api.http.head(link).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    let total: usize = head.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let whole = api.http.get(link).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(whole.len(), total);
    let outside = api
        .http
        .get(link)
        .header("Range", "bytes=999999999-")
        .send()
        .await
        .unwrap();
    assert_eq!(outside.status(), StatusCode::RANGE_NOT_SATISFIABLE);

    let before = api.get(&format!("/call-recordings/{id}/transcript")).await;
    let said = transcribed(&api, id, Duration::from_secs(60)).await;
    assert_eq!(said["status"], "completed", "{said}");
    assert_eq!(said["transcription"]["source"], "recording", "{said}");
    let heard = words_of(&said, "user");
    assert!(
        !heard.is_empty() && heard.iter().all(|text| text == HEARD),
        "{said}"
    );
    assert_eq!(
        words_of(&said, "agent"),
        words_of(&before, "agent"),
        "the agent's words stay"
    );

    let (status, _) = api
        .send(Method::DELETE, &format!("/call-recordings/{id}"), None)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let gone = api.http.get(link).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NOT_FOUND, "a good link to nothing");
    let (status, _) = api
        .send(Method::POST, &format!("/call-recordings/{id}/transcribe"), None)
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the speech models and a minute of real speech; run it alone with --ignored"]
async fn real_speech_is_understood_again() {
    let spoken = ["TRUNKLINE_STT", "TRUNKLINE_LLM", "TRUNKLINE_TTS"].map(|name| (name, "builtin"));
    let platform = Box::pin(Platform::with(&spoken)).await;
    let api = Api::register(&platform.url, "nora").await;
    let call = recorded(&api).await;
    let id = call["id"].as_str().unwrap();
    let before = api.get(&format!("/call-recordings/{id}/transcript")).await;
    let said = transcribed(&api, id, Duration::from_secs(120)).await;
    let (live, again) = (words_of(&before, "user"), words_of(&said, "user"));
    assert_eq!(said["transcription"]["source"], "recording", "{said}");
    let plain = |lines: &[String]| -> Vec<String> {
        let text = lines.join(" ").to_lowercase();
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let (live, again) = (plain(&live), plain(&again));
    assert!(again.len() >= 3, "{said}");
    let common = live.iter().filter(|word| again.contains(word)).count();
    assert!(common * 10 >= live.len() * 7, "live {live:?}, again {again:?}");
    platform.stop().await;
}
