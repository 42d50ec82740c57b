//! A campaign's call, through the store's own writes.

use trunkline_domain::{Call, CallId, CallStatus, CampaignId, Direction, LeadStatus, Outcome, Usd};
use trunkline_events::{Event, EventKind};
use trunkline_service::{
    campaigns::{self, NewCampaign},
    dialing,
};
use trunkline_store::dialing::{claim::Claim, fold::End};

use crate::world::{World, user};

/// A call of a campaign that was claimed, answered, and ended just now after 70 s.
pub(crate) async fn ended(world: &World) -> Call {
    let ctx = &world.ctx;
    let new = NewCampaign {
        name: "Spring".to_owned(),
        phone_numbers: vec!["+14155550100".to_owned()],
        ..NewCampaign::default()
    };
    let campaign = campaigns::create(ctx, &user(), CampaignId(ctx.ids.uuid()), new)
        .await
        .unwrap();
    dialing::launch(ctx, &user(), campaign.id).await.unwrap();
    let phone = "+14155550100".parse().unwrap();
    let mut lead = ctx
        .store
        .lead_by_number(user().tenant, campaign.id, &phone)
        .await
        .unwrap()
        .unwrap();
    let now = ctx.now();
    lead.status = LeadStatus::Calling;
    lead.attempts = 1;
    lead.due_at = None;
    lead.version += 1;
    let call = Call {
        id: CallId::of_attempt(lead.id, 1),
        tenant: lead.tenant,
        campaign: Some(campaign.id),
        lead: Some(lead.id),
        attempt: 1,
        voice_agent: None,
        operator: None,
        direction: Direction::Outbound,
        to: phone,
        from: ctx.settings.caller_id.clone(),
        status: CallStatus::Claimed,
        epoch: 1,
        version: 1,
        sid: Some("CA1".to_owned()),
        account: "AC1".to_owned(),
        claim_nonce: Some("nonce".to_owned()),
        post_by: None,
        check_at: Some(now),
        looked_at: None,
        stop_requested: false,
        answered_by: None,
        record: true,
        time_limit_s: 600,
        reserve: Usd::ZERO,
        created_at: now,
        placed_at: Some(now),
        answered_at: Some(now),
        ended_at: None,
        duration_s: 0,
        cost: Usd::ZERO,
        price: None,
        gen_next: 1,
        instance: None,
        next: None,
        recording: None,
        analysis: None,
        notes: None,
        conference: None,
        abandoned: false,
        dialled_for: None,
        taken: false,
        failure: None,
        cap_shard: 0,
        ring_timeout_s: 30,
        shard: 0,
    };
    let claim = Claim {
        bound: None,
        lead: lead.clone(),
        call: call.clone(),
        unsent_version: None,
        place_cap: 10,
        number_lock: true,
    };
    assert_eq!(ctx.store.claim(&claim, now).await.unwrap(), Ok(()));
    world.forward(70);
    let now = ctx.now();
    let over = Call {
        status: CallStatus::Ended(Outcome::Answered),
        ended_at: Some(now),
        duration_s: 70,
        check_at: None,
        version: 2,
        ..call.clone()
    };
    lead.status = LeadStatus::Completed;
    lead.version += 1;
    let event = Event::new(EventKind::CallEnded, over.tenant, over.id.0, 2, now);
    let end = End {
        before: call,
        call: over.clone(),
        lead: Some(lead),
        next_ok_at: now,
        event,
        number_lost: false,
    };
    ctx.store.end_call(&end).await.unwrap();
    over
}
