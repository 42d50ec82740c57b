//! Every filter alone and with others, by campaign, agent and date.

use chrono::Duration;
use serde_json::json;
use trunkline_domain::{Call, CallStatus, Instant, Outcome};
use trunkline_testing::{Client, NO_ID, Platform, call};

use crate::{made, platform};

struct Calls {
    ada: Client,
    campaign: String,
    other: String,
    agent: String,
}

/// Eight calls around midnight of 29 January 2024; each one's number says which it is.
async fn eight(platform: &Platform) -> Calls {
    let ada = platform.manager("ada").await;
    let campaign = made(&ada, "/campaigns", "One").await;
    let other = made(&ada, "/campaigns", "Two").await;
    let agent = made(&ada, "/agents", "Sales").await;
    let first: Instant = "2024-01-28T20:00:00Z".parse().unwrap();
    for n in 0..8_i64 {
        let one = Call {
            campaign: match n % 3 {
                0 => Some(campaign.parse().unwrap()),
                1 => Some(other.parse().unwrap()),
                _ => None,
            },
            voice_agent: (n % 2 == 0).then(|| agent.parse().unwrap()),
            status: match n % 4 {
                0 => CallStatus::Ended(Outcome::Answered),
                1 => CallStatus::Ended(Outcome::NoAnswer),
                2 => CallStatus::Ringing,
                _ => CallStatus::Ended(Outcome::Voicemail),
            },
            to: format!("+141555501{n:02}").parse().unwrap(),
            duration_s: u32::try_from(n * 10 % 40).unwrap(),
            ..call(&ada, &platform.ctx, first + Duration::hours(n))
        };
        platform.put_call(&one).await;
    }
    Calls {
        ada,
        campaign,
        other,
        agent,
    }
}

/// The last digits of the numbers of a list's calls.
async fn found(calls: &Calls, path: &str) -> Vec<u32> {
    let list = calls.ada.get(path).await;
    assert_eq!(list.status, 200, "{path}: {list:?}");
    let numbers = list.column("phone_number");
    assert_eq!(list.body["total"], json!(numbers.len()), "{path}");
    assert!(list.body.get("total_relation").is_none(), "{path} is exact");
    numbers
        .into_iter()
        .map(|number| number[10..].parse().unwrap())
        .collect()
}

#[tokio::test]
async fn every_filter_alone_and_together() {
    let platform = platform().await;
    let calls = eight(&platform).await;
    let Calls {
        campaign,
        other,
        agent,
        ..
    } = &calls;
    for (query, want) in [
        (String::new(), vec![7, 6, 5, 4, 3, 2, 1, 0]),
        (format!("campaign_id={campaign}"), vec![6, 3, 0]),
        (format!("campaign_id={}", other.to_uppercase()), vec![7, 4, 1]),
        (format!("agent_id={agent}"), vec![6, 4, 2, 0]),
        (format!("campaign_id={NO_ID}"), vec![]),
        ("status=completed".to_owned(), vec![7, 4, 3, 0]),
        ("status=no-answer".to_owned(), vec![5, 1]),
        ("status=ringing".to_owned(), vec![6, 2]),
        ("status=busy".to_owned(), vec![]),
        ("phone_number=%2B14155550103".to_owned(), vec![3]),
        ("phone_number=+14155550103".to_owned(), vec![3]),
        ("phone_number=%2B1%20(415)%20555-0103".to_owned(), vec![3]),
        ("start_date=2024-01-29".to_owned(), vec![7, 6, 5, 4]),
        ("end_date=2024-01-28".to_owned(), vec![3, 2, 1, 0]),
        (
            "date_from=2024-01-28&date_to=2024-01-28".to_owned(),
            vec![3, 2, 1, 0],
        ),
        (
            "start_date=2024-01-28T22:00:00Z&end_date=2024-01-29T01:00:00Z".to_owned(),
            vec![5, 4, 3, 2],
        ),
        (
            "start_date=2024-01-28T23:00:00%2B01:00".to_owned(),
            vec![7, 6, 5, 4, 3, 2],
        ),
        (
            "start_date=2024-01-29&timezone=Asia/Kolkata".to_owned(),
            vec![7, 6, 5, 4, 3, 2, 1, 0],
        ),
        (
            "start_date=2024-01-29&timezone=America/New_York".to_owned(),
            vec![],
        ),
        (format!("campaign_id={campaign}&agent_id={agent}"), vec![6, 0]),
        (format!("campaign_id={campaign}&status=completed"), vec![3, 0]),
        (
            format!("agent_id={agent}&status=completed&end_date=2024-01-28"),
            vec![0],
        ),
        (
            format!("campaign_id={campaign}&agent_id={agent}&status=ringing&start_date=2024-01-29"),
            vec![6],
        ),
        (format!("phone_number=%2B14155550103&campaign_id={other}"), vec![]),
        (
            format!("phone_number=%2B14155550103&campaign_id={campaign}&status=completed&date_to=2024-01-28"),
            vec![3],
        ),
        ("sort=created_at".to_owned(), vec![0, 1, 2, 3, 4, 5, 6, 7]),
        ("sort=-created_at".to_owned(), vec![7, 6, 5, 4, 3, 2, 1, 0]),
        ("order=asc".to_owned(), vec![0, 1, 2, 3, 4, 5, 6, 7]),
        (
            "sort=duration_seconds,created_at".to_owned(),
            vec![0, 4, 1, 5, 2, 6, 3, 7],
        ),
        (
            "sort=-duration_seconds,-created_at".to_owned(),
            vec![7, 3, 6, 2, 5, 1, 4, 0],
        ),
        (
            "sort=status,phone_number".to_owned(),
            vec![0, 3, 4, 7, 1, 5, 2, 6],
        ),
        ("sort=-phone_number&status=completed".to_owned(), vec![7, 4, 3, 0]),
        (
            "sort=cost,sentiment,phone_number".to_owned(),
            vec![0, 1, 2, 3, 4, 5, 6, 7],
        ),
    ] {
        assert_eq!(
            found(&calls, &format!("/call-logs?{query}")).await,
            want,
            "{query}"
        );
    }
}

#[tokio::test]
async fn lists_of_a_campaign_and_of_an_agent_take_the_other_filters() {
    let platform = platform().await;
    let calls = eight(&platform).await;
    let Calls {
        campaign,
        other,
        agent,
        ..
    } = &calls;
    for (path, want) in [
        (format!("/call-logs/campaign/{campaign}"), vec![6, 3, 0]),
        (
            format!("/call-logs/campaign/{campaign}?status=completed"),
            vec![3, 0],
        ),
        (
            format!("/call-logs/campaign/{campaign}?agent_id={agent}&sort=created_at"),
            vec![0, 6],
        ),
        (
            format!("/call-logs/campaign/{campaign}?campaign_id={other}"),
            vec![6, 3, 0],
        ),
        (
            format!("/call-logs/campaign/{campaign}?date_from=2024-01-29"),
            vec![6],
        ),
        (format!("/call-logs/agent/{agent}"), vec![6, 4, 2, 0]),
        (format!("/call-logs/agent/{agent}?campaign_id={other}"), vec![4]),
        (
            format!("/call-logs/agent/{agent}?status=ringing&sort=-duration_seconds,created_at"),
            vec![2, 6],
        ),
    ] {
        assert_eq!(found(&calls, &path).await, want, "{path}");
    }
    for (path, code) in [
        (format!("/call-logs/campaign/{NO_ID}"), "CAMPAIGN_001"),
        ("/call-logs/campaign/42".to_owned(), "CAMPAIGN_001"),
        (format!("/call-logs/agent/{NO_ID}"), "AGENT_001"),
        ("/call-logs/agent/%00".to_owned(), "AGENT_001"),
    ] {
        let refused = calls.ada.get(&path).await;
        assert_eq!((refused.status, refused.code()), (404, code), "{path}");
    }
}

#[tokio::test]
async fn a_date_is_that_day_in_the_callers_zone() {
    let platform = platform().await;
    let calls = eight(&platform).await;
    for (path, want) in [
        ("/call-logs/date/2024-01-28", vec![3, 2, 1, 0]),
        ("/call-logs/date/2024-01-29", vec![7, 6, 5, 4]),
        ("/call-logs/date/2024-01-30", vec![]),
        (
            "/call-logs/date/2024-01-29?timezone=Asia/Kolkata",
            vec![7, 6, 5, 4, 3, 2, 1, 0],
        ),
        (
            "/call-logs/date/2024-01-28?timezone=America/New_York",
            vec![7, 6, 5, 4, 3, 2, 1, 0],
        ),
        (
            "/call-logs/date/2024-01-29?timezone=Europe/Berlin",
            vec![7, 6, 5, 4, 3],
        ),
        ("/call-logs/date/2024-01-29?status=completed", vec![7, 4]),
        (
            "/call-logs/date/2024-01-29?start_date=2024-01-29T02:00:00Z",
            vec![7, 6],
        ),
        ("/call-logs/date/2024-01-29?end_date=2024-01-28", vec![]),
    ] {
        assert_eq!(found(&calls, path).await, want, "{path}");
    }
    for date in [
        "today",
        "2024-02-30",
        "2024-01-29T10:00:00Z",
        "%2B262142-12-31",
        "0000-00-00",
        "-1-01-01",
        "%00",
    ] {
        let wrong = calls.ada.get(&format!("/call-logs/date/{date}")).await;
        assert_eq!(
            (wrong.status, wrong.code()),
            (422, "REQUEST_002"),
            "{date}: {wrong:?}"
        );
        assert!(
            wrong.details().starts_with("date: "),
            "{date}: {}",
            wrong.details()
        );
    }
    let zone = calls
        .ada
        .get("/call-logs/date/2024-01-29?timezone=Mars/Olympus")
        .await;
    assert!(zone.details().contains("timezone: "), "{}", zone.details());
}
