//! A list of leads over real sockets: uploaded, imported by the worker, told to who asked to be told; and one that is none.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{api::Api, platform::Platform};

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
