//! What users do with campaigns and leads.

use serde_json::Map;
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, Error, LeadStatus, VoiceAgentId, error::Kind, id::derived,
    page::PageQuery,
};
use trunkline_service::{
    campaigns::{self, CampaignPatch, HoursChange, NewCampaign},
    dialing,
    leads::{self, LeadPatch},
};

use crate::world::{World, user};

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("+1415555{n:04}")).collect()
}

fn new(phone_numbers: Vec<String>) -> NewCampaign {
    NewCampaign {
        name: "Spring".to_owned(),
        phone_numbers,
        ..NewCampaign::default()
    }
}

async fn made(world: &World, new: NewCampaign) -> Campaign {
    let id = CampaignId(world.ctx.ids.uuid());
    campaigns::create(&world.ctx, &user(), id, new).await.unwrap()
}

const fn any(_: u64) -> Result<(), Error> {
    Ok(())
}

async fn change(world: &World, id: CampaignId, patch: CampaignPatch) -> Result<Campaign, Error> {
    campaigns::update(&world.ctx, &user(), id, &patch, any).await
}

#[tokio::test]
async fn numbers_are_leads_at_once_and_those_not_to_be_called_are_marked() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let marked = "+14155550007".parse().unwrap();
    ctx.store
        .mark_dnc(&trunkline_store::DncEntry::lasting(
            user().tenant,
            &marked,
            "test",
            ctx.now(),
        ))
        .await
        .unwrap();
    let mut given = numbers(0..250);
    given.push("+1 (415) 555-0000".to_owned());
    let campaign = made(&world, new(given)).await;
    assert_eq!(
        (campaign.state, campaign.max_concurrent_calls),
        (CampaignState::Draft, 10)
    );
    let stats = campaigns::stats(ctx, &user(), campaign.id).await.unwrap();
    assert_eq!(
        (stats.total_leads, stats.pending, stats.calls_made),
        (250, 249, 0)
    );
    let page = PageQuery {
        skip: 0,
        limit: 100,
        cursor: None,
    };
    let dnc = leads::list(ctx, &user(), campaign.id, Some(LeadStatus::Dnc), &page)
        .await
        .unwrap();
    assert_eq!((dnc.total, dnc.items.len(), &dnc.items[0].phone), (1, 1, &marked));
}

#[tokio::test]
async fn what_is_wrong_with_a_campaign_is_told_all_at_once() {
    let world = World::new().await;
    let at = |text: &str| Some(text.parse().unwrap());
    let wrong = NewCampaign {
        name: " ".to_owned(),
        phone_numbers: vec!["+14155550100".to_owned(), "hello".to_owned()],
        start_time: at("2026-02-01T00:00:00Z"),
        end_time: at("2026-01-01T00:00:00Z"),
        max_concurrent_calls: Some(0),
        ..NewCampaign::default()
    };
    let made = campaigns::create(&world.ctx, &user(), CampaignId(derived("c")), wrong).await;
    let Err(Error::Invalid(errors)) = made else {
        panic!("a wrong campaign was made")
    };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        ["name", "max_concurrent_calls", "end_time", "phone_numbers[1]"]
    );
    for wrong in [
        NewCampaign {
            voice_agent: Some(VoiceAgentId(derived("nobody"))),
            ..new(Vec::new())
        },
        NewCampaign {
            voicemail_message_url: Some("http://169.254.169.254/x".to_owned()),
            ..new(Vec::new())
        },
        NewCampaign {
            hours: HoursChange {
                start_min: Some(Some(540)),
                ..HoursChange::default()
            },
            ..new(Vec::new())
        },
    ] {
        let made = campaigns::create(&world.ctx, &user(), CampaignId(derived("c")), wrong).await;
        assert!(matches!(made, Err(Error::Invalid(_))), "{made:?}");
    }
    assert!(
        world
            .ctx
            .store
            .list_campaigns_by_tenant(user().tenant)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_change_adds_numbers_and_takes_away_those_that_are_missing() {
    let world = World::new().await;
    let campaign = made(&world, new(numbers(0..5))).await;
    let patch = CampaignPatch {
        phone_numbers: Some(Some(numbers(3..8))),
        max_concurrent_calls: Some(Some(50)),
        ..CampaignPatch::default()
    };
    let changed = change(&world, campaign.id, patch).await.unwrap();
    assert_eq!(
        (changed.phone_numbers, changed.version),
        (numbers(3..8), 3),
        "once to take the version, once to show the numbers"
    );
    let slots = world.ctx.store.slots(campaign.id).await.unwrap();
    assert_eq!(
        (slots.len(), slots[0].cap, slots[0].n_pending, slots[0].open_leads),
        (1, 50, 5, 5)
    );
    let again = CampaignPatch {
        phone_numbers: Some(Some(numbers(3..8))),
        ..CampaignPatch::default()
    };
    change(&world, campaign.id, again).await.unwrap();
    assert_eq!(
        world.ctx.store.slots(campaign.id).await.unwrap()[0].n_pending,
        5,
        "the same list changes nothing"
    );
}

#[tokio::test]
async fn a_campaign_is_changed_and_deleted_only_where_its_state_allows() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let campaign = made(&world, new(numbers(0..3))).await;
    dialing::launch(ctx, &user(), campaign.id).await.unwrap();
    let more = CampaignPatch {
        max_concurrent_calls: Some(Some(20)),
        ..CampaignPatch::default()
    };
    assert_eq!(
        change(&world, campaign.id, more)
            .await
            .unwrap()
            .max_concurrent_calls,
        20
    );
    let caller = CampaignPatch {
        record_calls: Some(Some(false)),
        ..CampaignPatch::default()
    };
    assert!(matches!(
        change(&world, campaign.id, caller.clone()).await,
        Err(Error::Conflict { .. })
    ));
    assert!(matches!(
        campaigns::delete(ctx, &user(), campaign.id).await,
        Err(Error::Conflict {
            kind: Kind::Campaign,
            ..
        })
    ));
    dialing::pause(ctx, &user(), campaign.id).await.unwrap();
    assert!(
        !change(&world, campaign.id, caller.clone())
            .await
            .unwrap()
            .record_calls
    );
    assert!(matches!(
        campaigns::delete(ctx, &user(), campaign.id).await,
        Err(Error::Conflict { .. })
    ));
    dialing::stop(ctx, &user(), campaign.id).await.unwrap();
    assert!(matches!(
        change(&world, campaign.id, caller).await,
        Err(Error::Conflict { .. })
    ));
    campaigns::delete(ctx, &user(), campaign.id).await.unwrap();
    assert!(matches!(
        campaigns::get(ctx, &user(), campaign.id).await,
        Err(Error::NotFound(_))
    ));
    let lead = ctx
        .store
        .lead_by_number(user().tenant, campaign.id, &"+14155550001".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(lead, None, "its leads went with it");
}

#[tokio::test]
async fn a_lead_is_changed_and_may_be_marked_as_not_to_be_called() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let campaign = made(&world, new(numbers(0..1))).await;
    let page = PageQuery {
        skip: 0,
        limit: 10,
        cursor: None,
    };
    let lead = leads::list(ctx, &user(), campaign.id, None, &page)
        .await
        .unwrap()
        .items
        .remove(0);
    let patch = LeadPatch {
        first_name: Some(Some("Sara".to_owned())),
        custom_fields: Some(Some(Map::from_iter([("company".to_owned(), "ABC".into())]))),
        do_not_call: Some(true),
        ..LeadPatch::default()
    };
    let changed = leads::update(ctx, &user(), lead.id, &patch, any).await.unwrap();
    assert_eq!(
        (changed.first_name.as_deref(), changed.version),
        (Some("Sara"), 2)
    );
    assert!(leads::is_marked(ctx, &changed).await.unwrap());
    assert_eq!((changed.status, changed.due_at), (LeadStatus::Dnc, None));
    let slot = ctx.store.slots(campaign.id).await.unwrap().remove(0);
    assert_eq!((slot.n_pending, slot.n_dnc, slot.open_leads), (0, 1, 0));
    let lifted = LeadPatch {
        do_not_call: Some(false),
        ..LeadPatch::default()
    };
    let lifted = leads::update(ctx, &user(), lead.id, &lifted, any).await;
    assert!(matches!(lifted, Err(Error::Conflict { kind: Kind::Lead, .. })));
}
