//! One number in two campaigns: between the end of one call and the next there is the minimum gap.

use chrono::Duration;
use trunkline_domain::{
    Call, Campaign, CampaignId, Lead, LeadStatus, Outcome, RetryPolicy,
    dial::{MIN_GAP, next_ok},
};
use trunkline_service::{
    campaigns::{self, NewCampaign},
    dialing::{self, fold, pump},
};

use crate::world::{World, user};

const NUMBER: &str = "+14155550100";

/// An active campaign of one number, which tries again at once.
async fn campaign(world: &World, name: &str) -> Campaign {
    let ctx = &world.ctx;
    let new = NewCampaign {
        name: name.to_owned(),
        phone_numbers: vec![NUMBER.to_owned()],
        retry_policy: Some(RetryPolicy {
            delay_minutes: 0,
            ..RetryPolicy::default()
        }),
        ..NewCampaign::default()
    };
    let made = campaigns::create(ctx, &user(), CampaignId(ctx.ids.uuid()), new)
        .await
        .unwrap();
    dialing::launch(ctx, &user(), made.id).await.unwrap()
}

async fn pump(world: &World, campaign: &Campaign) -> Lead {
    let ctx = &world.ctx;
    pump::refill(ctx, campaign.tenant, campaign.id, 0).await.unwrap();
    let phone = NUMBER.parse().unwrap();
    let lead = ctx
        .store
        .lead_by_number(campaign.tenant, campaign.id, &phone)
        .await;
    lead.unwrap().unwrap()
}

async fn call_of(world: &World, campaign: &Campaign) -> Call {
    let calls = world
        .ctx
        .store
        .unfinished_calls_of(campaign.tenant, campaign.id)
        .await
        .unwrap();
    assert_eq!(calls.len(), 1);
    calls[0].clone()
}

#[tokio::test]
async fn after_a_call_of_one_campaign_the_other_waits_until_the_gap_is_over() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let until = ctx.now() + Duration::hours(1);
    ctx.store.publish_capacity("media-1", 10, until).await.unwrap();
    let (spring, summer) = (campaign(&world, "Spring").await, campaign(&world, "Summer").await);
    assert_eq!(pump(&world, &spring).await.status, LeadStatus::Calling);

    // While the number is in the call of one campaign, the other's lead steps back, once.
    let waiting = pump(&world, &summer).await;
    assert_eq!(
        (waiting.status, waiting.attempts, waiting.due_at),
        (LeadStatus::Pending, 0, Some(ctx.now() + Duration::seconds(15)))
    );
    assert_eq!(
        pump(&world, &summer).await,
        waiting,
        "it was claimed again at once"
    );

    let call = call_of(&world, &spring).await;
    let ended = fold::end_as(ctx, call.id, Outcome::NoAnswer, None)
        .await
        .unwrap()
        .unwrap();
    let end_of_gap = next_ok(ended.ended_at.unwrap());
    assert_eq!(end_of_gap, ctx.now() + MIN_GAP);

    // Its own retry, which the policy would have at once, is planned for the end of the gap.
    assert_eq!(pump(&world, &spring).await.due_at, Some(end_of_gap));
    // The other's lead is refused once, and waits for the same instant.
    world.forward(15);
    let waiting = pump(&world, &summer).await;
    assert_eq!(
        (waiting.status, waiting.due_at),
        (LeadStatus::Pending, Some(end_of_gap))
    );
    world.forward(44);
    assert_eq!(pump(&world, &summer).await, waiting, "it was claimed in its gap");

    world.forward(1);
    assert_eq!(pump(&world, &summer).await.status, LeadStatus::Calling);
    assert_eq!(call_of(&world, &summer).await.to.as_str(), NUMBER);
    // Now it is the first one's turn to wait.
    assert_eq!(pump(&world, &spring).await.status, LeadStatus::Pending);
}
