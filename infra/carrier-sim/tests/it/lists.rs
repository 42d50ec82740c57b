//! The list of all calls ever placed: the truth that outlives everything.

use std::path::Path;

use serde_json::{Value, json};
use trunkline_carrier_sim::{Sim, SimError};

use crate::bench::{Bench, FROM, eventually, options};

fn sids(list: &Value) -> Vec<String> {
    list["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["sid"].as_str().unwrap().to_owned())
        .collect()
}

async fn list_of(sim: &Sim) -> Value {
    let url = format!(
        "{}/2010-04-01/Accounts/{}/Calls.json",
        sim.url(),
        trunkline_carrier_sim::SimOptions::ACCOUNT_SID
    );
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let (user, token) = (
        trunkline_carrier_sim::SimOptions::ACCOUNT_SID,
        trunkline_carrier_sim::SimOptions::AUTH_TOKEN,
    );
    let body = client
        .get(url)
        .basic_auth(user, Some(token))
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn a_call_whose_post_was_answered_survives_a_kill() {
    let bench = Bench::with(|options| options.ring_ms = 600_000).await;
    let sid = bench.call("+15550001501", &[]).await;
    // What SIGKILL leaves is what is on disk at this moment.
    let killed = tempfile::tempdir().unwrap();
    copy(bench.folder(), killed.path());
    let after = Sim::start(options(killed.path())).await.unwrap();
    let list = list_of(&after).await;
    assert_eq!(sids(&list), [sid]);
    assert_eq!(list["calls"][0]["status"], "failed", "nobody had answered it");
    after.shutdown().await;
}

#[tokio::test]
async fn the_list_survives_a_restart_and_unfinished_calls_end() {
    let bench = Bench::start().await;
    bench.platform.answer("/answer", "<Pause length=\"600\"/>");
    let busy = bench.call("+15550001585", &[]).await;
    bench.platform.end_of(&busy).await;
    let talking = bench.call("+15550001595", &[]).await;
    bench.platform.hook("/answer", |_| true).await;
    let mut again = options(bench.folder());
    assert!(
        matches!(Sim::start(again.clone()).await, Err(SimError::InUse(_))),
        "one simulator a folder"
    );
    let Bench { sim, .. } = &bench;
    let addr = sim.url().strip_prefix("http://").unwrap().parse().unwrap();
    bench.sim.shutdown().await;
    again.addr = addr;
    let after = Sim::start(again).await.unwrap();
    let list = list_of(&after).await;
    assert_eq!(sids(&list), [talking, busy], "newest first");
    let statuses: Vec<&Value> = list["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["status"])
        .collect();
    assert_eq!(statuses, [&json!("completed"), &json!("busy")]);
    assert!(
        bench
            .platform
            .hooks("/status")
            .iter()
            .all(|hook| hook.get("CallStatus") != "completed"),
        "it went silently"
    );
    after.shutdown().await;
}

#[tokio::test]
async fn the_list_is_filtered_and_paged() {
    let bench = Bench::start().await;
    let mut placed = Vec::new();
    for n in 0..5 {
        placed.push(bench.call(&format!("+1555000158{n}"), &[]).await);
    }
    placed.reverse();
    let mut got = Vec::new();
    let mut next = "/Calls.json?PageSize=2".to_owned();
    loop {
        let (status, page) = bench.get(&next).await;
        assert_eq!(status, 200);
        got.extend(sids(&page));
        let Some(uri) = page["next_page_uri"].as_str() else {
            break;
        };
        let prefix = format!(
            "/2010-04-01/Accounts/{}",
            trunkline_carrier_sim::SimOptions::ACCOUNT_SID
        );
        next = uri.strip_prefix(&prefix).unwrap().to_owned();
    }
    assert_eq!(got, placed);
    assert_eq!(
        sids(&bench.get("/Calls.json?To=%2B15550001583").await.1),
        [placed[1].clone()]
    );
    assert_eq!(
        bench.get(&format!("/Calls.json?From={FROM}0")).await.1["calls"],
        json!([])
    );
    eventually("all are over", async || {
        let (_, over) = bench
            .get("/Calls.json?Status=no-answer&StartTime%3E=2020-01-01")
            .await;
        (sids(&over).len() == 5).then_some(())
    })
    .await;
    assert_eq!(
        bench.get("/Calls.json?StartTime%3C=2020-01-01").await.1["calls"],
        json!([])
    );
}
