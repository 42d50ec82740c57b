//! Pages of any filter, order and size show each call once, in order, also where many share an instant.

use chrono::Duration;
use proptest::prelude::*;
use serde_json::Value;
use trunkline_domain::{Call, CallStatus, Outcome};
use trunkline_testing::{Client, call};

use crate::platform;

/// Reads a list by `skip` and by `next_cursor`; both must be the same.
async fn pages(ada: &Client, query: &str, limit: usize, total: usize) -> Vec<String> {
    let (mut by_cursor, mut cursor) = (Vec::<String>::new(), String::new());
    loop {
        let page = ada
            .get(&format!("/call-logs?{query}&limit={limit}{cursor}"))
            .await;
        assert_eq!(page.body["total"], serde_json::json!(total), "{query}");
        by_cursor.extend(page.column("id").into_iter().map(str::to_owned));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let mut by_skip = Vec::<String>::new();
    loop {
        let page = ada
            .get(&format!(
                "/call-logs?{query}&limit={limit}&skip={}",
                by_skip.len()
            ))
            .await;
        if page.column("id").is_empty() {
            break;
        }
        by_skip.extend(page.column("id").into_iter().map(str::to_owned));
    }
    assert_eq!(by_skip, by_cursor, "{query} by {limit}");
    by_skip
}

fn value<'a>(row: &'a Value, field: &str) -> (Option<u64>, Option<&'a str>) {
    (row[field].as_u64(), row[field].as_str())
}

#[test]
fn any_filter_order_and_page_size_show_each_call_once_in_order() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (platform, ada, all) = runtime.block_on(async {
        let platform = platform().await;
        let ada = platform.manager("ada").await;
        let begin = platform.ctx.now();
        for n in 0..60_i64 {
            let one = Call {
                status: CallStatus::Ended(if n % 3 == 0 {
                    Outcome::Busy
                } else {
                    Outcome::Answered
                }),
                to: format!("+1415555010{}", n % 4).parse().unwrap(),
                duration_s: u32::try_from(n % 5 * 10).unwrap(),
                // Six in the same instant.
                ..call(&ada, &platform.ctx, begin + Duration::seconds(n / 6))
            };
            platform.put_call(&one).await;
        }
        let all = ada.get("/call-logs?limit=100").await.body["items"]
            .as_array()
            .unwrap()
            .clone();
        (platform, ada, all)
    });
    let sorts = [
        "",
        "created_at",
        "-created_at",
        "duration_seconds",
        "-duration_seconds,phone_number",
        "status,-duration_seconds",
        "-phone_number,created_at",
        "phone_number,-created_at",
    ];
    let cases = (
        prop::sample::select(sorts.to_vec()),
        1..70_usize,
        prop::option::of(prop::sample::select(vec!["busy", "completed", "failed"])),
        prop::option::of(0..5_u32),
    );
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(48)
    };
    let held = proptest::test_runner::TestRunner::new(config).run(&cases, |(sort, limit, status, phone)| {
        let mut query = format!("sort={sort}");
        query.extend(status.map(|status| format!("&status={status}")));
        query.extend(phone.map(|n| format!("&phone_number=%2B1415555010{n}")));
        let fits = |row: &&Value| {
            status.is_none_or(|status| row["status"] == status)
                && phone.is_none_or(|n| row["phone_number"] == format!("+1415555010{n}"))
        };
        let mut want: Vec<&Value> = all.iter().filter(fits).collect();
        let seen = runtime.block_on(pages(&ada, &query, limit, want.len()));
        // Each once.
        let mut ids: Vec<&str> = want.iter().map(|row| row["id"].as_str().unwrap()).collect();
        let mut once: Vec<&str> = seen.iter().map(String::as_str).collect();
        ids.sort_unstable();
        once.sort_unstable();
        prop_assert_eq!(once, ids, "{}", query);
        // In order by the fields asked for; newest first where they tie.
        let row = |id: &String| all.iter().find(|row| row["id"] == *id).unwrap();
        let keys: Vec<&str> = if sort.is_empty() {
            vec!["-created_at"]
        } else {
            sort.split(',').collect()
        };
        want.sort_by_key(|row| row["id"].as_str());
        for pair in seen.windows(2) {
            let (a, b) = (row(&pair[0]), row(&pair[1]));
            let order = keys.iter().fold(std::cmp::Ordering::Equal, |order, key| {
                let field = key.strip_prefix('-').unwrap_or(key);
                let up = value(a, field).cmp(&value(b, field));
                order.then(if key.starts_with('-') { up.reverse() } else { up })
            });
            prop_assert!(order.is_le(), "{query}: {a} before {b}");
        }
        Ok(())
    });
    held.unwrap();
    drop(platform);
}
