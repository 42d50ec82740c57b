//! The Dialer's list, and what a campaign's figures cost.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use serde_json::{Value, json};
use trunkline_domain::{Call, CallStatus, CampaignId, Outcome, page::PageQuery};
use trunkline_service::{
    Ctx,
    campaigns::{self, CampaignsQuery},
};
use trunkline_testing::{Answer, Client, Fault, Platform, call};

use crate::{dialer::platform, made, moved, numbers};

/// A launched campaign of four shards; its id.
async fn launched(ada: &Client, name: &str, leads: u32) -> String {
    let body = json!({ "name": name, "max_concurrent_calls": 50, "phone_numbers": numbers(0..leads) });
    let id = made(ada, body).await;
    assert_eq!(moved(ada, &id, "launch").await.status, 200);
    id
}

async fn end_call(platform: &Platform, ada: &Client, campaign: &str, outcome: Outcome) {
    let one = Call {
        campaign: Some(campaign.parse::<CampaignId>().unwrap()),
        status: CallStatus::Ended(outcome),
        ..call(ada, &platform.ctx, platform.ctx.now())
    };
    platform.put_call(&one).await;
}

fn names(list: &Answer) -> Vec<&str> {
    let rows = list.body["campaigns"].as_array().unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

fn figures(campaign: &Value) -> [i64; 3] {
    ["total_leads", "calls_made", "calls_completed"].map(|field| campaign[field].as_i64().unwrap())
}

#[tokio::test]
async fn each_campaign_shows_its_own_leads_and_calls() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let busy = launched(&ada, "Busy", 7).await;
    let quiet = launched(&ada, "Quiet", 3).await;
    made(&ada, json!({ "name": "Draft", "phone_numbers": numbers(0..2) })).await;
    for outcome in [
        Outcome::Answered,
        Outcome::Voicemail,
        Outcome::NoAnswer,
        Outcome::Busy,
        Outcome::Failed,
    ] {
        end_call(&platform, &ada, &busy, outcome).await;
    }
    end_call(&platform, &ada, &quiet, Outcome::Answered).await;
    let list = ada.get("/api/campaigns").await;
    for row in list.body["campaigns"].as_array().unwrap() {
        let expected = match row["name"].as_str().unwrap() {
            "Busy" => [7, 5, 2],
            "Quiet" => [3, 1, 1],
            _ => [2, 0, 0],
        };
        assert_eq!(figures(row), expected, "{row}");
    }
    let one = ada.get(&format!("/api/campaigns/{busy}")).await;
    assert_eq!(figures(&one.body["campaign"]), [7, 5, 2]);
    let stats = ada.get(&format!("/campaigns/{busy}/stats")).await;
    assert_eq!(
        (&stats.body["calls_made"], &stats.body["completed"]),
        (&json!(5), &json!(2)),
        "the other document counts alike"
    );
}

#[tokio::test]
async fn the_list_is_filtered_by_status_and_paged_newest_first() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for name in ["first", "second", "third"] {
        made(&ada, json!({ "name": name })).await;
        platform.world.clock.turn(chrono::Duration::seconds(1));
    }
    launched(&ada, "fourth", 1).await;
    for (query, shown, total) in [
        ("", &["fourth", "third", "second", "first"][..], 4),
        ("?limit=2", &["fourth", "third"], 4),
        ("?limit=2&offset=2", &["second", "first"], 4),
        ("?limit=2&offset=4", &[], 4),
        ("?status=active", &["fourth"], 1),
        ("?status=DRAFT&limit=1&offset=1", &["second"], 3),
        ("?status=completed", &[], 0),
        ("?status=", &["fourth", "third", "second", "first"], 4),
    ] {
        let list = ada.get(&format!("/api/campaigns{query}")).await;
        assert_eq!(list.status, 200, "{query}: {list:?}");
        assert_eq!(names(&list), shown, "{query}");
        assert_eq!(
            (&list.body["count"], &list.body["total"]),
            (&json!(shown.len()), &json!(total)),
            "{query}"
        );
    }
    let first = ada.get("/api/campaigns?limit=3").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = ada.get(&format!("/api/campaigns?limit=3&cursor={cursor}")).await;
    assert_eq!(
        (names(&rest), &rest.body["next_cursor"]),
        (vec!["first"], &Value::Null)
    );
}

/// Requests to the store for a page of 50 campaigns, of which so many were launched, with so many calls each.
async fn cost(launches: u32, calls: u32) -> u32 {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for n in 0..50 {
        let name = format!("Campaign {n}");
        if n < launches {
            let id = launched(&ada, &name, 1).await;
            for _ in 0..calls {
                end_call(&platform, &ada, &id, Outcome::Answered).await;
            }
        } else {
            made(&ada, json!({ "name": name })).await;
        }
    }
    let asked = Arc::new(AtomicU32::new(0));
    let heard = Arc::clone(&asked);
    let store = platform.world.store_watched(Box::new(move |_, _| {
        heard.fetch_add(1, Ordering::Relaxed);
        Fault::None
    }));
    let ctx = Ctx {
        store,
        ..platform.ctx.clone()
    };
    let query = CampaignsQuery {
        page: PageQuery {
            skip: 0,
            limit: 50,
            cursor: None,
        },
        ..CampaignsQuery::default()
    };
    let page = campaigns::list(&ctx, &ada.who, &query).await.unwrap();
    let progress = campaigns::progress(&ctx, &ada.who, &page.items).await.unwrap();
    let made: i64 = progress.iter().map(|one| one.calls_made).sum();
    assert_eq!(
        (progress.len(), made),
        (50, i64::from(launches) * i64::from(calls))
    );
    asked.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_page_of_fifty_costs_one_request_for_each_launched_campaign_however_many_calls() {
    // The campaigns, and their 50 shards at once.
    assert_eq!(cost(0, 0).await, 2);
    // Ten have four shards: still one request for all 80.
    assert_eq!(cost(10, 1).await, 12);
    assert_eq!(cost(10, 20).await, 12);
}
