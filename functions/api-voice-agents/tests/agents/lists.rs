//! The list: search, status, every sort, pages.

use serde_json::json;
use trunkline_testing::{Client, Platform};

use crate::{made, platform};

async fn three(platform: &Platform) -> Client {
    let ada = platform.manager("ada").await;
    for (name, description, model, status) in [
        ("Sales", "Handles sales inquiries", "gpt-4", "active"),
        ("billing", "Money, %_* and more", "gpt-3.5", "inactive"),
        ("Archive", "", "gpt-4", "active"),
    ] {
        let agent = json!({ "name": name, "description": description, "llm_model": model, "status": status });
        made(&ada, agent).await;
        platform.world.clock.turn(chrono::Duration::seconds(1));
    }
    ada
}

#[tokio::test]
async fn the_list_is_as_in_the_document() {
    let platform = platform().await;
    let ada = three(&platform).await;
    let list = ada.get("/agents").await;
    assert_eq!(list.status, 200);
    let body = &list.body["data"];
    assert_eq!(
        (
            &body["total"],
            &body["skip"],
            &body["limit"],
            &body["next_cursor"]
        ),
        (&json!(3), &json!(0), &json!(10), &json!(null))
    );
    assert!(body.get("total_relation").is_none(), "it is exact");
    assert_eq!(
        list.column("name"),
        ["Archive", "billing", "Sales"],
        "newest first"
    );
    let empty = platform.manager("bob").await.get("/agents").await;
    assert_eq!(
        (&empty.body["total"], &empty.body["items"]),
        (&json!(0), &json!([]))
    );
}

#[tokio::test]
async fn search_and_status_find_alone_and_together() {
    let platform = platform().await;
    let ada = three(&platform).await;
    for (query, names) in [
        ("search=sales", &["Sales"][..]),
        ("search=SALES%20inq", &["Sales"]),
        ("search=money", &["billing"]),
        ("search=%25_*", &["billing"]),
        ("search=.*", &[]),
        ("search=", &["Archive", "billing", "Sales"]),
        ("status=active", &["Archive", "Sales"]),
        ("status=Inactive", &["billing"]),
        ("status=active&search=sales", &["Sales"]),
        ("status=inactive&search=sales", &[]),
        ("unknown=1&limit=1", &["Archive"]),
    ] {
        let list = ada.get(&format!("/agents?{query}")).await;
        assert_eq!(list.column("name"), names, "{query}");
        if !query.contains("limit") {
            assert_eq!(list.body["total"], json!(names.len()), "{query}");
        }
    }
}

#[tokio::test]
async fn every_sort_goes_both_ways_and_several_in_turn() {
    let platform = platform().await;
    let ada = three(&platform).await;
    for (query, names) in [
        ("sort=created_at", ["Sales", "billing", "Archive"]),
        ("sort=-created_at", ["Archive", "billing", "Sales"]),
        ("sort=created_at&order=desc", ["Archive", "billing", "Sales"]),
        ("order=asc", ["Sales", "billing", "Archive"]),
        ("sort=updated_at", ["Sales", "billing", "Archive"]),
        ("sort=name", ["Archive", "billing", "Sales"]),
        ("sort=-name", ["Sales", "billing", "Archive"]),
        ("sort=name&order=desc", ["Sales", "billing", "Archive"]),
        ("sort=description", ["Archive", "Sales", "billing"]),
        ("sort=llm_model,name", ["billing", "Archive", "Sales"]),
        ("sort=-llm_model,-name", ["Sales", "Archive", "billing"]),
        ("sort=-status,created_at", ["billing", "Sales", "Archive"]),
        ("sort=status,name", ["Archive", "Sales", "billing"]),
        (
            "sort=llm_provider,stt_provider,tts_provider,language,name",
            ["Archive", "billing", "Sales"],
        ),
    ] {
        let list = ada.get(&format!("/agents?{query}")).await;
        assert_eq!(list.column("name"), names, "{query}");
    }
}

#[tokio::test]
async fn pages_by_skip_and_by_cursor_show_each_once() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let mut names: Vec<String> = (0..23).map(|n| format!("Agent {n:02}")).collect();
    for name in &names {
        // All made in the same instant: ties are told apart by id.
        made(&ada, json!({ "name": name })).await;
    }
    for limit in [1, 7, 10, 23, 100] {
        let (mut by_skip, mut by_cursor, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = ada.get(&format!("/agents?limit={limit}{cursor}")).await;
            assert_eq!(page.body["total"], json!(23));
            by_cursor.extend(page.column("name").into_iter().map(str::to_owned));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        while by_skip.len() < 23 {
            let page = ada
                .get(&format!("/agents?limit={limit}&skip={}", by_skip.len()))
                .await;
            by_skip.extend(page.column("name").into_iter().map(str::to_owned));
        }
        assert_eq!(by_skip, by_cursor, "limit {limit}");
        by_skip.sort();
        names.sort();
        assert_eq!(by_skip, names, "limit {limit}");
    }
    let past = ada.get("/agents?skip=9990&limit=10").await;
    assert_eq!((past.status, &past.body["items"]), (200, &json!([])));
}

#[tokio::test]
async fn what_is_out_of_range_or_unknown_is_told_the_range_or_the_words() {
    let platform = platform().await;
    let ada = three(&platform).await;
    for (query, status, says) in [
        ("limit=0", 422, "1 to 100"),
        ("limit=101", 422, "1 to 100"),
        ("skip=-1", 422, "0 to 10000"),
        ("skip=10001", 422, "0 to 10000"),
        ("skip=9999&limit=10", 422, "next_cursor"),
        ("limit=99999999999999999999999", 422, "1 to 100"),
        ("limit=ten", 400, "limit"),
        ("skip=1e3", 400, "skip"),
        ("cursor=nonsense", 422, "cursor"),
        ("cursor=5.6f1c2f0e", 422, "cursor"),
        ("status=retired", 422, "active, inactive"),
        ("sort=password", 422, "created_at, updated_at, name"),
        ("sort=name;drop", 422, "created_at"),
        ("sort=name,", 422, "allowed"),
        ("order=up", 422, "asc, desc"),
    ] {
        let wrong = ada.get(&format!("/agents?{query}")).await;
        assert_eq!(wrong.status, status, "{query}: {wrong:?}");
        assert!(wrong.text().contains(says), "{query}: {}", wrong.text());
    }
}
