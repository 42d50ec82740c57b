//! The bodies of the document.

use serde_json::{Value, json};
use trunkline_domain::{Call, Outcome, Role};
use trunkline_testing::{Client, Platform};

use crate::{agent, analysed, call, campaign, platform};

/// Four answered calls, of which three are analysed, and one that failed: all this week.
async fn week(platform: &Platform, client: &Client) {
    let of = |made: &str, outcome| Call {
        voice_agent: Some(agent("joe")),
        campaign: Some(campaign("spring")),
        ..call(platform, client, made, outcome)
    };
    for (made, mood, emotions, phrases) in [
        (
            "2026-01-05T09:00:00Z",
            "positive",
            &["satisfied"][..],
            &["billing issue", "refund"][..],
        ),
        (
            "2026-01-04T09:20:00Z",
            "positive",
            &["satisfied", "relieved"],
            &["billing issue"],
        ),
        (
            "2026-01-03T23:59:59Z",
            "negative",
            &["angry"],
            &["account access"],
        ),
    ] {
        analysed(platform, &of(made, Outcome::Answered), mood, emotions, phrases).await;
    }
    platform
        .put_call(&of("2026-01-02T10:00:00Z", Outcome::Voicemail))
        .await;
    platform
        .put_call(&of("2026-01-02T10:30:00Z", Outcome::NoAnswer))
        .await;
}

async fn asked(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    assert_eq!(answer.body["success"], true, "{path}");
    answer.body["data"].clone()
}

#[tokio::test]
async fn calls_are_counted_with_their_rates_and_costs() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    week(&platform, &client).await;
    let expected = json!({
        "total_calls": 5, "completed_calls": 4, "failed_calls": 1, "average_duration": 90,
        "success_rate": 80.0, "cost_per_call": 0.27, "total_cost": 1.35,
    });
    assert_eq!(asked(&client, "/analytics/calls").await, expected);
    let top = client.get("/analytics/calls").await.body;
    assert_eq!(top["total_calls"], 5, "the fields stand at the top too");
    for filter in [
        format!("agent_id={}", agent("joe")),
        format!("campaign_id={}", campaign("spring")),
        "days=30".to_owned(),
    ] {
        assert_eq!(
            asked(&client, &format!("/analytics/calls?{filter}")).await,
            expected,
            "{filter}"
        );
    }
    let both = format!(
        "/analytics/calls?agent_id={}&campaign_id={}",
        agent("joe"),
        campaign("spring")
    );
    assert_eq!(asked(&client, &both).await, expected, "counted call by call");
    let other = format!("/analytics/calls?agent_id={}", agent("sue"));
    assert_eq!(asked(&client, &other).await["total_calls"], 0);
}

#[tokio::test]
async fn sentiments_and_emotions_are_shares_of_what_was_shown() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    week(&platform, &client).await;
    assert_eq!(
        asked(
            &client,
            &format!("/analytics/sentiment?agent_id={}&days=7", agent("joe"))
        )
        .await,
        json!({
            "positive": 2, "neutral": 0, "negative": 1,
            "positive_percentage": 66.7, "neutral_percentage": 0.0, "negative_percentage": 33.3,
        })
    );
    assert_eq!(
        asked(&client, "/analytics/emotions").await,
        json!({ "items": [
            { "emotion": "satisfied", "count": 2, "percentage": 50.0 },
            { "emotion": "relieved", "count": 1, "percentage": 25.0 },
            { "emotion": "angry", "count": 1, "percentage": 25.0 },
        ]})
    );
}

#[tokio::test]
async fn top_phrases_are_the_documented_array_and_say_that_they_are_approximate() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    week(&platform, &client).await;
    let expected = json!([
        { "phrase": "billing issue", "count": 2, "frequency": 66.7 },
        { "phrase": "account access", "count": 1, "frequency": 33.3 },
    ]);
    let both = format!("&agent_id={}&campaign_id={}", agent("joe"), campaign("spring"));
    for filter in ["", &format!("&agent_id={}", agent("joe")), &both] {
        let answer = client
            .get(&format!("/analytics/top-phrases?limit=2{filter}"))
            .await;
        assert_eq!((answer.status, &answer.body), (200, &expected), "{filter}");
        assert!(answer.header("x-approximate").contains("200 phrases"));
    }
    let later = client.get("/analytics/top-phrases?start_date=2026-01-05").await;
    assert_eq!(later.body.as_array().unwrap().len(), 2, "{later:?}");
}

#[tokio::test]
async fn an_analysis_that_changes_and_a_call_that_goes_take_their_phrases_along() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    let one = call(&platform, &client, "2026-01-05T09:00:00Z", Outcome::Answered);
    let one = analysed(&platform, &one, "neutral", &[], &["lost parcel"]).await;
    let phrases = async || client.get("/analytics/top-phrases").await.body;
    assert_eq!(phrases().await[0]["phrase"], "lost parcel");
    platform.ctx.store.delete_call(&one).await.unwrap();
    assert_eq!(phrases().await, json!([]));
    assert_eq!(asked(&client, "/analytics/calls").await["total_calls"], 0);
}

#[tokio::test]
async fn hours_are_those_of_the_day_and_days_those_of_the_period() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    week(&platform, &client).await;
    let hours = asked(&client, "/analytics/hourly-calls").await;
    let hours = hours["items"].as_array().unwrap();
    assert_eq!(hours.len(), 24);
    assert_eq!(
        hours[9],
        json!({
            "hour": 9, "total_calls": 2, "completed_calls": 2, "failed_calls": 0,
            "success_rate": 100.0, "average_duration": 90, "total_cost": 0.9,
        })
    );
    let days = asked(
        &client,
        "/analytics/daily-calls?start_date=2026-01-01&end_date=2026-01-05",
    )
    .await;
    let days = days["items"].as_array().unwrap();
    let totals: Vec<_> = days
        .iter()
        .map(|day| {
            (
                day["date"].as_str().unwrap(),
                day["total_calls"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        totals,
        [
            ("2026-01-01", 0),
            ("2026-01-02", 2),
            ("2026-01-03", 1),
            ("2026-01-04", 1),
            ("2026-01-05", 1)
        ]
    );
}

#[tokio::test]
async fn another_tenant_counts_nothing_and_who_is_nobody_is_refused() {
    let platform = platform().await;
    let (ann, bob) = (platform.manager("ann").await, platform.manager("bob").await);
    week(&platform, &ann).await;
    let human = platform.colleague(&ann, "kim", Role::Agent).await;
    for path in [
        "calls",
        "sentiment",
        "emotions",
        "top-phrases",
        "agent-performance",
        "campaign-stats",
        "hourly-calls",
        "daily-calls",
        "export",
    ] {
        let path = format!("/analytics/{path}");
        assert_eq!(
            platform.nobody(&ann).get(&path).await.code(),
            "AUTH_003",
            "{path}"
        );
        assert_eq!(human.get(&path).await.code(), "AUTH_004", "{path}");
    }
    let theirs = format!("/analytics/calls?agent_id={}", agent("joe"));
    assert_eq!(asked(&bob, &theirs).await["total_calls"], 0);
    assert_eq!(asked(&bob, "/analytics/calls").await["total_calls"], 0);
}
