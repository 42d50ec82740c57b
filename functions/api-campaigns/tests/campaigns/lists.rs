//! The list: filters alone and together, every sort, pages.

use proptest::prelude::*;
use serde_json::json;
use trunkline_testing::{Client, Platform};

use crate::{made, moved, platform};

/// Four campaigns of two agents; answers the first agent.
async fn four(platform: &Platform, ada: &Client) -> String {
    let sales = ada.post("/agents", json!({ "name": "Sales" })).await.id();
    let other = ada.post("/agents", json!({ "name": "Other" })).await.id();
    for (name, agent, start, max, launch) in [
        ("Delta", &sales, "2026-04-01", 10, true),
        ("alpha", &sales, "2026-03-01", 30, false),
        ("Charlie", &other, "2026-02-01", 20, true),
        ("bravo", &other, "2026-01-01", 10, true),
    ] {
        let body = json!({
            "name": name, "agent_id": agent, "start_time": start, "end_time": "2026-12-31", "max_concurrent_calls": max,
            "description": format!("about {name}"), "phone_numbers": ["+1234567890"]
        });
        let id = made(ada, body).await;
        if launch {
            assert_eq!(moved(ada, &id, "launch").await.status, 200);
        }
        platform.world.clock.turn(chrono::Duration::seconds(1));
    }
    sales
}

#[tokio::test]
async fn every_filter_and_sort_alone_and_together() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let sales = four(&platform, &ada).await;
    let by_agent = format!("agent_id={sales}");
    let both = format!("agent_id={sales}&status=draft&search=ALPHA");
    let upper = format!("agent_id={}&sort=name", sales.to_uppercase());
    for (query, names) in [
        ("", &["bravo", "Charlie", "alpha", "Delta"][..]),
        ("sort=created_at", &["Delta", "alpha", "Charlie", "bravo"]),
        ("sort=-created_at", &["bravo", "Charlie", "alpha", "Delta"]),
        ("sort=name", &["alpha", "bravo", "Charlie", "Delta"]),
        ("sort=-name", &["Delta", "Charlie", "bravo", "alpha"]),
        ("sort=start_time", &["bravo", "Charlie", "alpha", "Delta"]),
        ("sort=status,name", &["alpha", "Charlie", "Delta", "bravo"]),
        (
            "sort=-max_concurrent_calls,name",
            &["alpha", "Charlie", "bravo", "Delta"],
        ),
        ("sort=end_time,-name", &["Delta", "Charlie", "bravo", "alpha"]),
        (
            "sort=updated_at&order=asc",
            &["Delta", "alpha", "Charlie", "bravo"],
        ),
        ("status=scheduled&sort=name", &["Charlie", "Delta"]),
        ("status=active", &["bravo"]),
        ("status=completed", &[]),
        ("search=about%20c", &["Charlie"]),
        (&by_agent, &["alpha", "Delta"]),
        (&upper, &["alpha", "Delta"]),
        (&both, &["alpha"]),
        (&format!("agent_id={}", trunkline_testing::NO_ID), &[]),
    ] {
        let list = ada.get(&format!("/campaigns?{query}")).await;
        assert_eq!(list.status, 200, "{query}: {list:?}");
        assert_eq!(list.column("name"), names, "{query}");
        assert_eq!(list.body["total"], json!(names.len()), "{query}");
    }
}

#[tokio::test]
async fn what_is_out_of_range_or_unknown_is_told_the_range_or_the_words() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for (query, status, says) in [
        ("limit=0", 422, "1 to 100"),
        ("limit=101", 422, "1 to 100"),
        ("skip=-1", 422, "0 to 10000"),
        ("skip=10000&limit=1", 422, "next_cursor"),
        ("skip=x", 400, "skip"),
        ("cursor=%FF", 422, "cursor"),
        (
            "status=running",
            422,
            "draft, scheduled, active, paused, completed, cancelled",
        ),
        ("sort=phone_numbers", 422, "created_at"),
        ("order=down", 422, "asc, desc"),
        ("agent_id=42", 422, "agent_id"),
    ] {
        let wrong = ada.get(&format!("/campaigns?{query}")).await;
        assert_eq!(wrong.status, status, "{query}: {wrong:?}");
        assert!(wrong.text().contains(says), "{query}: {}", wrong.text());
    }
}

/// Reads a list page by page, by `skip` and by `next_cursor`; both must be the same.
async fn pages(ada: &Client, query: &str, limit: usize) -> Vec<String> {
    let (mut by_skip, mut by_cursor, mut cursor): (Vec<String>, Vec<String>, _) =
        (vec![], vec![], String::new());
    loop {
        let page = ada
            .get(&format!("/campaigns?{query}&limit={limit}{cursor}"))
            .await;
        by_cursor.extend(page.column("id").into_iter().map(str::to_owned));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    loop {
        let page = ada
            .get(&format!(
                "/campaigns?{query}&limit={limit}&skip={}",
                by_skip.len()
            ))
            .await;
        let rows = page.column("id");
        if rows.is_empty() {
            break;
        }
        by_skip.extend(rows.into_iter().map(str::to_owned));
    }
    assert_eq!(by_skip, by_cursor, "{query} by {limit}");
    by_skip
}

#[test]
fn any_sort_filter_and_page_size_show_each_campaign_once_in_order() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (platform, ada, all) = runtime.block_on(async {
        let platform = platform().await;
        let ada = platform.manager("ada").await;
        let mut all = Vec::new();
        for n in 0..30_u32 {
            // Few values, so that most rows tie with others.
            let body = json!({
                "name": format!("n{}", n % 3), "max_concurrent_calls": 1 + n % 2,
                "start_time": format!("2026-0{}-01", 1 + n % 4)
            });
            all.push(ada.post("/campaigns", body).await.body["data"].clone());
            if n % 5 == 0 {
                platform.world.clock.turn(chrono::Duration::seconds(1));
            }
        }
        (platform, ada, all)
    });
    let fields = ["name", "max_concurrent_calls", "start_time", "created_at"];
    let sort =
        prop::sample::subsequence((0..fields.len()).collect::<Vec<_>>(), 0..=fields.len()).prop_shuffle();
    let signs = prop::collection::vec(any::<bool>(), fields.len());
    let cases = (sort, signs, 1..40_usize, prop::option::of(0..3_u32));
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(40)
    };
    let held = proptest::test_runner::TestRunner::new(config).run(&cases, |(sort, signs, limit, search)| {
        let keys: Vec<(&str, bool)> = sort.iter().map(|at| (fields[*at], signs[*at])).collect();
        let words: Vec<String> = keys
            .iter()
            .map(|(name, down)| format!("{}{name}", if *down { "-" } else { "" }))
            .collect();
        let mut query = format!("sort={}", words.join(","));
        if let Some(n) = search {
            query.push_str(&format!("&search=n{n}"));
        }
        let seen = runtime.block_on(pages(&ada, &query, limit));
        let mut want: Vec<&serde_json::Value> = all
            .iter()
            .filter(|row| search.is_none_or(|n| row["name"] == format!("n{n}")))
            .collect();
        let order = |a: &serde_json::Value, b: &serde_json::Value, field: &str| match field {
            "max_concurrent_calls" => a[field].as_u64().cmp(&b[field].as_u64()),
            _ => a[field].as_str().cmp(&b[field].as_str()),
        };
        want.sort_by(|a, b| {
            let asked = keys.iter().map(|(field, down)| {
                let up = order(a, b, field);
                if *down { up.reverse() } else { up }
            });
            asked
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
                .then(order(b, a, "created_at"))
                .then(order(a, b, "id"))
        });
        let want: Vec<&str> = want.iter().map(|row| row["id"].as_str().unwrap()).collect();
        prop_assert_eq!(seen, want, "{}", query);
        Ok(())
    });
    held.unwrap();
    drop(platform);
}
