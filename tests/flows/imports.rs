//! A list of leads over real sockets: uploaded, imported by the worker, told to who asked to be told; and one that is none.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    api::{Api, carriers_calls},
    platform::Platform,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_list_is_imported_while_its_client_watches() {
    let platform = Platform::start().await;
    let ada = Api::register(&platform.url, "ada").await;
    let campaign = ada.post("/campaigns", json!({"name": "Lists"})).await;
    let campaign = campaign["id"].as_str().unwrap();
    let rows: String = (0..3_000).map(|n| format!("+1415{n:07},Ada\n")).collect();
    let list = format!("phone,first_name\n{rows}nobody,\n");
    let (status, later) = ada.upload(campaign, list.as_bytes()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{later}");
    let path = format!("/api/imports/{}", later["import_id"].as_str().unwrap());
    let import = ada
        .until("the import", Duration::from_secs(60), async |api| {
            let import = api.get(&path).await["import"].clone();
            (import["state"] == "completed").then_some(import)
        })
        .await;
    assert_eq!(
        import["results"],
        json!({"total": 3_001, "valid": 3_000, "invalid": 1, "duplicates": 0, "dnc": 0, "inserted": 3_000})
    );
    assert_eq!(import["errors"][0]["row"], 3_002);
    let leads = ada.get(&format!("/api/leads?campaign_id={campaign}")).await;
    assert_eq!(leads["total"], 3_000);
    platform.stop().await;
}

/// The client still sends when the first bytes tell that this is no list; it hears so all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_of_ten_megabytes_is_refused_and_the_client_hears_why() {
    let platform = Platform::start().await;
    let ada = Api::register(&platform.url, "ada").await;
    let campaign = ada.post("/campaigns", json!({"name": "Lists"})).await;
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.resize(10_000_000, 7);
    let (status, answer) = ada.upload(campaign["id"].as_str().unwrap(), &picture).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"].as_str().unwrap().contains("picture"), "{answer}");
    platform.stop().await;
}

/// The second time each of its rows is a duplicate, whatever became of the first: reached, or to be tried again in an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_list_imported_again_calls_nobody() {
    let platform = Platform::with(&[("TRUNKLINE_SIM_TALK_MS", "500")]).await;
    let ada = Api::register(&platform.url, "ada").await;
    let agent = ada.agent("Reception").await;
    let later = json!({"max_attempts": 3, "delay_minutes": 60});
    let made = json!({"name": "Lists", "agent_id": agent, "retry_policy": later});
    let campaign = ada.post("/campaigns", made).await;
    let campaign = campaign["id"].as_str().unwrap();
    let list = b"phone\n+14155550801\n+14155550802\n+14155550885\n";
    let done = ada.upload(campaign, list).await.1;
    assert_eq!(done["results"]["inserted"], 3, "{done}");
    ada.post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    let called = ada.until("all are called", Duration::from_secs(30), async |api| {
        let calls = api.calls(campaign).await;
        let over = |call: &Value| matches!(call["status"].as_str(), Some("completed" | "busy"));
        (calls.len() == 3 && calls.iter().all(over)).then_some(())
    });
    called.await;
    let again = ada.upload(campaign, list).await.1;
    assert_eq!(
        (&again["results"]["duplicates"], &again["results"]["inserted"]),
        (&json!(3), &json!(0)),
        "{again}"
    );
    // A new lead would be dialled at once, as this one is; then so would the others have been.
    let fourth = ada.upload(campaign, b"phone\n+14155550803\n").await.1;
    assert_eq!(fourth["results"]["inserted"], 1, "{fourth}");
    let dialled = ada.until("the fourth is called", Duration::from_secs(30), async |_| {
        let calls = carriers_calls(&platform.sim_url).await;
        calls
            .iter()
            .any(|call| call["to"] == "+14155550803")
            .then_some(calls.len())
    });
    assert_eq!(dialled.await, 4);
    platform.stop().await;
}
