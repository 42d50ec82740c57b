//! Small exports: the file itself.

use trunkline_domain::{Call, Outcome, call::Analysis};

use crate::{agent, analysed, at, call, campaign, platform};

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(file.as_bytes());
    reader.records().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_file_has_a_row_per_call_oldest_first() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    let joe = Call {
        voice_agent: Some(agent("joe")),
        campaign: Some(campaign("spring")),
        ..call(&platform, &client, "2026-01-04T09:00:00Z", Outcome::Answered)
    };
    let joe = analysed(
        &platform,
        &joe,
        "positive",
        &["satisfied", "relieved"],
        &["billing issue"],
    )
    .await;
    let early = call(&platform, &client, "2026-01-03T09:00:00Z", Outcome::Busy);
    platform.put_call(&early).await;
    let answer = client.get("/analytics/export").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/csv; charset=utf-8")
    );
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"calls.csv\""
    );
    let rows = rows(answer.text());
    let ids: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(ids, ["id", &early.id.to_string(), &joe.id.to_string()]);
    let named = |row: usize, column: &str| {
        let at = rows[0].iter().position(|name| name == column).unwrap();
        rows[row][at].to_owned()
    };
    assert_eq!(
        (named(1, "status"), named(1, "cost"), named(1, "sentiment")),
        ("busy".into(), "0.000000".into(), String::new())
    );
    for (column, value) in [
        ("created_at", "2026-01-04T09:00:00Z"),
        ("direction", "outbound"),
        ("phone_number", "'+14155550100"),
        ("status", "completed"),
        ("duration_seconds", "90"),
        ("agent_id", &agent("joe").to_string()),
        ("campaign_id", &campaign("spring").to_string()),
        ("sentiment", "positive"),
        ("emotions", "satisfied; relieved"),
        ("key_phrases", "billing issue"),
        ("cost", "0.450000"),
    ] {
        assert_eq!(named(2, column), value, "{column}");
    }
}

#[tokio::test]
async fn filters_choose_the_rows() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    for (made, who) in [
        ("2026-01-03T09:00:00Z", "joe"),
        ("2026-01-04T23:59:59Z", "joe"),
        ("2026-01-04T10:00:00Z", "sue"),
    ] {
        let call = Call {
            voice_agent: Some(agent(who)),
            ..call(&platform, &client, made, Outcome::Answered)
        };
        platform.put_call(&call).await;
    }
    for (query, expected) in [
        ("", 3),
        (&*format!("agent_id={}", agent("joe")), 2),
        ("start_date=2026-01-04&end_date=2026-01-04", 2),
        ("start_date=2026-01-04T10:00:01Z", 1),
        (
            &*format!("agent_id={}&campaign_id={}", agent("joe"), campaign("spring")),
            0,
        ),
        ("end_date=2020-01-01", 0),
    ] {
        let answer = client.get(&format!("/analytics/export?{query}")).await;
        assert_eq!(rows(answer.text()).len() - 1, expected, "{query}");
    }
}

#[tokio::test]
async fn what_callers_say_is_no_formula_and_breaks_no_row() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    let hostile = "=HYPERLINK(\"http://evil.example\",\"a\")\r\n,x";
    let one = Call {
        notes: Some(hostile.to_owned()),
        analysis: Some(Analysis {
            summary: "@SUM(A1)".to_owned(),
            sentiment_score: -0.5,
            ..Analysis::default()
        }),
        ..call(&platform, &client, "2026-01-04T09:00:00Z", Outcome::Answered)
    };
    platform.put_call(&one).await;
    let file = client.get("/analytics/export").await;
    let rows = rows(file.text());
    assert_eq!(rows.len(), 2);
    assert_eq!(&rows[1][17], &format!("'{hostile}"));
    assert_eq!((&rows[1][15], &rows[1][12]), ("'@SUM(A1)", "'-0.50"));
    assert!(
        rows[1]
            .iter()
            .all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r']))
    );
}

#[tokio::test]
async fn many_pages_are_one_file_without_gaps() {
    let platform = platform().await;
    let client = platform.manager("ann").await;
    let mut ids = Vec::new();
    for second in 0..1_203 {
        let made = at("2026-01-04T09:00:00Z") + chrono::Duration::milliseconds(second / 3);
        let call = trunkline_testing::call(&client, &platform.ctx, made);
        ids.push((call.created_at, call.id.to_string()));
        platform.put_call(&call).await;
    }
    ids.sort();
    let file = client.get("/analytics/export").await;
    let found: Vec<String> = rows(file.text())
        .iter()
        .skip(1)
        .map(|row| row[0].to_owned())
        .collect();
    assert_eq!(found, ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
}
