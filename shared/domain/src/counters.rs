//! What a call adds to the totals. Every write that changes it applies new − old,
//! so deletes and late analysis keep the totals exact.

use std::collections::BTreeMap;

use crate::{Call, CallStatus, Outcome};

/// Named sums; money in micro-dollars, times in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(pub BTreeMap<&'static str, i64>);

/// Ended calls.
pub const CALLS: &str = "calls";
/// Seconds of all ended calls.
pub const DURATION_S: &str = "duration_s";
/// Cost of all ended calls, in micro-dollars.
pub const COST_MICROS: &str = "cost_micros";
/// Ended calls with a recording.
pub const RECORDINGS: &str = "recordings";

impl Counters {
    /// What must be added to go from `old` to this.
    #[must_use]
    pub fn minus(&self, old: &Self) -> Self {
        let mut delta = self.0.clone();
        for (name, value) in &old.0 {
            *delta.entry(name).or_default() -= value;
        }
        delta.retain(|_, value| *value != 0);
        Self(delta)
    }

    /// Nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The counter's name of an outcome.
#[must_use]
pub const fn outcome_counter(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "o_answered",
        Outcome::Voicemail => "o_voicemail",
        Outcome::NoAnswer => "o_no_answer",
        Outcome::Busy => "o_busy",
        Outcome::Failed => "o_failed",
        Outcome::Cancelled => "o_cancelled",
        Outcome::Unknown => "o_unknown",
    }
}

/// What this call adds to the totals; nothing before it has ended.
#[must_use]
pub fn contribution(call: &Call) -> Counters {
    let CallStatus::Ended(outcome) = call.status else {
        return Counters::default();
    };
    let mut sums = BTreeMap::from([(CALLS, 1), (outcome_counter(outcome), 1)]);
    sums.insert(DURATION_S, i64::from(call.duration_s));
    sums.insert(COST_MICROS, call.cost.micros());
    sums.insert(RECORDINGS, i64::from(call.recording.is_some()));
    if let Some(analysis) = &call.analysis {
        let name = match analysis.sentiment.as_str() {
            "positive" => "s_positive",
            "negative" => "s_negative",
            _ => "s_neutral",
        };
        sums.insert(name, 1);
    }
    sums.retain(|_, value| *value != 0);
    Counters(sums)
}
