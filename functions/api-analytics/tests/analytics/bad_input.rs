//! What makes no sense is refused with a sentence that says what would.

use crate::platform;

#[tokio::test]
async fn a_wrong_parameter_is_named_with_what_would_be_right() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    for (query, status, says) in [
        ("days=0", 422, "days: must be from 1 to 366"),
        ("days=367", 422, "days: must be from 1 to 366"),
        ("days=soon", 400, "`days`"),
        ("days=-1", 400, "`days`"),
        ("agent_id=42", 422, "agent_id"),
        ("campaign_id=%00", 422, "campaign_id"),
        ("start_date=yesterday", 422, "start_date"),
        ("end_date=2026-02-30", 422, "end_date"),
        ("timezone=Mars/Olympus", 422, "IANA"),
        ("start_date=2026-01-05&end_date=2026-01-01", 422, "after the end"),
        ("date_from=2020-01-01", 422, "at most 366 days at once"),
    ] {
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
            let answer = client.get(&format!("/analytics/{path}?{query}")).await;
            assert_eq!(answer.status, status, "{path}?{query}: {answer:?}");
            let error = answer.body["error"].to_string();
            assert!(error.contains(says), "{path}?{query}: {error}");
        }
    }
}

#[tokio::test]
async fn limits_out_of_range_say_the_range() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    for (path, says) in [
        ("top-phrases?limit=0", "must be from 1 to 100"),
        ("top-phrases?limit=101", "must be from 1 to 100"),
        ("agent-performance?limit=0", "limit"),
        ("agent-performance?limit=101", "limit"),
        ("campaign-stats?skip=10001", "skip"),
        ("campaign-stats?cursor=nonsense", "cursor"),
    ] {
        let answer = client.get(&format!("/analytics/{path}")).await;
        assert_eq!(answer.status, 422, "{path}: {answer:?}");
        assert!(
            answer.body["error"].to_string().contains(says),
            "{path}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn unknown_parameters_and_empty_ones_are_not_given() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    let answer = client
        .get("/analytics/calls?days=&agent_id=&colour=red&start_date=")
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = client.post("/analytics/calls", serde_json::json!({})).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"));
}
