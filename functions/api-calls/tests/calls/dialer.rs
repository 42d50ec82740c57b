//! The Dialer's calls, asked as a client of its document asks.

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_domain::{AnsweredBy, Call, CallStatus, Instant, LeadId, Outcome, Role, Usd};
use trunkline_testing::{Client, NO_ID, NOT_IDS, Platform, call};

use crate::{made, platform};

struct Calls {
    platform: Platform,
    ada: Client,
    campaign: String,
    /// A human agent, whose user is `john@example.com`.
    john: String,
}

/// Six calls, an hour apart from 15 January 2024, 10:30 on; each one's number says which it is.
async fn six() -> Calls {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let campaign = made(&ada, "/campaigns", "Q1 2024 Outreach").await;
    let human = json!({"name": "John Doe", "phone": "+14155553333", "email": "john@example.com"});
    let john = ada.post("/api/agents", human).await.body["agent"]["id"].clone();
    let john = john.as_str().unwrap().to_owned();
    let first: Instant = "2024-01-15T10:30:00Z".parse().unwrap();
    let ends = [
        (CallStatus::Ended(Outcome::Answered), Some(AnsweredBy::Human)),
        (
            CallStatus::Ended(Outcome::Voicemail),
            Some(AnsweredBy::MachineEndBeep),
        ),
        (CallStatus::Ended(Outcome::NoAnswer), None),
        (CallStatus::Ended(Outcome::Busy), None),
        (CallStatus::Ended(Outcome::Unknown), None),
        (CallStatus::Talking, Some(AnsweredBy::Human)),
    ];
    for (n, (status, answered_by)) in (0..).zip(ends) {
        let at = first + Duration::hours(n);
        let answered = answered_by.is_some();
        let ended = status.is_ended();
        let one = Call {
            status,
            answered_by,
            campaign: (n < 5).then(|| campaign.parse().unwrap()),
            operator: [0, 5].contains(&n).then(|| john.parse().unwrap()),
            to: format!("+1415555010{n}").parse().unwrap(),
            answered_at: answered.then(|| at + Duration::seconds(15)),
            ended_at: ended.then(|| at + Duration::seconds(330)),
            duration_s: if answered && ended { 315 } else { 0 },
            cost: Usd::from_micros(77_000),
            ..call(&ada, &platform.ctx, at)
        };
        platform.put_call(&one).await;
    }
    Calls {
        platform,
        ada,
        campaign,
        john,
    }
}

/// Which calls a list has, by the last digit of their numbers.
async fn found(by: &Client, query: &str) -> Vec<u32> {
    let list = by.get(&format!("/api/calls{query}")).await;
    assert_eq!(list.status, 200, "{query}: {}", list.body);
    let calls = list.body["calls"].as_array().unwrap();
    assert_eq!(
        (&list.body["count"], &list.body["total"]),
        (&json!(calls.len()), &json!(calls.len())),
        "{query}"
    );
    calls
        .iter()
        .map(|call| call["to_number"].as_str().unwrap()[11..].parse().unwrap())
        .collect()
}

#[tokio::test]
async fn every_filter_alone_and_together() {
    let Calls {
        ada, campaign, john, ..
    } = six().await;
    let campaign = format!("campaign_id={campaign}");
    let john = format!("agent_id={john}");
    for (query, numbers) in [
        (String::new(), vec![5, 4, 3, 2, 1, 0]),
        (format!("?{campaign}"), vec![4, 3, 2, 1, 0]),
        (format!("?{john}"), vec![5, 0]),
        (format!("?{john}&{campaign}"), vec![0]),
        ("?disposition=answered".to_owned(), vec![0]),
        ("?disposition=voicemail".to_owned(), vec![1]),
        ("?disposition=no-answer".to_owned(), vec![2]),
        ("?disposition=busy".to_owned(), vec![3]),
        ("?answered_by=human".to_owned(), vec![5, 0]),
        (
            format!("?answered_by=machine_end_beep&{campaign}&disposition=voicemail"),
            vec![1],
        ),
        ("?answered_by=human&disposition=voicemail".to_owned(), vec![]),
        (
            "?date_from=2024-01-15T12:00:00Z&date_to=2024-01-15T14:00:00Z".to_owned(),
            vec![3, 2],
        ),
        ("?date_from=2024-01-16".to_owned(), vec![]),
        (
            format!("?{john}&answered_by=human&disposition=answered&date_to=2024-01-15"),
            vec![0],
        ),
    ] {
        assert_eq!(found(&ada, &query).await, numbers, "{query}");
    }
    let page = ada.get("/api/calls?limit=2&offset=1").await;
    assert_eq!((&page.body["count"], &page.body["total"]), (&json!(2), &json!(6)));
}

#[tokio::test]
async fn a_call_is_shown_with_its_lead_and_the_names_of_campaign_and_agent() {
    let Calls {
        platform,
        ada,
        campaign,
        john,
    } = six().await;
    let numbers = json!({"phone_numbers": ["+14155550100"]});
    let changed = ada.put(&format!("/campaigns/{campaign}"), numbers).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let list = ada.get("/api/calls?disposition=answered").await;
    let shown = &list.body["calls"][0];
    assert_eq!(
        (&shown["campaign_name"], &shown["agent_name"], &shown["agent_id"]),
        (&json!("Q1 2024 Outreach"), &json!("John Doe"), &json!(john))
    );
    assert_eq!(
        (&shown["duration"], &shown["talk_time"], &shown["cost"]),
        (&json!(330), &json!(315), &json!(0.077))
    );
    assert_eq!(
        (&shown["start_time"], &shown["answer_time"], &shown["end_time"]),
        (
            &json!("2024-01-15T10:30:00Z"),
            &json!("2024-01-15T10:30:15Z"),
            &json!("2024-01-15T10:35:30Z")
        )
    );
    assert_eq!(
        (&shown["first_name"], &shown["phone"], &shown["lead_id"]),
        (&Value::Null, &json!("+14155550100"), &Value::Null),
        "a call without a lead has none of its fields"
    );
    let one = ada
        .get(&format!("/api/calls/{}", shown["id"].as_str().unwrap()))
        .await;
    assert_eq!((&one.body["success"], &one.body["call"]), (&json!(true), shown));
    // The same number in another campaign's call is another lead's.
    let number = "+14155550100".parse().unwrap();
    let lead = platform
        .ctx
        .store
        .lead_by_number(ada.who.tenant, campaign.parse().unwrap(), &number)
        .await
        .unwrap()
        .unwrap();
    for (lead_id, name) in [
        (lead.id, json!(lead.id.0)),
        (LeadId(NO_ID.parse().unwrap()), json!(NO_ID)),
    ] {
        let again = Call {
            campaign: Some(campaign.parse().unwrap()),
            lead: Some(lead_id),
            ..call(&ada, &platform.ctx, platform.ctx.now())
        };
        platform.put_call(&again).await;
        let shown = ada.get(&format!("/api/calls/{}", again.id)).await;
        assert_eq!(shown.body["call"]["lead_id"], name);
    }
}

#[tokio::test]
async fn the_summary_and_the_breakdown_agree_with_the_calls() {
    let Calls { ada, campaign, .. } = six().await;
    let expected = json!({
        "total_calls": 5, "answered_calls": 1, "voicemail_calls": 1, "no_answer_calls": 1, "busy_calls": 1,
        "failed_calls": 1, "human_answered": 1, "machine_answered": 1, "avg_duration": 330.0, "avg_talk_time": 315.0,
        "total_cost": 0.385, "abandoned_calls": 0, "abandonment_rate": 0.0
    });
    for query in [
        String::new(),
        format!("?campaign_id={campaign}"),
        format!("?campaign_id={campaign}&date_from=2024-01-01&date_to=2024-01-31"),
        "?date_from=2024-01-15T10:29:00Z".to_owned(),
    ] {
        let found = ada.get(&format!("/api/calls/stats/summary{query}")).await;
        assert_eq!(found.body["stats"], expected, "{query}");
    }
    let part = ada
        .get("/api/calls/stats/summary?date_from=2024-01-15T11:31:00Z&date_to=2024-01-15T13:00:00Z")
        .await;
    assert_eq!(
        (
            &part.body["stats"]["total_calls"],
            &part.body["stats"]["no_answer_calls"]
        ),
        (&json!(1), &json!(1)),
        "a period that begins inside a quarter of an hour is exact too"
    );
    let breakdown = ada
        .get(&format!("/api/calls/stats/by-disposition?campaign_id={campaign}"))
        .await;
    let words: Vec<&str> = breakdown.body["dispositions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert_eq!(one["count"], 1);
            one["disposition"].as_str().unwrap()
        })
        .collect();
    assert_eq!(words, ["answered", "voicemail", "no_answer", "busy", "unknown"]);
}

#[tokio::test]
async fn who_was_answered_and_left_alone_counts_as_abandoned() {
    let Calls { platform, ada, .. } = six().await;
    let alone = Call {
        status: CallStatus::Ended(Outcome::Answered),
        abandoned: true,
        ..call(&ada, &platform.ctx, "2024-01-15T12:00:00Z".parse().unwrap())
    };
    platform.put_call(&alone).await;
    for query in ["", "?date_from=2024-01-01"] {
        let found = ada.get(&format!("/api/calls/stats/summary{query}")).await;
        let stats = &found.body["stats"];
        assert_eq!(
            [
                &stats["human_answered"],
                &stats["abandoned_calls"],
                &stats["abandonment_rate"]
            ],
            [&json!(2), &json!(1), &json!(50.0)],
            "{query}: {stats}"
        );
    }
}

#[tokio::test]
async fn a_human_agent_sees_the_calls_it_talked_in() {
    let Calls {
        platform, ada, john, ..
    } = six().await;
    let user = platform.colleague(&ada, "john", Role::Agent).await;
    assert_eq!(found(&user, "").await, [5, 0]);
    assert_eq!(found(&user, &format!("?agent_id={john}")).await, [5, 0]);
    assert_eq!(found(&user, &format!("?agent_id={NO_ID}")).await, [0; 0]);
    let all = ada.get("/api/calls").await;
    for (at, status) in [(0, 200), (1, 404)] {
        let id = all.body["calls"][at]["id"].as_str().unwrap();
        assert_eq!(user.get(&format!("/api/calls/{id}")).await.status, status);
    }
    assert_eq!(user.get("/api/calls/stats/summary").await.status, 403);
    let stranger = platform.colleague(&ada, "jane", Role::Agent).await;
    assert_eq!(found(&stranger, "").await, [0; 0]);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let Calls { platform, ada, .. } = six().await;
    for (query, named) in [
        ("?disposition=maybe", "disposition"),
        ("?answered_by=robot", "answered_by"),
        ("?campaign_id=42", "campaign_id"),
        ("?limit=101", "limit"),
        ("?offset=10001", "offset"),
        ("?date_from=someday", "date_from"),
        ("?date_from=2024-02-01&date_to=2024-01-01", "date"),
    ] {
        let refused = ada.get(&format!("/api/calls{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(
            refused.body["error"].as_str().unwrap().contains(named),
            "{}",
            refused.body
        );
    }
    let missing = format!("/api/calls/stats/summary?campaign_id={NO_ID}");
    assert_eq!(ada.get(&missing).await.status, 404);
    for id in NOT_IDS {
        assert_eq!(ada.get(&format!("/api/calls/{id}")).await.status, 404, "{id}");
    }
    let bob = platform.manager("bob").await;
    let id = ada.get("/api/calls").await.body["calls"][0]["id"].clone();
    let theirs = bob.get(&format!("/api/calls/{}", id.as_str().unwrap())).await;
    assert_eq!(theirs.status, 404);
    assert_eq!(bob.get("/api/calls").await.body["total"], 0);
}
