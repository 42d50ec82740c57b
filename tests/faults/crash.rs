//! SIGKILL in the middle of a campaign. The carrier is never killed with the platform: it is the truth.

use std::{collections::HashMap, time::Duration};

use serde_json::json;

use crate::support::{
    api::{Api, carriers_calls},
    platform::{Carrier, Process, free_address},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_nobody_is_called_twice_and_nobody_is_forgotten() {
    let carrier = Carrier::start().await;
    let data = tempfile::tempdir().unwrap();
    let addr = free_address();
    let mut platform = Process::start(data.path(), &carrier, &addr).await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    // Busy at once: many short calls, so that each kill falls into the middle of some.
    let numbers: Vec<String> = (0..60).map(|n| format!("+1415555{n:02}86")).collect();
    let once = json!({"max_concurrent_calls": 6, "retry_policy": {"max_attempts": 1}});
    let campaign = api.launch(&agent, &numbers, once).await;

    for kills in 1..=3_usize {
        let enough = kills * 12;
        api.until("more calls", Duration::from_secs(60), async |_| {
            (carriers_calls(&carrier.url).await.len() >= enough).then_some(())
        })
        .await;
        platform.kill().await;
        platform = Process::start(data.path(), &carrier, &addr).await;
    }
    api.until("the campaign's end", Duration::from_secs(240), async |api| {
        let campaign = api.get(&format!("/campaigns/{campaign}")).await;
        (campaign["status"] == "completed").then_some(())
    })
    .await;

    let mut times: HashMap<String, usize> = HashMap::new();
    for call in carriers_calls(&carrier.url).await {
        *times.entry(call["to"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let twice: Vec<&String> = times
        .iter()
        .filter(|(_, count)| **count > 1)
        .map(|(number, _)| number)
        .collect();
    assert!(twice.is_empty(), "called twice: {twice:?}");
    let forgotten: Vec<&String> = numbers
        .iter()
        .filter(|number| !times.contains_key(*number))
        .collect();
    assert!(forgotten.is_empty(), "never called: {forgotten:?}");
    platform.kill().await;
    carrier.stop().await;
}
