//! One bridged call: whatever the order and repetition of what the carrier tells of it, it ends clean.

use proptest::prelude::*;
use trunkline_domain::{AnsweredBy, Outcome, call_status::Report};
use trunkline_service::dialing::hooks;
use trunkline_telephony::form::RoomEvent;

use crate::{
    carrier::CALLER,
    world::{World, person, run},
};

/// Something that the carrier tells, after the caller has answered.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Answered,
    Human,
    CallerJoins,
    CallerLeaves,
    CallerEnds,
    LegAnswers,
    LegAccepts,
    LegJoins,
    LegLeaves,
    LegEnds,
    Clock,
    Jobs,
}

/// All of it, in the order in which it happens.
const HISTORY: [Told; 12] = [
    Told::Answered,
    Told::Jobs,
    Told::CallerJoins,
    Told::Human,
    Told::LegAnswers,
    Told::LegAccepts,
    Told::LegJoins,
    Told::Clock,
    Told::LegLeaves,
    Told::LegEnds,
    Told::CallerLeaves,
    Told::CallerEnds,
];

async fn tell(world: &World, told: Told) {
    let ctx = &world.ctx;
    match told {
        Told::Answered => _ = world.answered(ctx).await,
        Told::Human => _ = hooks::amd(ctx, world.call, 1, CALLER, AnsweredBy::Human).await,
        Told::CallerJoins => world.room(ctx, RoomEvent::Join, None).await,
        Told::CallerLeaves => world.room(ctx, RoomEvent::Leave, None).await,
        Told::CallerEnds => world.status(ctx, Report::Completed).await,
        Told::LegAnswers => _ = world.leg_answers(ctx, 1, false).await,
        Told::LegAccepts => _ = world.leg_answers(ctx, 1, true).await,
        Told::LegJoins => world.room(ctx, RoomEvent::Join, Some(1)).await,
        Told::LegLeaves => world.room(ctx, RoomEvent::Leave, Some(1)).await,
        Told::LegEnds => world.leg_ends(ctx, 1).await,
        Told::Clock => world.pass(ctx, 1).await,
        Told::Jobs => world.work(ctx).await,
    }
}

/// The call in this order: all of it told at least once, and its end in the end.
async fn came_of(people: &[&str], told: &[Told]) -> World {
    let world = World::new(people, |_| {}).await;
    world.dialled().await;
    tell(&world, Told::Answered).await;
    world.work(&world.ctx).await;
    for told in told {
        tell(&world, *told).await;
    }
    // What is still to come: the second telephone, where one was rung, is hung up and says so.
    world.work(&world.ctx).await;
    world.ends().await;
    world
}

fn histories() -> impl Strategy<Value = Vec<Told>> {
    let times = prop::collection::vec(1..3_usize, HISTORY.len());
    times.prop_flat_map(|times| {
        let all: Vec<Told> = HISTORY
            .into_iter()
            .zip(times)
            .flat_map(|(told, times)| std::iter::repeat_n(told, times))
            .collect();
        Just(all).prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_whatever_order_it_is_told_it_ends_clean(told in histories(), many in any::<bool>()) {
        let people: &[&str] = if many { &["a", "b", "c"] } else { &["a"] };
        run(async {
            let world = came_of(people, &told).await;
            world.is_clean(people).await;
            assert_eq!(world.row().await.status.outcome(), Some(Outcome::Answered));
            let (call, bridge) = (world.row().await, world.bridge().await.unwrap());
            assert_eq!(call.operator, bridge.talked);
            assert_eq!(call.abandoned, bridge.is_abandoned());
            // That they talked is known unless all of it was told after the call's end.
            let at = |what: Told| told.iter().position(|told| *told == what).unwrap();
            if at(Told::LegJoins).min(at(Told::LegLeaves)) < at(Told::CallerEnds) {
                assert_eq!((call.operator, call.abandoned), (Some(person("a")), false));
            }
        });
    }
}

#[test]
fn in_order_they_talk() {
    run(async {
        let world = came_of(&["a"], &HISTORY).await;
        world.is_clean(&["a"]).await;
        assert_eq!(world.row().await.operator, Some(person("a")));
        assert_eq!(world.operator("a").await.total_calls, 1);
        assert_eq!(world.carrier.rung().len(), 1);
    });
}
