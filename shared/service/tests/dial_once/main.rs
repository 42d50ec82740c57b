//! Dial-once under fire: the real services over the real store, on a virtual clock, against a
//! carrier and a network that lose, repeat and delay; parties die after any write and freeze.
//!
//! One seed gives one history. `TRUNKLINE_SEED=17` runs that one only; `TRUNKLINE_MODEL_SEEDS=500`
//! runs more of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    missing_docs,
    reason = "a test may stop at the first surprise, and the seeds come from outside"
)]

mod audit;
mod carrier;
mod network;
mod order;
mod rows;
mod scene;
mod setup;
mod verdict;
mod world;

use chrono::Duration;
use scene::{Scene, Weather};
use verdict::Verdict;
use world::run;

fn seeds(least: u64) -> std::ops::Range<u64> {
    let asked = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    match (asked("TRUNKLINE_SEED"), asked("TRUNKLINE_MODEL_SEEDS")) {
        (Some(one), _) => one..one + 1,
        (None, more) => 0..least.max(more.unwrap_or(0)),
    }
}

/// Runs a world in which nothing may go wrong.
fn holds(seed: u64, scene: &Scene) -> Verdict {
    let verdict = run(seed, scene);
    assert!(
        verdict.faults.is_empty(),
        "{} seed {seed}; `TRUNKLINE_SEED={seed} cargo test -p trunkline-service --test dial_once {}` replays it: {verdict:#?}",
        std::thread::current().name().unwrap_or("a world"),
        std::thread::current().name().unwrap_or(""),
    );
    assert!(
        verdict.placed + verdict.dnc >= verdict.leads,
        "seed {seed}: some lead was never dialled: {verdict:?}"
    );
    verdict
}

/// A safeguard is needed: with it these worlds are sound, without it some shows the fault that it
/// keeps away.
fn needed(scene: &Scene, without: &Scene, fault: &str) {
    for seed in seeds(SEEDS) {
        holds(seed, scene);
    }
    let found = seeds(SEEDS).find(|seed| run(*seed, without).shows(fault));
    assert!(
        found.is_some(),
        "the model does not notice that a safeguard is missing"
    );
}

const SEEDS: u64 = 4;

#[test]
fn nobody_is_called_twice_and_nobody_is_forgotten() {
    for seed in seeds(SEEDS) {
        holds(seed, &Scene::storm());
    }
}

#[test]
fn one_seed_gives_one_history() {
    let scene = Scene::storm();
    assert_eq!(run(7, &scene), run(7, &scene));
}

#[test]
fn without_the_number_lock_one_number_is_in_two_calls() {
    let without = Scene::storm().with_protocol(|protocol| protocol.number_lock = false);
    let found = seeds(SEEDS).find(|seed| run(*seed, &without).shows("overlap"));
    assert!(
        found.is_some(),
        "the model does not notice that the lock is missing"
    );
}

#[test]
fn without_the_post_deadline_a_frozen_dialer_calls_again() {
    let scene = Scene::frozen();
    let without = scene
        .clone()
        .with_protocol(|protocol| protocol.post_deadline = false);
    needed(&scene, &without, "double");
}

#[test]
fn with_a_settle_time_below_the_lists_lag_somebody_is_called_twice() {
    let scene = Scene::lagging();
    let without = scene
        .clone()
        .with_protocol(|protocol| protocol.settle = Duration::seconds(1));
    needed(&scene, &without, "double");
}

/// Runs a calm world again and again; each time one party dies after its next write.
fn dies_anywhere(role: fn(&mut Scene) -> &mut Weather) {
    for write in 1..200 {
        let mut scene = Scene::calm();
        role(&mut scene).dies_after_write = Some(write);
        if !holds(1, &scene).died {
            assert!(write > 5, "it made only {write} writes");
            return;
        }
    }
    panic!("the party has no last write");
}

#[test]
fn a_dialer_may_die_after_any_write() {
    dies_anywhere(|scene| &mut scene.dialers);
}

#[test]
fn a_hook_may_die_after_any_write() {
    dies_anywhere(|scene| &mut scene.hooks);
}
