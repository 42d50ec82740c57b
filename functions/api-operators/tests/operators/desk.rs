//! What desks are told of a human agent's status.

use chrono::Duration;
use serde_json::json;
use trunkline_domain::operator::OperatorStatus;
use trunkline_testing::{Client, Platform};

use crate::{hire, john, platform};

/// The statuses in the tenant's feed, oldest first.
async fn told(platform: &Platform, by: &Client) -> Vec<Option<OperatorStatus>> {
    let since = platform.ctx.now() - Duration::hours(1);
    let (fed, _) = platform
        .ctx
        .store
        .desk_feed(by.who.tenant, since, 100)
        .await
        .unwrap();
    fed.into_iter().map(|fed| fed.ev.status).collect()
}

#[tokio::test]
async fn a_status_is_in_the_feed_as_soon_as_it_is_in_the_row_and_once() {
    let platform = platform().await;
    let manager = platform.manager("ada").await;
    let id = hire(&manager, john()).await;
    assert_eq!(told(&platform, &manager).await, [], "nothing has changed yet");
    let set = async |status: &str| {
        platform.world.clock.turn(Duration::seconds(1));
        let path = format!("/api/agents/{id}/status");
        let answer = manager.put(&path, json!({ "status": status })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    set("available").await;
    set("available").await;
    set("break").await;
    set("offline").await;
    let expected = [
        OperatorStatus::Available,
        OperatorStatus::Break,
        OperatorStatus::Offline,
    ];
    assert_eq!(told(&platform, &manager).await, expected.map(Some));
}
