//! A day of calls, second by second: what pacing promises holds with answer rates that change under it.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use std::collections::VecDeque;

use trunkline_domain::pacing::{Gauge, Pacing, STOP, dial_now};

const PEOPLE: usize = 20;
const HOURS: f64 = 8.0;

/// Chance from a seed (SplitMix64; Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        f64::from(u32::try_from(z >> 32).unwrap()) / f64::from(u32::MAX)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.roll()
    }

    /// Talks end as if by chance, 110 s on average.
    fn talk_s(&mut self) -> f64 {
        (-self.between(1e-9, 1.0).ln() * 110.0).clamp(5.0, 1_200.0)
    }

    /// One person in twenty goes for a break after a call.
    fn rest_s(&mut self) -> f64 {
        if self.roll() < 0.05 { 300.0 } else { 10.0 }
    }
}

struct Line {
    rings_until_s: f64,
    answered: bool,
}

#[derive(Debug, Default)]
struct Day {
    answered: u32,
    abandoned: u32,
    highest_share: f64,
    talked_s: f64,
}

fn count<T>(of: impl Iterator<Item = T>) -> u32 {
    u32::try_from(of.count()).unwrap()
}

fn day(pacing: Pacing, seed: u64, answer_rate: impl Fn(f64) -> f64) -> Day {
    let mut dice = Dice(seed);
    let mut lines: Vec<Line> = Vec::new();
    let mut busy_until_s = [0.0; PEOPLE];
    let mut recent: VecDeque<bool> = VecDeque::new();
    let mut day = Day::default();
    let mut now = 0.0;
    while now < HOURS * 3_600.0 {
        let (over, open): (Vec<Line>, Vec<Line>) =
            lines.into_iter().partition(|line| line.rings_until_s <= now);
        lines = open;
        for line in over {
            recent.push_back(line.answered);
            if recent.len() > 100 {
                recent.pop_front();
            }
            if line.answered {
                day.answered += 1;
                if let Some(until) = busy_until_s.iter_mut().find(|until| **until <= now) {
                    let talk = dice.talk_s();
                    *until = now + talk + dice.rest_s();
                    day.talked_s += talk;
                } else {
                    day.abandoned += 1;
                }
                let share = f64::from(day.abandoned) / f64::from(day.answered);
                day.highest_share = day.highest_share.max(share);
            }
        }
        let free = count(busy_until_s.iter().filter(|until| **until <= now));
        let gauge = Gauge {
            free,
            talking: count(busy_until_s.iter()) - free,
            in_flight: count(lines.iter()),
            recent_placed: count(recent.iter()),
            recent_answered: count(recent.iter().filter(|answered| **answered)),
            answered: day.answered,
            abandoned: day.abandoned,
            mean_answer_s: 8.0,
            mean_busy_s: 135.0,
            ..Gauge::default()
        };
        for _ in 0..dial_now(pacing, &gauge) {
            let answered = dice.roll() < answer_rate(now / 3_600.0);
            let rings_s = if answered {
                dice.between(3.0, 14.0)
            } else {
                dice.between(4.0, 26.0)
            };
            lines.push(Line {
                rings_until_s: now + rings_s,
                answered,
            });
        }
        now += 1.0;
    }
    day
}

/// Shares of answered calls by the hour of the day.
type Rate = fn(f64) -> f64;

const RATES: [(&str, Rate); 5] = [
    ("one in five", |_| 0.2),
    ("three in five", |_| 0.6),
    ("slowly up and down", |hour| 0.3 + 0.25 * (hour * 1.7).sin()),
    ("from few to many and back each hour", |hour| {
        if hour % 2.0 < 1.0 { 0.08 } else { 0.7 }
    }),
    ("more and more", |hour| 0.05 + 0.1 * hour),
];

#[test]
fn however_many_answer_the_abandoned_share_stays_below_the_bound_all_day() {
    for (name, rate) in RATES {
        for seed in 1..=3 {
            let day = day(Pacing::Predictive, seed, rate);
            assert!(day.answered > 2_000, "{name}, seed {seed}: {day:?}");
            assert!(day.highest_share <= STOP, "{name}, seed {seed}: {day:?}");
        }
    }
}

#[test]
fn when_few_answer_people_talk_more_than_with_one_number_each() {
    let ahead = day(Pacing::Predictive, 1, RATES[0].1);
    let one_each = day(Pacing::Progressive, 1, RATES[0].1);
    assert_eq!(one_each.abandoned, 0);
    assert!(
        ahead.talked_s > 1.15 * one_each.talked_s,
        "{ahead:?} {one_each:?}"
    );
}
