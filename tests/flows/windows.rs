//! Who waits for its hours holds nobody up, and a number is never in two calls, whatever campaigns it is in.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, FixedOffset, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    api::{Api, carriers_calls},
    carrier::calls_to,
    platform::Platform,
};

/// From an hour ago to an hour from now, by a clock that shows UTC: half past five in the morning or later by India's is outside.
fn hours() -> Value {
    let at = |hours: i64| {
        (Utc::now() + chrono::Duration::hours(hours))
            .format("%H:%M:00")
            .to_string()
    };
    json!({"calling_hours_start": at(-1), "calling_hours_end": at(1)})
}

/// How long until the carrier rings a number. Looked at often: this is what is measured.
async fn until_rung(platform: &Platform, number: &str, since: Instant) -> Duration {
    loop {
        if !calls_to(&platform.sim_url, number).await.is_empty() {
            return since.elapsed();
        }
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "{number} was not rung within a minute"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A draft without leads, whose people are called in [`hours`] of their own zones.
async fn draft(api: &Api, agent: &str) -> String {
    let mut campaign = hours();
    campaign["name"] = json!("Test");
    campaign["agent_id"] = json!(agent);
    let campaign = api.post("/campaigns", campaign).await;
    campaign["id"].as_str().unwrap().to_owned()
}

async fn launch(api: &Api, campaign: &str) {
    let launched = api
        .post(&format!("/campaigns/{campaign}/launch"), json!({}))
        .await;
    assert_eq!(launched["status"], "active", "{launched}");
}

/// Uploads somebody who may be called now; answers how long it takes until the phone rings.
async fn add_and_time(platform: &Platform, api: &Api, campaign: &str, number: &str) -> Duration {
    let list = format!("phone,timezone,priority\n{number},UTC,low\n");
    let (status, answer) = api.upload(campaign, list.as_bytes()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    until_rung(platform, number, Instant::now()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_leads_in_a_closed_zone_do_not_delay_one_in_an_open_zone() {
    const CLOSED: u64 = 10_000;
    const ADDED: usize = 5;
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let (crowded, alone) = (draft(&api, &agent).await, draft(&api, &agent).await);
    // They are more urgent than the one who may be called.
    let rows: String = (0..CLOSED)
        .map(|n| format!("+1212{:07},Asia/Kolkata,urgent\n", 2_000_000 + n))
        .collect();
    let list = format!("phone,timezone,priority\n{rows}");
    let (status, later) = api.upload(&crowded, list.as_bytes()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{later}");
    let path = format!("/api/imports/{}", later["import_id"].as_str().unwrap());
    let import = api
        .until("the import", Duration::from_secs(120), async |api| {
            let import = api.get(&path).await["import"].clone();
            (import["state"] == "completed").then_some(import)
        })
        .await;
    assert_eq!(import["results"]["inserted"], CLOSED, "{import}");
    // Nothing to do is no end: each is given somebody before it is launched.
    for (campaign, number) in [(&crowded, "+14155550186"), (&alone, "+14155550187")] {
        let list = format!("phone,timezone\n{number},UTC\n");
        assert_eq!(api.upload(campaign, list.as_bytes()).await.0, StatusCode::OK);
        launch(&api, campaign).await;
        until_rung(&platform, number, Instant::now()).await;
    }

    let (mut without, mut beside) = (Vec::new(), Vec::new());
    for n in 0..ADDED {
        without.push(add_and_time(&platform, &api, &alone, &format!("+141555501{n:02}")).await);
        beside.push(add_and_time(&platform, &api, &crowded, &format!("+141555502{n:02}")).await);
    }
    without.sort();
    beside.sort();
    println!(
        "rung after it was added: {without:?} in a campaign of its own, {beside:?} beside {CLOSED} in a closed zone"
    );

    let rung: Vec<String> = carriers_calls(&platform.sim_url)
        .await
        .iter()
        .map(|call| call["to"].as_str().unwrap().to_owned())
        .collect();
    let closed: Vec<_> = rung.iter().filter(|to| to.starts_with("+1212")).collect();
    assert_eq!(closed, [""; 0], "rung in a closed zone");
    assert_eq!(rung.len(), 2 + 2 * ADDED, "{rung:?}");
    // Whoever asks about one of them is told what it waits for.
    let leads = api
        .get(&format!("/api/leads?campaign_id={crowded}&limit=100"))
        .await;
    let mut waiting = leads["leads"].as_array().unwrap().iter();
    let waiting = waiting.find(|lead| lead["timezone"] == "Asia/Kolkata").unwrap();
    let path = format!("/api/leads/{}/explain", waiting["id"].as_str().unwrap());
    let told = api.get(&path).await["explanation"].clone();
    let mut rules = told["rules"].as_array().unwrap().iter();
    let window = rules.find(|rule| rule["rule"] == "calling_window").unwrap();
    assert_eq!(window["ok"], false, "{told}");
    assert!(told["next_dial_at"].is_string(), "{told}");
    platform.stop().await;
}

/// When a call of the carrier's list began and ended.
fn span(call: &Value) -> Option<(DateTime<FixedOffset>, DateTime<FixedOffset>)> {
    let at = |field: &str| DateTime::parse_from_rfc2822(call[field].as_str()?).ok();
    Some((at("date_created")?, at("end_time")?))
}

/// Half of the people talk, half are busy; both campaigns want all of them at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_of_two_campaigns_is_never_in_two_calls() {
    const NUMBERS: usize = 12;
    let platform = Platform::with(&[
        ("TRUNKLINE_SIM_RING_MS", "1500"),
        ("TRUNKLINE_MAX_CONVERSATIONS", "40"),
    ])
    .await;
    let api = Api::register(&platform.url, "grace").await;
    let agent = api.agent("Reception").await;
    let numbers: Vec<String> = (0..NUMBERS)
        .map(|n| format!("+14155{:03}1{}", 550 + n, if n % 2 == 0 { "01" } else { "85" }))
        .collect();
    let once = json!({"max_concurrent_calls": NUMBERS, "retry_policy": {"max_attempts": 1}});
    let (one, other) = tokio::join!(
        api.launch(&agent, &numbers, once.clone()),
        api.launch(&agent, &numbers, once.clone())
    );
    let calls = api
        .until(
            "each number's call in each campaign",
            Duration::from_secs(240),
            async |_| {
                let calls = carriers_calls(&platform.sim_url).await;
                let over = calls.iter().filter(|call| span(call).is_some()).count();
                (over >= 2 * NUMBERS).then_some(calls)
            },
        )
        .await;
    assert_eq!(calls.len(), 2 * NUMBERS, "{calls:#?}");
    let mut of: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for call in &calls {
        of.entry(call["to"].as_str().unwrap())
            .or_default()
            .push(span(call).unwrap());
    }
    for (number, spans) in &mut of {
        spans.sort();
        let [(_, first_end), (second_start, _)] = spans.as_slice() else {
            panic!("{number} was called {} times", spans.len());
        };
        // The carrier tells whole seconds.
        let gap = trunkline_domain::dial::MIN_GAP - chrono::Duration::seconds(1);
        assert!(*second_start - *first_end >= gap, "{number}: {spans:?}");
    }
    assert_eq!(of.len(), NUMBERS);
    // Each campaign rang everybody once; it counts a call that ends while it is asked twice.
    for campaign in [one, other] {
        api.until("the campaign's own count", Duration::from_secs(30), async |api| {
            let stats = api.get(&format!("/campaigns/{campaign}/stats")).await;
            (stats["calls_made"] == NUMBERS && stats["pending"] == 0).then_some(())
        })
        .await;
    }
    platform.stop().await;
}
