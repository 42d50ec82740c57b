//! A party dies after any single write: what it left is found, nobody is held, and no telephone is asked for twice.

use std::sync::atomic::Ordering;

use trunkline_domain::{call_status::Report, operator::OperatorStatus};
use trunkline_service::Ctx;
use trunkline_telephony::form::RoomEvent;

use crate::world::{World, run, unless_dead};

const PEOPLE: [&str; 2] = ["a", "b"];

/// The first declines, the second talks, the caller hangs up: all of it by one party.
async fn declined_then_talked(world: &World, ctx: &Ctx) {
    world.answered(ctx).await;
    world.work(ctx).await;
    world.room(ctx, RoomEvent::Join, None).await;
    world.leg_answers(ctx, 1, false).await;
    world.leg_ends(ctx, 1).await;
    world.work(ctx).await;
    world.leg_answers(ctx, 2, false).await;
    world.leg_answers(ctx, 2, true).await;
    world.work(ctx).await;
    world.room(ctx, RoomEvent::Join, Some(2)).await;
    world.work(ctx).await;
    world.status(ctx, Report::Completed).await;
    world.work(ctx).await;
}

/// Nobody comes: the wait ends, and the caller is given the fallback.
async fn nobody_came(world: &World, ctx: &Ctx) {
    world.sets("a", OperatorStatus::Busy).await;
    world.answered(ctx).await;
    world.work(ctx).await;
    world.leg_ends(ctx, 1).await;
    world.work(ctx).await;
    for _ in 0..10 {
        world.clock.turn(chrono::Duration::seconds(10));
        // A party that has died ticks no more.
        let _ = trunkline_service::dialing::tick::tick(ctx, false).await;
        world.work(ctx).await;
    }
    world.status(ctx, Report::Completed).await;
    world.work(ctx).await;
}

async fn dies_anywhere(doing: impl AsyncFn(&World, &Ctx)) {
    for write in 1..120 {
        let world = World::new(&PEOPLE, |_| {}).await;
        world.dialled().await;
        let (ctx, dead) = world.mortal(write);
        unless_dead(doing(&world, &ctx)).await;
        let died = dead.load(Ordering::Relaxed);
        // Another party takes over: what is on the queue, and the clock.
        world.ends().await;
        world.is_clean(&PEOPLE).await;
        if !died {
            assert!(write > 10, "it made only {write} writes");
            return;
        }
    }
    panic!("the party has no last write");
}

#[test]
fn who_dies_while_one_declines_and_another_talks_leaves_nobody_held() {
    run(dies_anywhere(declined_then_talked));
}

#[test]
fn who_dies_while_nobody_comes_leaves_nobody_held() {
    run(dies_anywhere(nobody_came));
}
