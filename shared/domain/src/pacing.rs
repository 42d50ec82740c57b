//! How many numbers a campaign whose calls humans take dials at once.
//!
//! Dialling one number for each free person (progressive) leaves people waiting for someone to answer. Dialling more
//! (predictive) now and then reaches somebody whom nobody can talk to: an abandoned call. Of the answered calls of a campaign at most
//! [`LAW`] may be abandoned over 30 days (47 CFR 64.1200(a)(7)), so what is dialled ahead keeps two bounds: what is *expected* to be
//! abandoned stays below a share that shrinks to nothing between [`SLOW`] and [`STOP`], and if *everybody* answered at once, the share would still
//! be below [`STOP`]. The second needs no estimate to be right.

use serde::{Deserialize, Serialize};

/// The share of answered calls from which on less is dialled ahead.
pub const SLOW: f64 = 0.02;
/// The share at which nothing is dialled ahead any more.
pub const STOP: f64 = 0.025;
/// The law's share.
pub const LAW: f64 = 0.03;

/// How a campaign dials for its people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pacing {
    /// One number for each free person.
    #[default]
    Progressive,
    /// Ahead of those about to be free, and of those who will not answer.
    Predictive,
}

impl Pacing {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Progressive, Self::Predictive];

    /// As it is written and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Progressive => "progressive",
            Self::Predictive => "predictive",
        }
    }
}

/// What is known when a round of dialling begins.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gauge {
    /// People who could take a call now, whom no call waits for.
    pub free: u32,
    /// People who talk.
    pub talking: u32,
    /// Calls that are placed and neither answered nor over.
    pub in_flight: u32,
    /// Whether some of these are other campaigns' that the same people take.
    pub shared: bool,
    /// Of the campaign's latest calls: how many were placed.
    pub recent_placed: u32,
    /// And how many of these were answered by a person.
    pub recent_answered: u32,
    /// Calls answered by a person in the last 30 days, abandoned ones included.
    pub answered: u32,
    /// Those of them that nobody took.
    pub abandoned: u32,
    /// From the call being placed to its being answered, in seconds, on average.
    pub mean_answer_s: f64,
    /// From the answer to the person being free again, in seconds, on average.
    pub mean_busy_s: f64,
}

/// How many numbers to dial now.
#[must_use]
pub fn dial_now(pacing: Pacing, gauge: &Gauge) -> u32 {
    let one_each = gauge.free.saturating_sub(gauge.in_flight);
    match pacing {
        Pacing::Progressive => one_each,
        Pacing::Predictive => one_each.max(gauge.ahead()),
    }
}

impl Gauge {
    fn ahead(&self) -> u32 {
        let share = self.share();
        if share >= STOP {
            return 0;
        }
        let target = SLOW * ((STOP - share) / (STOP - SLOW)).min(1.0);
        let answer_rate = self.answer_rate();
        let takers = self.free + self.soon_free();
        (0..=self.most())
            .take_while(|more| {
                let lines = self.in_flight + more;
                let answers = f64::from(lines) * answer_rate;
                lines <= takers || expected_over(lines, answer_rate, takers) <= target * answers
            })
            .last()
            .unwrap_or(0)
            // Those about to be free may be late: everybody answering must not break the bound either.
            .min(self.most_at_worst())
    }

    fn share(&self) -> f64 {
        if self.answered == 0 {
            0.0
        } else {
            f64::from(self.abandoned) / f64::from(self.answered)
        }
    }

    /// How many more may be dialled so that, if all lines were answered at once and nobody became free, the share were still below [`STOP`].
    fn most_at_worst(&self) -> u32 {
        (0..=self.most())
            .take_while(|more| {
                let lines = self.in_flight + more;
                let over = lines.saturating_sub(self.free);
                // Of lines that may be others', all that are too many may be this campaign's, and none of the rest.
                let answered = if self.shared { over } else { lines };
                over == 0 || f64::from(self.abandoned + over) <= STOP * f64::from(self.answered + answered)
            })
            .last()
            .unwrap_or(0)
    }

    /// Five numbers a person is more than any answer rate that is worth calling needs.
    const fn most(&self) -> u32 {
        self.free.saturating_add(self.talking).saturating_mul(5)
    }

    /// The share of calls that a person answers: of the latest ones, and one standard deviation more, since to expect too few answers is
    /// what abandons calls. Nothing known: nearly all.
    fn answer_rate(&self) -> f64 {
        let placed = f64::from(self.recent_placed) + 2.0;
        let rate = (f64::from(self.recent_answered.min(self.recent_placed)) + 1.0) / placed;
        (rate + (rate * (1.0 - rate) / placed).sqrt()).min(1.0)
    }

    /// How many of those who talk will be free when a call placed now is answered: what is expected less one standard deviation.
    /// Talks are taken to end as if by chance, which knows nothing of how long one has lasted.
    fn soon_free(&self) -> u32 {
        if self.mean_busy_s <= 0.0 {
            return 0;
        }
        let chance = 1.0 - (-self.mean_answer_s.max(0.0) / self.mean_busy_s).exp();
        let mean = f64::from(self.talking) * chance;
        let sure = mean - (mean * (1.0 - chance)).sqrt();
        (0..=self.talking)
            .take_while(|people| f64::from(*people) <= sure)
            .last()
            .unwrap_or(0)
    }
}

/// How many answers more than `takers` are to be expected of so many lines, each answered with this chance by itself.
fn expected_over(lines: u32, chance: f64, takers: u32) -> f64 {
    if chance >= 1.0 {
        return f64::from(lines.saturating_sub(takers));
    }
    // The binomial distribution, term by term from nobody on.
    let odds = chance / (1.0 - chance);
    let mut term = (f64::from(lines) * (1.0 - chance).ln()).exp();
    let mut over = 0.0;
    for answers in 0..=lines {
        over += term * f64::from(answers.saturating_sub(takers));
        term *= odds * f64::from(lines - answers) / f64::from(answers + 1);
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauge() -> Gauge {
        Gauge {
            free: 4,
            talking: 16,
            recent_placed: 200,
            recent_answered: 40,
            answered: 2_000,
            abandoned: 10,
            mean_answer_s: 8.0,
            mean_busy_s: 120.0,
            ..Gauge::default()
        }
    }

    #[test]
    fn progressive_dials_one_number_a_free_person() {
        let busy = Gauge {
            in_flight: 3,
            ..gauge()
        };
        assert_eq!(dial_now(Pacing::Progressive, &busy), 1);
        let full = Gauge {
            in_flight: 9,
            ..gauge()
        };
        assert_eq!(dial_now(Pacing::Progressive, &full), 0);
    }

    #[test]
    fn predictive_dials_the_more_the_fewer_answer() {
        let few = dial_now(Pacing::Predictive, &gauge());
        let many = dial_now(
            Pacing::Predictive,
            &Gauge {
                recent_answered: 160,
                ..gauge()
            },
        );
        assert!(few > many && many >= 4, "{few} {many}");
    }

    #[test]
    fn what_rings_already_counts() {
        let none = dial_now(Pacing::Predictive, &gauge());
        let some = Gauge {
            in_flight: 5,
            ..gauge()
        };
        assert_eq!(dial_now(Pacing::Predictive, &some), none - 5);
    }

    #[test]
    fn near_the_bound_it_slows_and_at_it_dials_one_each() {
        let at = |abandoned| dial_now(Pacing::Predictive, &Gauge { abandoned, ..gauge() });
        assert!(at(10) > at(44), "{} {}", at(10), at(44));
        assert_eq!(at(50), 4);
    }

    #[test]
    fn a_campaign_that_knows_nothing_yet_dials_one_each() {
        let new = Gauge {
            recent_placed: 0,
            recent_answered: 0,
            answered: 0,
            abandoned: 0,
            ..gauge()
        };
        assert_eq!(dial_now(Pacing::Predictive, &new), 4);
    }

    #[test]
    fn among_other_campaigns_the_worst_case_counts_only_those_too_many() {
        let dials = |shared| {
            let gauge = Gauge {
                shared,
                free: 10,
                answered: 1_000,
                abandoned: 23,
                ..gauge()
            };
            gauge.most_at_worst()
        };
        // Two too many of twelve answered: 25 of 1,012 are below 2.5 %, and 25 of 1,002 at 2.495 %; 26 of 1,013 are not.
        assert_eq!((dials(false), dials(true)), (12, 12));
        let at_bound = Gauge {
            shared: true,
            free: 10,
            answered: 990,
            abandoned: 23,
            ..gauge()
        };
        assert_eq!(at_bound.most_at_worst(), 11);
        let alone = Gauge {
            shared: false,
            ..at_bound
        };
        assert_eq!(alone.most_at_worst(), 12);
    }

    #[test]
    fn the_expected_excess_is_the_binomial_one() {
        // Two coins, one taker: both heads a quarter of the time.
        assert!((expected_over(2, 0.5, 1) - 0.25).abs() < 1e-12);
        assert!((expected_over(3, 1.0, 1) - 2.0).abs() < 1e-12);
        assert!((expected_over(10, 0.3, 0) - 3.0).abs() < 1e-9);
    }
}
