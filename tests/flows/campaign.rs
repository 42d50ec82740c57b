//! A campaign of every kind of number, with the stub speech parts: dialled over the carrier's real
//! protocol, spoken over real media streams, recorded, transcribed, analysed.

use std::{collections::HashMap, time::Duration};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    api::{Api, carriers_calls},
    platform::Platform,
    wav::listen,
};

fn status_of(calls: &[Value]) -> HashMap<String, String> {
    calls
        .iter()
        .map(|call| (text(call, "phone_number"), text(call, "status")))
        .collect()
}

fn text(call: &Value, field: &str) -> String {
    call[field].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_number_is_called_once_and_each_call_can_be_read_and_heard() {
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let numbers = [
        "+14155550101",
        "+14155550172",
        "+14155550181",
        "+14155550186",
        "+14155550191",
    ]
    .map(str::to_owned);
    let campaign = api.launch(&agent, &numbers, json!({})).await;

    let calls = api
        .until(
            "five calls that are over and analysed",
            Duration::from_secs(90),
            async |api| {
                let calls = api.calls(&campaign).await;
                let over = |call: &Value| {
                    !matches!(
                        text(call, "status").as_str(),
                        "queued" | "ringing" | "in_progress"
                    ) && call["cost"].is_number()
                };
                (calls.len() == 5 && calls.iter().all(over)).then_some(calls)
            },
        )
        .await;
    let status = status_of(&calls);
    let expected = ["completed", "completed", "no_answer", "busy", "failed"];
    for (number, expected) in numbers.iter().zip(expected) {
        assert_eq!(status[number], expected, "{number}");
    }

    // The person: both sides of the conversation, what it was like, what it cost.
    let id = text(
        calls
            .iter()
            .find(|call| call["phone_number"] == numbers[0].as_str())
            .unwrap(),
        "id",
    );
    let person = api
        .until(
            "the analysis of the person's call",
            Duration::from_secs(40),
            async |api| {
                let call = api.get(&format!("/call-logs/{id}")).await;
                (call["sentiment"].is_string() && call["recording_url"].is_string()).then_some(call)
            },
        )
        .await;
    let said = text(&person, "transcript");
    assert!(said.contains("Agent: ") && said.contains("User: "), "{said}");
    assert!(person["duration_seconds"].as_u64().unwrap() > 0, "{person}");
    assert!(person["cost"].as_f64().unwrap() > 0.0, "{person}");
    assert!(!text(&person, "summary").is_empty(), "{person}");

    // Its recording: two loud channels about as long as the call.
    let wav = api
        .http
        .get(format!("{}/call-recordings/{id}/download", api.base))
        .bearer_auth(&api.token)
        .send()
        .await
        .unwrap();
    assert_eq!(wav.status(), StatusCode::OK);
    let (caller, agent_side, seconds) = listen(&wav.bytes().await.unwrap());
    assert!(caller > 50.0, "the caller cannot be heard: {caller}");
    assert!(agent_side > 50.0, "the agent cannot be heard: {agent_side}");
    assert!(seconds > 1.0, "{seconds} s");

    // Who was not reached is tried again; who was is not.
    let stats = api.get(&format!("/campaigns/{campaign}/stats")).await;
    assert_eq!(
        (stats["calls_made"].as_u64(), stats["total_leads"].as_u64()),
        (Some(5), Some(5)),
        "{stats}"
    );
    assert_eq!(
        stats["pending"], 2,
        "no answer and busy wait for their retry: {stats}"
    );

    // The truth: the carrier has each number exactly once.
    let mut called: Vec<String> = carriers_calls(&platform.sim_url)
        .await
        .iter()
        .map(|call| text(call, "to"))
        .collect();
    called.sort();
    assert_eq!(called, numbers);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pause_stops_dialling_within_a_second_and_resume_goes_on() {
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "grace").await;
    let agent = api.agent("Reception").await;
    let numbers: Vec<String> = (0..40).map(|n| format!("+1415555{n:02}85")).collect();
    let campaign = api
        .launch(&agent, &numbers, json!({"max_concurrent_calls": 2}))
        .await;
    api.until("the first call", Duration::from_secs(20), async |_| {
        (!carriers_calls(&platform.sim_url).await.is_empty()).then_some(())
    })
    .await;

    let paused = api.post(&format!("/campaigns/{campaign}/pause"), json!({})).await;
    assert_eq!(paused["status"], "paused");
    // The promise is a second: what is placed after it would be placed in these three.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let then = carriers_calls(&platform.sim_url).await.len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        carriers_calls(&platform.sim_url).await.len(),
        then,
        "dialled on while paused"
    );
    assert!(then < numbers.len());

    let resumed = api
        .post(&format!("/campaigns/{campaign}/resume"), json!({}))
        .await;
    assert_eq!(resumed["status"], "active");
    api.until("more calls", Duration::from_secs(20), async |_| {
        (carriers_calls(&platform.sim_url).await.len() > then).then_some(())
    })
    .await;
    let stopped = api.post(&format!("/campaigns/{campaign}/stop"), json!({})).await;
    assert_eq!(stopped["status"], "cancelled");
    platform.stop().await;
}
