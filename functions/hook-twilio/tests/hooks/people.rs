//! A campaign of human agents: the caller waits in a room, a telephone is answered and taken, both meet.

use axum::http::StatusCode;
use trunkline_domain::bridge::{Ending, Event, Stage};
use trunkline_service::bridging;
use trunkline_testing::HumanCampaign;

use crate::world::{LEG, World};

async fn stage(world: &World) -> Stage {
    let bridge = world.ctx.store.bridge(world.of.call).await.unwrap();
    bridge.unwrap().stage
}

/// The carrier has the ring, as the queue's function would have written.
async fn rung(world: &World) {
    for event in [Event::Asked(1), Event::Placed(1, LEG.to_owned())] {
        bridging::observe(&world.ctx, world.of.call, &event)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn they_meet_in_the_calls_room_and_part() {
    let world = World::ringing(&["a"]).await;
    let (status, twiml) = world.post(&world.url("answer"), &[]).await;
    assert_eq!(status, StatusCode::OK);
    let room = format!(">call_{}</Conference>", world.of.call);
    for part in [
        "startConferenceOnEnter=\"false\" endConferenceOnExit=\"false\"",
        "participantLabel=\"caller\"",
        &room,
    ] {
        assert!(twiml.contains(part), "{twiml}");
    }
    let a = world.of.operator(&world.ctx, "a").await;
    assert_eq!(a.calls, [world.of.call], "somebody was found before the answer");
    rung(&world).await;

    let (_, whisper) = world.signed(&world.of_leg("agent-answer"), LEG, &[]).await;
    for part in [
        "<Gather input=\"dtmf\"",
        "finishOnKey=\"\"",
        "<Say>Jane is on the line. Press any key to take the call.</Say></Gather><Hangup/>",
    ] {
        assert!(whisper.contains(part), "{whisper}");
    }
    for key in ["#", "1"] {
        let (_, taken) = world
            .signed(&world.of_leg("agent-answer"), LEG, &[("Digits", key)])
            .await;
        assert!(
            taken.contains("startConferenceOnEnter=\"true\"") && taken.contains(&room),
            "{taken}"
        );
    }
    let joins = [
        ("ConferenceSid", "CF1"),
        ("StatusCallbackEvent", "participant-join"),
        ("ParticipantLabel", "leg-1"),
        ("SequenceNumber", "3"),
    ];
    let told = world.signed(&world.url("conference-status"), LEG, &joins).await;
    assert_eq!(told.0, StatusCode::OK);
    assert!(matches!(stage(&world).await, Stage::Talking { .. }));
    let call = world
        .ctx
        .store
        .call_unchecked(world.of.call)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(call.conference.as_deref(), Some("CF1"));

    let ended = [("CallStatus", "completed"), ("CallDuration", "60")];
    assert_eq!(
        world.signed(&world.of_leg("status"), LEG, &ended).await.0,
        StatusCode::OK
    );
    assert_eq!(stage(&world).await, Stage::Over(Ending::OperatorLeft));
    assert_eq!(world.post(&world.url("status"), &ended).await.0, StatusCode::OK);
    // What is left, which the queue's function does.
    bridging::work(&world.ctx, world.of.call, None).await.unwrap();
    let a = world.of.operator(&world.ctx, "a").await;
    assert_eq!((a.calls.len(), a.total_calls), (0, 1));
    let call = world
        .ctx
        .store
        .call_unchecked(world.of.call)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (call.operator, call.abandoned),
        (Some(HumanCampaign::person("a")), false)
    );
}

#[tokio::test]
async fn whoever_comes_too_late_hears_that_the_caller_has_gone() {
    let world = World::ringing(&["a"]).await;
    world.post(&world.url("answer"), &[]).await;
    rung(&world).await;
    let ended = [("CallStatus", "completed"), ("CallDuration", "3")];
    world.post(&world.url("status"), &ended).await;
    let (status, twiml) = world
        .signed(&world.of_leg("agent-answer"), LEG, &[("Digits", "5")])
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        twiml.contains("<Say>The caller has gone. Goodbye.</Say><Hangup/>"),
        "{twiml}"
    );
}

#[tokio::test]
async fn without_anybody_who_could_come_the_caller_hears_so_at_once() {
    let world = World::ringing(&[]).await;
    let (_, twiml) = world.post(&world.url("answer"), &[]).await;
    assert!(
        twiml.contains("nobody is free") && twiml.ends_with("<Hangup/></Response>"),
        "{twiml}"
    );
}
