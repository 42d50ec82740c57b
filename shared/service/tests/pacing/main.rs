//! Dialling for human agents: the real pump over the real store, on a virtual clock. People talk, rest and leave; phones ring, are answered or
//! not; every request takes its time, so that pumps of several shards and campaigns meet.
//!
//! One seed gives one history; `TRUNKLINE_SEED=17` runs that one only, `TRUNKLINE_MODEL_SEEDS=10` runs more of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test may stop at the first surprise, and the seeds come from outside"
)]

mod day;
mod network;
mod phones;
mod setup;

use day::{Campaign, Day, Scene, run};
use trunkline_domain::pacing::{Pacing, STOP};

fn seeds() -> std::ops::Range<u64> {
    let asked = |name| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    match (asked("TRUNKLINE_SEED"), asked("TRUNKLINE_MODEL_SEEDS")) {
        (Some(one), _) => one..one + 1,
        (None, more) => 0..more.unwrap_or(1),
    }
}

fn one(pacing: Pacing) -> Vec<Campaign> {
    vec![Campaign {
        pacing,
        max_concurrent_calls: 30,
    }]
}

/// Nothing is left behind: whatever was counted as ringing has been given back.
fn settled(day: &Day) {
    assert!(day.dialled > 30 && day.answered > 5, "{day:?}");
    assert_eq!(day.still_ringing, 0, "{day:?}");
    assert_eq!(day.faults, Vec::<String>::new(), "{day:?}");
}

#[test]
fn one_number_each_never_rings_more_phones_than_people_are_free() {
    for seed in seeds() {
        let scene = Scene {
            seed,
            ..Scene::new(one(Pacing::Progressive))
        };
        let day = run(scene);
        settled(&day);
        assert!(day.most_too_many <= 0, "seed {seed}: {day:?}");
        assert_eq!(day.abandoned, 0, "seed {seed}: {day:?}");
    }
}

#[test]
fn nor_do_two_campaigns_of_five_shards_that_share_their_people() {
    for seed in seeds() {
        // The second one has four shards, so five pumps dial for the same people.
        let both = [30, 80].map(|max_concurrent_calls| Campaign {
            pacing: Pacing::Progressive,
            max_concurrent_calls,
        });
        let scene = Scene {
            seed,
            minutes: 5,
            ..Scene::new(both.to_vec())
        };
        let day = run(scene);
        settled(&day);
        assert!(day.most_too_many <= 0, "seed {seed}: {day:?}");
        assert_eq!(day.abandoned, 0, "seed {seed}: {day:?}");
        assert!(
            day.of_campaign.iter().all(|dialled| *dialled > 8),
            "seed {seed}: {day:?}"
        );
    }
}

#[test]
fn dialling_ahead_people_talk_more_and_the_share_of_the_abandoned_keeps_its_bound() {
    for seed in seeds() {
        let scene = |pacing| Scene {
            seed,
            minutes: 9,
            past: (2_000, 20),
            ..Scene::new(one(pacing))
        };
        let ahead = run(scene(Pacing::Predictive));
        let one_each = run(scene(Pacing::Progressive));
        settled(&ahead);
        settled(&one_each);
        eprintln!("seed {seed}: ahead {ahead:?}; one each {one_each:?}");
        assert!(
            ahead.dialled > one_each.dialled,
            "seed {seed}: {ahead:?} {one_each:?}"
        );
        assert!(
            ahead.talked_s > one_each.talked_s,
            "seed {seed}: {ahead:?} {one_each:?}"
        );
        assert!(ahead.highest_share <= STOP, "seed {seed}: {ahead:?}");
    }
}

#[test]
fn beside_a_campaign_that_dials_one_each_none_dials_ahead() {
    let both = [Pacing::Predictive, Pacing::Progressive].map(|pacing| Campaign {
        pacing,
        max_concurrent_calls: 30,
    });
    let scene = Scene {
        minutes: 4,
        past: (2_000, 0),
        ..Scene::new(both.to_vec())
    };
    let day = run(scene);
    settled(&day);
    assert!(day.most_too_many <= 0, "{day:?}");
}

#[test]
fn nobody_is_dialled_while_nobody_is_at_work() {
    let scene = Scene {
        minutes: 5,
        away_for_min: Some(3),
        ..Scene::new(one(Pacing::Predictive))
    };
    let day = run(scene);
    settled(&day);
    let first_s = day.first_dialled_s.unwrap();
    assert!(
        (180..183).contains(&first_s),
        "at once when the first one came: {day:?}"
    );
}
