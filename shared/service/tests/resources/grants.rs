//! What the platform's admin granted a tenant decides whom its campaigns ring.

use chrono::Duration;
use trunkline_domain::{Campaign, CampaignId, Error, LeadStatus, Role, Usd};
use trunkline_service::{
    campaigns::{self, NewCampaign},
    dialing::{self, pump},
    tenants::{self, Grant},
};

use crate::world::{World, somebody, user};

const AMERICAN: &str = "+14155550100";
const FRENCH: &str = "+33142685300";

async fn campaign(world: &World) -> Campaign {
    let ctx = &world.ctx;
    let new = NewCampaign {
        name: "Spring".to_owned(),
        phone_numbers: vec![AMERICAN.to_owned(), FRENCH.to_owned()],
        ..NewCampaign::default()
    };
    campaigns::create(ctx, &user(), CampaignId(ctx.ids.uuid()), new)
        .await
        .unwrap()
}

async fn grant(world: &World, grant: Grant) {
    let admin = somebody("platform", Role::Admin);
    tenants::grant(&world.ctx, &admin, user().tenant, grant)
        .await
        .unwrap();
}

/// Where both leads stand after the pump has looked: the American one, then the French one.
async fn after_a_pump(world: &World, campaign: &Campaign) -> (LeadStatus, LeadStatus) {
    let ctx = &world.ctx;
    let now = ctx.now();
    ctx.store
        .publish_capacity("media-1", 10, now + Duration::hours(1))
        .await
        .unwrap();
    pump::refill(ctx, campaign.tenant, campaign.id, 0).await.unwrap();
    let status = async |phone: &str| {
        let phone = phone.parse().unwrap();
        let lead = ctx
            .store
            .lead_by_number(campaign.tenant, campaign.id, &phone)
            .await;
        lead.unwrap().unwrap().status
    };
    (status(AMERICAN).await, status(FRENCH).await)
}

#[tokio::test]
async fn a_tenant_without_a_grant_launches_nothing_and_a_grant_taken_back_stops_its_pump() {
    let world = World::new().await;
    let campaign = campaign(&world).await;
    let may = |may_dial| Grant {
        may_dial: Some(may_dial),
        ..Grant::default()
    };
    grant(&world, may(false)).await;
    let refused = dialing::launch(&world.ctx, &user(), campaign.id)
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, Error::Forbidden(what) if what.contains("admin grants")),
        "{refused}"
    );
    grant(&world, may(true)).await;
    dialing::launch(&world.ctx, &user(), campaign.id).await.unwrap();
    grant(&world, may(false)).await;
    let pending = (LeadStatus::Pending, LeadStatus::Pending);
    assert_eq!(after_a_pump(&world, &campaign).await, pending);
}

#[tokio::test]
async fn a_number_outside_the_granted_countries_is_closed_without_a_call() {
    let world = World::new().await;
    let campaign = campaign(&world).await;
    let america = Grant {
        countries: Some(vec!["1".to_owned()]),
        ..Grant::default()
    };
    grant(&world, america).await;
    dialing::launch(&world.ctx, &user(), campaign.id).await.unwrap();
    let both = after_a_pump(&world, &campaign).await;
    assert_eq!(both, (LeadStatus::Calling, LeadStatus::Failed));
    let slot = world.ctx.store.slot(campaign.id, 0).await.unwrap().unwrap();
    assert_eq!((slot.used, slot.n_failed, slot.open_leads), (1, 1, 1));
}

#[tokio::test]
async fn a_day_without_money_for_one_more_call_dials_nobody() {
    let world = World::new().await;
    let campaign = campaign(&world).await;
    let cap = |micros| Grant {
        daily_cap: Some(Some(Usd::from_micros(micros))),
        ..Grant::default()
    };
    grant(&world, cap(499_999)).await;
    dialing::launch(&world.ctx, &user(), campaign.id).await.unwrap();
    let pending = (LeadStatus::Pending, LeadStatus::Pending);
    assert_eq!(after_a_pump(&world, &campaign).await, pending);
    grant(&world, cap(10_000_000)).await;
    let calling = (LeadStatus::Calling, LeadStatus::Calling);
    assert_eq!(after_a_pump(&world, &campaign).await, calling);
}

#[tokio::test]
async fn only_the_admin_grants_and_each_wrong_field_is_named() {
    let world = World::new().await;
    let manager = somebody("tenant", Role::Manager);
    let refused = tenants::grant(&world.ctx, &manager, user().tenant, Grant::default()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let admin = somebody("platform", Role::Admin);
    let wrong = Grant {
        countries: Some(vec!["France".to_owned()]),
        daily_cap: Some(Some(Usd::from_micros(-1))),
        country: Some(Some("XX".to_owned())),
        ..Grant::default()
    };
    let refused = tenants::grant(&world.ctx, &admin, user().tenant, wrong).await;
    let Err(Error::Invalid(errors)) = refused else {
        panic!("a wrong grant was taken")
    };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["countries[0]", "daily_cap", "country"]);
    assert!(matches!(
        tenants::get(&world.ctx, &admin, somebody("nobody", Role::User).tenant).await,
        Err(Error::NotFound(_))
    ));
}
