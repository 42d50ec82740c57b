//! The figures of some calls.

use trunkline_domain::{
    Outcome, Usd,
    counters::{CALLS, COST_MICROS, DURATION_S, outcome_counter},
};
use trunkline_store::Sums;

use crate::ratios::{self, average};

const ANSWERED: &str = outcome_counter(Outcome::Answered);
const VOICEMAIL: &str = outcome_counter(Outcome::Voicemail);

/// The sums that figures are made of.
pub(super) const NAMES: [&str; 5] = [CALLS, DURATION_S, COST_MICROS, ANSWERED, VOICEMAIL];

/// Figures of calls that are over.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// Calls that are over.
    pub total: i64,
    /// Those that somebody or something answered.
    pub completed: i64,
    /// The rest.
    pub failed: i64,
    /// Completed calls in percent of all, to one place.
    pub success_rate: f64,
    /// Seconds of a completed call.
    pub average_duration_s: i64,
    /// What all cost.
    pub total_cost: Usd,
    /// What one cost.
    pub cost_per_call: Usd,
}

impl Figures {
    /// Out of sums.
    pub(super) fn of(sums: &Sums) -> Self {
        let total = sums.get(CALLS);
        let completed = sums.get(ANSWERED) + sums.get(VOICEMAIL);
        let cost = sums.get(COST_MICROS);
        Self {
            total,
            completed,
            failed: total - completed,
            success_rate: percent(completed, total),
            average_duration_s: average(sums.get(DURATION_S), completed),
            total_cost: Usd::from_micros(cost),
            cost_per_call: Usd::from_micros(average(cost, total)),
        }
    }
}

/// To one place, as the document shows them.
pub(super) fn percent(part: i64, whole: i64) -> f64 {
    ratios::percent(part, whole, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_the_documents_own() {
        let shares = [
            (1_200, 1_250),
            (850, 1_250),
            (234, 1_250),
            (156, 1_250),
            (145, 1_250),
        ];
        let shares = shares.map(|(part, whole)| percent(part, whole).to_string());
        assert_eq!(shares, ["96", "68", "18.7", "12.5", "11.6"]);
        assert_eq!((percent(1, 0).to_string(), average(7, 0)), ("0".to_owned(), 0));
    }
}
