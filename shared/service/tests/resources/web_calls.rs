//! Calls from browsers: their place among the conversations, and their end.

use trunkline_domain::{CallStatus, Direction, Error, Outcome, Role, VoiceAgent, VoiceAgentId};
use trunkline_service::{
    calls::web,
    dialing::settle,
    voice_agents::{self, AgentPatch, NewAgent},
};

use crate::world::{World, somebody, user};

async fn agent(world: &World) -> VoiceAgent {
    let new = NewAgent {
        name: "Reception".to_owned(),
        rest: AgentPatch::default(),
    };
    voice_agents::create(&world.ctx, &user(), VoiceAgentId(world.ctx.ids.uuid()), new)
        .await
        .unwrap()
}

async fn places(world: &World, places: u32) {
    let until = world.ctx.now() + chrono::Duration::seconds(15);
    world
        .ctx
        .store
        .publish_capacity(&world.ctx.settings.instance, places, until)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_browsers_call_takes_a_place_and_gives_it_back_once() {
    let world = World::new().await;
    let ctx = &world.ctx;
    let agent = agent(&world).await;
    let full = web::open(ctx, &user(), agent.id, None).await;
    assert!(
        matches!(full, Err(Error::Unavailable { .. })),
        "nobody can carry it: {full:?}"
    );
    places(&world, 1).await;
    let call = web::open(ctx, &user(), agent.id, None).await.unwrap().call;
    assert_eq!(
        (call.direction, call.status),
        (Direction::Web, CallStatus::Talking)
    );
    assert_eq!(ctx.store.media_used().await.unwrap(), 1);
    let full = web::open(ctx, &user(), agent.id, None).await;
    assert!(matches!(full, Err(Error::Unavailable { .. })), "{full:?}");

    web::describe(ctx, call.id, r#"{"page":"pricing"}"#)
        .await
        .unwrap();
    web::describe(ctx, call.id, r#"{"page":"other"}"#).await.unwrap();
    for _ in 0..2 {
        web::end(ctx, call.id, 42, None).await.unwrap();
    }
    assert_eq!(ctx.store.media_used().await.unwrap(), 0);
    let ended = ctx.store.call(user().tenant, call.id).await.unwrap().unwrap();
    assert_eq!(
        (ended.status, ended.duration_s),
        (CallStatus::Ended(Outcome::Answered), 42)
    );
    assert_eq!(ended.notes.as_deref(), Some(r#"{"page":"pricing"}"#));
    assert!(ended.check_at.is_none());
}

#[tokio::test]
async fn anothers_agent_is_not_to_be_talked_to() {
    let world = World::new().await;
    places(&world, 5).await;
    let agent = agent(&world).await;
    let stranger = somebody("another", Role::Admin);
    let refused = web::open(&world.ctx, &stranger, agent.id, None).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    assert_eq!(world.ctx.store.media_used().await.unwrap(), 0);
}

#[tokio::test]
async fn a_call_whose_media_server_died_is_ended_and_one_that_is_held_goes_on() {
    let world = World::new().await;
    let ctx = &world.ctx;
    places(&world, 5).await;
    let agent = agent(&world).await;
    let call = web::open(ctx, &user(), agent.id, None).await.unwrap().call;
    world.forward(31);
    places(&world, 5).await;
    settle::check(ctx, call.id, false).await.unwrap();
    let held = ctx.store.call(user().tenant, call.id).await.unwrap().unwrap();
    assert_eq!(held.status, CallStatus::Talking);
    assert!(held.check_at > call.check_at, "somebody looks again");
    // Its server says nothing any more.
    world.forward(31);
    settle::check(ctx, call.id, false).await.unwrap();
    let ended = ctx.store.call(user().tenant, call.id).await.unwrap().unwrap();
    assert_eq!(ended.status, CallStatus::Ended(Outcome::Answered));
    assert_eq!(ended.duration_s, 31, "until it was last known to talk");
    assert!(ended.failure.is_some());
    assert_eq!(ctx.store.media_used().await.unwrap(), 0);
}
