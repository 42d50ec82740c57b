//! Deleting: nothing is left, and the totals stay true.

use serde_json::json;
use trunkline_domain::{Call, CallStatus, Usd, counters};
use trunkline_store::{Period, Scope};
use trunkline_testing::call;

use crate::{made, platform};

#[tokio::test]
async fn a_call_that_is_not_over_stays() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    for status in [CallStatus::Claimed, CallStatus::Ringing, CallStatus::Talking] {
        let one = Call {
            status,
            ended_at: None,
            ..call(&ada, &platform.ctx, platform.ctx.now())
        };
        platform.put_call(&one).await;
        let held = ada.delete(&format!("/call-logs/{}", one.id)).await;
        assert_eq!((held.status, held.code()), (409, "CALL_002"), "{status:?}");
    }
}

#[tokio::test]
async fn without_the_bucket_nothing_is_half_deleted() {
    // Here the bucket is down: the row goes last, so the call can be named and deleted again.
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let campaign = made(&ada, "/campaigns", "One").await;
    let one = Call {
        campaign: Some(campaign.parse().unwrap()),
        cost: Usd::from_micros(20_000),
        ..call(&ada, &platform.ctx, platform.ctx.now())
    };
    platform.put_call(&one).await;
    let failed = ada.delete(&format!("/call-logs/{}", one.id)).await;
    assert_eq!((failed.status, failed.code()), (500, "SERVER_001"));
    assert!(
        failed.details().starts_with("request id "),
        "{}",
        failed.details()
    );
    assert_eq!(ada.get(&format!("/call-logs/{}", one.id)).await.status, 200);
    let stats = ada.get(&format!("/campaigns/{campaign}/stats")).await;
    assert_eq!(
        (&stats.body["calls_made"], &stats.body["total_cost"]),
        (&json!(1), &json!(0.02))
    );
    let sums = platform
        .ctx
        .store
        .sums(ada.who.tenant, Scope::Tenant, Period::default())
        .await
        .unwrap();
    assert_eq!(sums.get(counters::CALLS), 1);
}
