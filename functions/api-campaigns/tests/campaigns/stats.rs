//! A campaign in figures.

use chrono::Duration;
use serde_json::json;
use trunkline_domain::{Call, CallStatus, CampaignId, Outcome, Usd};
use trunkline_testing::call;

use crate::{made, moved, numbers, platform};

#[tokio::test]
async fn a_new_campaign_has_only_numbers() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, json!({ "name": "New", "phone_numbers": numbers(0..4) })).await;
    let stats = ada.get(&format!("/campaigns/{id}/stats")).await;
    assert_eq!(stats.status, 200);
    let expected = json!({
        "campaign_id": id,
        "total_leads": 4, "pending": 4, "in_progress": 0, "calls_made": 0, "completed": 0, "failed": 0,
        "no_answer": 0, "busy": 0, "voicemail": 0,
        "answer_rate": 0.0, "success_rate": 0.0, "average_duration": 0,
        "total_cost": 0.0, "cost_per_call": 0.0, "cost_per_reached": 0.0,
        "estimated_end": null,
        "funnel": {
            "leads": 4, "calls": 0, "answered": 0, "people": 0, "reached": 0, "given_up": 0, "not_to_call": 0,
            "reach_rate": 0.0
        }
    });
    assert_eq!(stats.body["data"], expected);
}

#[tokio::test]
async fn calls_show_as_funnel_rates_and_costs() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(&ada, json!({ "name": "Old", "phone_numbers": numbers(0..10) })).await;
    assert_eq!(moved(&ada, &id, "launch").await.status, 200);
    for (outcome, seconds, cents) in [
        (Outcome::Answered, 100, 3),
        (Outcome::Answered, 50, 2),
        (Outcome::Voicemail, 30, 2),
        (Outcome::NoAnswer, 0, 0),
        (Outcome::NoAnswer, 0, 0),
        (Outcome::Busy, 0, 0),
        (Outcome::Failed, 0, 0),
        (Outcome::Unknown, 0, 0),
    ] {
        let one = Call {
            campaign: Some(id.parse::<CampaignId>().unwrap()),
            status: CallStatus::Ended(outcome),
            duration_s: seconds,
            cost: Usd::from_micros(cents * 10_000),
            ..call(&ada, &platform.ctx, platform.ctx.now())
        };
        platform.put_call(&one).await;
    }
    let stats = ada.get(&format!("/campaigns/{id}/stats")).await;
    let body = &stats.body["data"];
    for (field, value) in [
        ("calls_made", json!(8)),
        ("completed", json!(3)),
        ("failed", json!(2)),
        ("no_answer", json!(2)),
        ("busy", json!(1)),
        ("voicemail", json!(1)),
        ("answer_rate", json!(25.0)),
        ("success_rate", json!(37.5)),
        ("average_duration", json!(60)),
        ("total_cost", json!(0.07)),
        ("cost_per_call", json!(0.00875)),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    assert_eq!(
        (
            &body["funnel"]["calls"],
            &body["funnel"]["answered"],
            &body["funnel"]["people"]
        ),
        (&json!(8), &json!(3), &json!(2))
    );
}

#[tokio::test]
async fn the_end_is_forecast_by_the_pace_so_far() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let id = made(
        &ada,
        json!({ "name": "Forecast", "phone_numbers": numbers(0..4) }),
    )
    .await;
    moved(&ada, &id, "launch").await;
    let path = format!("/campaigns/{id}/stats");
    assert_eq!(
        ada.get(&path).await.body["estimated_end"],
        json!(null),
        "nothing has ended yet"
    );
    platform.world.clock.turn(Duration::minutes(10));
    // One of four is done after ten minutes: by its own wish.
    let lead = platform
        .ctx
        .store
        .lead_by_number(
            ada.who.tenant,
            id.parse().unwrap(),
            &"+14150000001".parse().unwrap(),
        )
        .await
        .unwrap()
        .unwrap();
    let patch = trunkline_service::leads::LeadPatch {
        do_not_call: Some(true),
        ..Default::default()
    };
    let fresh = |_| Ok::<_, trunkline_domain::Error>(());
    Box::pin(trunkline_service::leads::update(
        &platform.ctx,
        &ada.who,
        lead.id,
        &patch,
        fresh,
    ))
    .await
    .unwrap();
    let stats = ada.get(&path).await;
    assert_eq!(
        stats.body["estimated_end"], "2026-01-05T10:40:00Z",
        "ten minutes each"
    );
    assert_eq!(stats.body["funnel"]["not_to_call"], 1);
    moved(&ada, &id, "pause").await;
    assert_eq!(
        ada.get(&path).await.body["estimated_end"],
        json!(null),
        "it does not dial"
    );
}
