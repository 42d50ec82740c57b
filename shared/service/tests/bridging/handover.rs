//! An AI agent hands its caller over.

use trunkline_domain::{
    VoiceAgentId,
    bridge::{Ending, Stage},
    call::Next,
    call_status::Report,
    counters::{TRANSFERRED, contribution},
    id::derived,
    operator::OperatorStatus,
};
use trunkline_service::{
    bridging::{Begun, Stands, begin_for_ai, stands},
    dialing::hooks::{self, Answer},
};
use trunkline_telephony::form::RoomEvent;

use crate::{
    carrier::CALLER,
    world::{World, person, run},
};

/// The AI agent talks, in stream 0.
async fn talks() -> World {
    let world = World::new(&["a"], |campaign| {
        campaign.voice_agent = Some(VoiceAgentId(derived("agent")));
        campaign.wait_s = 20;
    })
    .await;
    world.dialled().await;
    let answer = world.answered(&world.ctx).await;
    assert!(
        matches!(answer, Some(Answer::Stream { generation: 0, .. })),
        "{answer:?}"
    );
    assert_eq!(
        stands(&world.ctx, world.call).await.unwrap(),
        Stands::None,
        "no bridge yet"
    );
    world
}

async fn asks(world: &World) -> Begun {
    begin_for_ai(&world.ctx, &world.row().await).await.unwrap()
}

async fn next(world: &World, generation: u32) -> Answer {
    let asked = hooks::stream_ended(&world.ctx, world.call, 1, CALLER, generation).await;
    asked.unwrap()
}

#[test]
fn a_repeated_wish_has_somebody_rung_though_the_first_ones_message_was_lost() {
    run(async {
        let world = talks().await;
        asks(&world).await;
        while world.jobs.next().is_some() {}
        assert_eq!(asks(&world).await, Begun::Looking);
        world.work(&world.ctx).await;
        assert_eq!(world.carrier.rung().len(), 1);
    });
}

#[test]
fn the_caller_moves_only_when_somebody_has_accepted() {
    run(async {
        let world = talks().await;
        assert_eq!(asks(&world).await, Begun::Looking);
        assert_eq!(asks(&world).await, Begun::Looking, "asked again, nothing changes");
        world.work(&world.ctx).await;
        world.leg_answers(&world.ctx, 1, false).await;
        world.work(&world.ctx).await;
        assert_eq!(world.carrier.redirects(), 0);
        world.leg_answers(&world.ctx, 1, true).await;
        world.work(&world.ctx).await;
        assert_eq!(world.carrier.redirects(), 1);
        assert_eq!(world.row().await.next, Some(Next::Operator));
        assert_eq!(stands(&world.ctx, world.call).await.unwrap(), Stands::Coming);
        assert!(matches!(next(&world, 1).await, Answer::Room { leg: None, .. }));
        world.room(&world.ctx, RoomEvent::Join, Some(1)).await;
        world.pass(&world.ctx, 30).await;
        assert_eq!(world.carrier.redirects(), 1, "nobody is pulled out of the room");
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        let call = world.row().await;
        assert_eq!((call.operator, call.abandoned), (Some(person("a")), false));
        assert_eq!(call.disposition(), Some("transferred"));
        let sums = contribution(&call);
        assert_eq!(sums.0.get(TRANSFERRED), Some(&1));
        world.is_clean(&["a"]).await;
    });
}

#[test]
fn nobody_there_and_nobody_in_time_leave_the_caller_with_the_agent() {
    run(async {
        let world = talks().await;
        world.sets("a", OperatorStatus::Offline).await;
        assert_eq!(asks(&world).await, Begun::NobodyThere);
        world.sets("a", OperatorStatus::Busy).await;
        assert_eq!(asks(&world).await, Begun::Looking);
        world.pass(&world.ctx, 25).await;
        assert_eq!(stands(&world.ctx, world.call).await.unwrap(), Stands::Nobody);
        assert_eq!(world.carrier.redirects(), 0, "the agent still has the caller");
        world.sets("a", OperatorStatus::Available).await;
        assert_eq!(asks(&world).await, Begun::Looking, "a new wait");
        world.work(&world.ctx).await;
        assert!(matches!(world.stage().await, Stage::Ringing(leg) if leg.n == 1));
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        assert!(!world.row().await.abandoned);
        world.is_clean(&["a"]).await;
    });
}

#[test]
fn who_accepted_and_never_came_gives_the_caller_back_to_the_agent() {
    run(async {
        let world = talks().await;
        asks(&world).await;
        world.work(&world.ctx).await;
        world.leg_answers(&world.ctx, 1, true).await;
        world.work(&world.ctx).await;
        assert!(matches!(next(&world, 1).await, Answer::Room { .. }));
        world.leg_ends(&world.ctx, 1).await;
        world.work(&world.ctx).await;
        assert_eq!(
            world.stage().await,
            Stage::Over(Ending::Nobody),
            "there is no second"
        );
        assert_eq!(world.carrier.redirects(), 2);
        let back = next(&world, 1).await;
        assert!(matches!(back, Answer::Stream { generation: 1, .. }), "{back:?}");
        world.status(&world.ctx, Report::Completed).await;
        world.work(&world.ctx).await;
        assert!(!world.row().await.abandoned);
        world.is_clean(&["a"]).await;
    });
}
