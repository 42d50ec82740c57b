//! Who is rung when: by the law of the number's state, its holidays, and the clock where it may be.

use std::sync::Arc;

use trunkline_domain::{Campaign, CampaignId, ImportId, Lead, LeadId, LeadStatus, id::derived};
use trunkline_service::{
    campaigns::{self, NewCampaign},
    dialing::{self, pump},
    leads::{self, LeadPatch},
};

use crate::world::{World, user};

const FLORIDA: &str = "+13055550100";
const NEW_YORK: &str = "+12125550100";
const ALABAMA: &str = "+12055550100";
const LOUISIANA: &str = "+15045550100";
const RHODE_ISLAND: &str = "+14015550100";
const ALL: [&str; 5] = [FLORIDA, NEW_YORK, ALABAMA, LOUISIANA, RHODE_ISLAND];

/// A deployment that keeps to the law, with room for any call.
async fn lawful() -> World {
    let mut world = World::new().await;
    Arc::make_mut(&mut world.ctx.settings).legal_windows = true;
    world
}

async fn launched(world: &World, numbers: &[&str]) -> Campaign {
    let ctx = &world.ctx;
    let new = NewCampaign {
        name: "Spring".to_owned(),
        phone_numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
        max_concurrent_calls: Some(20),
        ..NewCampaign::default()
    };
    let made = campaigns::create(ctx, &user(), CampaignId(ctx.ids.uuid()), new)
        .await
        .unwrap();
    dialing::launch(ctx, &user(), made.id).await.unwrap()
}

async fn lead(world: &World, campaign: &Campaign, number: &str) -> Lead {
    let phone = number.parse().unwrap();
    let found = world
        .ctx
        .store
        .lead_by_number(campaign.tenant, campaign.id, &phone)
        .await;
    found.unwrap().unwrap()
}

/// Who of these has been rung, once the pump has run at that instant.
async fn rung_at<'a>(world: &World, campaign: &Campaign, now: &str, numbers: &[&'a str]) -> Vec<&'a str> {
    let ctx = &world.ctx;
    world.clock.set(now.parse().unwrap());
    let until = ctx.now() + chrono::Duration::hours(1);
    ctx.store.publish_capacity("media-1", 40, until).await.unwrap();
    pump::refill(ctx, campaign.tenant, campaign.id, 0).await.unwrap();
    let mut rung = Vec::new();
    for number in numbers {
        if lead(world, campaign, number).await.status != LeadStatus::Pending {
            rung.push(*number);
        }
    }
    rung
}

#[tokio::test]
async fn each_state_is_rung_when_its_law_and_its_holidays_allow_it() {
    let world = lawful().await;
    let campaign = launched(&world, &ALL).await;
    let rung = async |now: &str| rung_at(&world, &campaign, now, &ALL).await;
    assert_eq!(
        rung("2026-11-25T12:59:59Z").await,
        [""; 0],
        "before 08:00 in the east"
    );
    // Wednesday evening: Florida's and Rhode Island's hours are over, and the others' end in 35 s, a ring and 5 s.
    assert_eq!(rung("2026-11-26T01:59:25Z").await, [""; 0]);
    // Thanksgiving, 10:00 in the east.
    assert_eq!(rung("2026-11-26T15:00:00Z").await, [FLORIDA, NEW_YORK]);
    // The Friday after it is a holiday in Louisiana alone.
    assert_eq!(
        rung("2026-11-27T15:00:00Z").await,
        [FLORIDA, NEW_YORK, ALABAMA, RHODE_ISLAND]
    );
    assert_eq!(rung("2026-11-28T14:00:00Z").await, ALL);
}

#[tokio::test]
async fn a_lead_that_is_given_a_zone_is_looked_for_there() {
    let world = lawful().await;
    let campaign = launched(&world, &[FLORIDA]).await;
    let rung = async |now: &str| rung_at(&world, &campaign, now, &[FLORIDA]).await;
    // 07:30 in Florida.
    assert_eq!(rung("2026-11-24T12:30:00Z").await, [""; 0]);
    let there = LeadPatch {
        timezone: Some(Some("Europe/London".to_owned())),
        ..LeadPatch::default()
    };
    let id = lead(&world, &campaign, FLORIDA).await.id;
    let moved = leads::update::<trunkline_domain::Error>(&world.ctx, &user(), id, &there, |_| Ok(())).await;
    assert_eq!(moved.unwrap().zone_key, "z:Europe/London|US-FL");
    // 20:00 in London is the end by Florida's law; half past twelve is not.
    assert_eq!(rung("2026-11-24T20:00:00Z").await, [""; 0]);
    assert_eq!(rung("2026-11-25T12:30:00Z").await, [FLORIDA]);
}

#[tokio::test]
async fn a_lead_that_waits_under_a_key_of_an_older_table_is_still_rung() {
    let world = lawful().await;
    let campaign = launched(&world, &[ALABAMA]).await;
    let old = [
        ("+12125550101", "z:America/New_York"),
        ("+12125550102", "p:1212"),
        ("+12125550103", "z:America/New_York|US-XX"),
    ];
    let import = ImportId(derived("import"));
    let leads = old.map(|(number, key)| Lead {
        zone_key: key.to_owned(),
        ..Lead::waiting(
            &campaign,
            LeadId(derived(number)),
            import,
            number.parse().unwrap(),
            world.ctx.now(),
        )
    });
    world.ctx.store.insert_leads(&campaign, &leads).await.unwrap();
    let numbers = old.map(|(number, _)| number);
    let rung = async |now: &str| rung_at(&world, &campaign, now, &numbers).await;
    // 05:00 in the east; noon.
    assert_eq!(rung("2026-11-24T10:00:00Z").await, [""; 0]);
    assert_eq!(rung("2026-11-24T17:00:00Z").await, numbers);
}

#[tokio::test]
async fn who_waits_for_the_carriers_rate_is_not_rung_once_the_window_is_about_to_end() {
    let numbers: Vec<String> = (0..16).map(|n| format!("+121255501{n:02}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    // 45 s before 21:00: a phone that rings for 30 s may be rung for 10 s more, one a second.
    let before = "2026-11-25T01:59:15Z";
    let last: trunkline_domain::Instant = "2026-11-25T01:59:25Z".parse().unwrap();
    for law in [true, false] {
        let mut world = World::new().await;
        let settings = Arc::make_mut(&mut world.ctx.settings);
        (settings.carrier_cps, settings.legal_windows) = (Some(1), law);
        let campaign = launched(&world, &numbers).await;
        let rung = rung_at(&world, &campaign, before, &numbers).await;
        assert!(world.ctx.now() >= last, "the rate kept nobody waiting");
        if !law {
            assert_eq!(rung.len(), numbers.len(), "without a window all have their turn");
            continue;
        }
        assert!((1..=10).contains(&rung.len()), "{rung:?}");
        for number in rung {
            let rung_at = lead(&world, &campaign, number).await.last_call_at.unwrap();
            assert!(rung_at < last, "{number} at {rung_at}");
        }
    }
}
