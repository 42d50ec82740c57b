//! Periods: exact to the millisecond, in every zone.

use serde_json::Value;
use trunkline_domain::{Call, Outcome};
use trunkline_testing::{Client, Platform};

use crate::{agent, call, platform};

async fn made_at(platform: &Platform, client: &Client, times: &[&str]) {
    for made in times {
        let call = Call {
            voice_agent: Some(agent("joe")),
            ..call(platform, client, made, Outcome::Answered)
        };
        platform.put_call(&call).await;
    }
}

async fn total(client: &Client, query: &str) -> i64 {
    let answer = client.get(&format!("/analytics/calls?{query}")).await;
    answer.body["total_calls"]
        .as_i64()
        .unwrap_or_else(|| panic!("{query}: {answer:?}"))
}

#[tokio::test]
async fn bounds_inside_a_quarter_of_an_hour_are_exact() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    made_at(
        &platform,
        &client,
        &[
            "2026-01-05T08:00:00Z",
            "2026-01-05T08:07:00Z",
            "2026-01-05T08:14:59.999Z",
            "2026-01-05T08:15:00Z",
            "2026-01-05T09:59:00Z",
        ],
    )
    .await;
    for (from, to, expected) in [
        ("2026-01-05T08:00:00Z", "2026-01-05T09:59:59Z", 5),
        ("2026-01-05T08:00:01Z", "2026-01-05T09:59:59Z", 4),
        ("2026-01-05T08:07:00Z", "2026-01-05T08:14:59.998Z", 1),
        ("2026-01-05T08:07:00Z", "2026-01-05T08:15:00Z", 3),
        ("2026-01-05T08:15:00.001Z", "2026-01-05T09:58:59Z", 0),
        ("2026-01-05T10:00:00%2B02:00", "2026-01-05T10:05:00%2B02:00", 1),
    ] {
        for (first, last) in [("start_date", "end_date"), ("date_from", "date_to")] {
            let query = format!("{first}={from}&{last}={to}");
            assert_eq!(total(&client, &query).await, expected, "{query}");
            let query = format!("{query}&agent_id={}", agent("joe"));
            assert_eq!(total(&client, &query).await, expected, "{query}");
        }
    }
}

#[tokio::test]
async fn a_bare_end_date_includes_its_day_in_the_askers_zone() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    // In Kolkata the 4th ends at 18:30 UTC.
    made_at(
        &platform,
        &client,
        &[
            "2026-01-03T18:29:00Z",
            "2026-01-03T18:30:00Z",
            "2026-01-04T18:29:59Z",
            "2026-01-04T18:30:00Z",
        ],
    )
    .await;
    let day = "start_date=2026-01-04&end_date=2026-01-04";
    assert_eq!(total(&client, day).await, 2, "UTC");
    assert_eq!(total(&client, &format!("{day}&timezone=Asia/Kolkata")).await, 2);
    let days = client
        .get("/analytics/daily-calls?start_date=2026-01-03&end_date=2026-01-05&timezone=Asia/Kolkata")
        .await;
    let totals: Vec<i64> = days.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["total_calls"].as_i64().unwrap())
        .collect();
    assert_eq!(totals, [1, 2, 1]);
    let hours = client.get("/analytics/hourly-calls?timezone=Asia/Kolkata").await;
    let hour = |hour: usize| hours.body["items"][hour]["total_calls"].clone();
    assert_eq!([hour(23), hour(0)], [Value::from(2), Value::from(2)]);
}

#[tokio::test]
async fn days_count_back_from_now_or_from_the_end() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    // Now is 2026-01-05T10:00.
    made_at(
        &platform,
        &client,
        &[
            "2026-01-05T09:59:00Z",
            "2026-01-04T10:00:00Z",
            "2026-01-04T09:59:00Z",
            "2025-12-06T10:00:00Z",
            "2025-12-06T09:59:00Z",
        ],
    )
    .await;
    for (query, expected) in [
        ("days=1", 2),
        ("days=2", 3),
        ("days=30", 4),
        ("", 4),
        ("days=31", 5),
        ("end_date=2026-01-04&days=1", 2),
        ("end_date=2030-01-01&start_date=2026-01-05", 1),
        ("start_date=2027-01-01", 0),
    ] {
        assert_eq!(total(&client, query).await, expected, "{query}");
    }
}
