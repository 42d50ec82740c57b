//! A call's state machine. Callbacks are separate requests: they overtake one
//! another, are repeated and get lost; whatever their order, a call ends the same.

use serde::{Deserialize, Serialize};

use crate::Outcome;

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "outcome")]
pub enum CallStatus {
    /// To be dialled at a set time.
    Scheduled,
    /// Claimed by a dialer that is about to ask the carrier, or has asked and not heard.
    Claimed,
    /// Certainly not placed; the same row is claimed again under the next epoch.
    Unsent,
    /// The carrier has it.
    Placed,
    /// The phone rings.
    Ringing,
    /// Somebody or something answered.
    Talking,
    /// Over.
    Ended(Outcome),
}

/// What the carrier says of a call, in any of its ways: callback, list, fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Accepted, waiting for its turn.
    Queued,
    /// Being dialled.
    Initiated,
    /// Ringing.
    Ringing,
    /// Answered.
    InProgress,
    /// Ended after an answer.
    Completed,
    /// The line was busy.
    Busy,
    /// It could not be placed.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// Withdrawn before an answer.
    Canceled,
}

impl Report {
    /// The end that this report means, when it means one.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Completed => Some(Outcome::Answered),
            Self::Busy => Some(Outcome::Busy),
            Self::Failed => Some(Outcome::Failed),
            Self::NoAnswer => Some(Outcome::NoAnswer),
            Self::Canceled => Some(Outcome::Cancelled),
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress => None,
        }
    }
}

/// What a report did to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The call moved on to this state, not yet an end.
    Moved(CallStatus),
    /// The call is over.
    Ended(Outcome),
    /// Late or repeated: no change.
    Stale,
}

impl CallStatus {
    /// Folds in what the carrier reports. Late or repeated reports are `Stale`, not errors.
    ///
    /// A `Completed` of a call that a machine answered is given its outcome by
    /// [`crate::Call::outcome_of`], which knows who answered.
    #[must_use]
    pub const fn observe(self, reported: Report) -> Step {
        if matches!(self, Self::Ended(_)) {
            return Step::Stale;
        }
        if let Some(outcome) = reported.outcome() {
            return Step::Ended(outcome);
        }
        let next = match reported {
            Report::Ringing => Self::Ringing,
            Report::InProgress => Self::Talking,
            Report::Queued
            | Report::Initiated
            | Report::Completed
            | Report::Busy
            | Report::Failed
            | Report::NoAnswer
            | Report::Canceled => Self::Placed,
        };
        if next.rank() > self.rank() {
            Step::Moved(next)
        } else {
            Step::Stale
        }
    }

    /// Over.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// The carrier may have it: it holds a slot and its number's lock.
    #[must_use]
    pub const fn holds_slot(self) -> bool {
        matches!(self, Self::Claimed | Self::Placed | Self::Ringing | Self::Talking)
    }

    /// How it ended.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Ended(outcome) => Some(outcome),
            Self::Scheduled | Self::Claimed | Self::Unsent | Self::Placed | Self::Ringing | Self::Talking => {
                None
            }
        }
    }

    /// States only ever rise.
    const fn rank(self) -> u8 {
        match self {
            Self::Scheduled => 0,
            Self::Unsent => 1,
            Self::Claimed => 2,
            Self::Placed => 3,
            Self::Ringing => 4,
            Self::Talking => 5,
            Self::Ended(_) => 6,
        }
    }

    /// The word by which lists filter: `scheduled queued ringing in_progress` or the outcome's.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Claimed | Self::Unsent | Self::Placed => "queued",
            Self::Ringing => "ringing",
            Self::Talking => "in_progress",
            Self::Ended(Outcome::Answered | Outcome::Voicemail) => "completed",
            Self::Ended(Outcome::NoAnswer) => "no_answer",
            Self::Ended(Outcome::Busy) => "busy",
            Self::Ended(Outcome::Failed | Outcome::Unknown) => "failed",
            Self::Ended(Outcome::Cancelled) => "cancelled",
        }
    }

    /// Every word that [`Self::word`] can answer.
    pub const WORDS: [&'static str; 9] = [
        "scheduled",
        "queued",
        "ringing",
        "in_progress",
        "completed",
        "no_answer",
        "busy",
        "failed",
        "cancelled",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(reports: &[Report]) -> CallStatus {
        reports.iter().fold(CallStatus::Claimed, |status, report| {
            match status.observe(*report) {
                Step::Moved(next) => next,
                Step::Ended(outcome) => CallStatus::Ended(outcome),
                Step::Stale => status,
            }
        })
    }

    #[test]
    fn ringing_after_completed_changes_nothing() {
        assert_eq!(
            fold(&[Report::Completed, Report::Ringing]),
            CallStatus::Ended(Outcome::Answered)
        );
    }

    #[test]
    fn a_lost_ringing_does_not_hold_up_the_answer() {
        assert_eq!(fold(&[Report::InProgress]), CallStatus::Talking);
    }

    fn one_calls_reports() -> impl Strategy<Value = Vec<Report>> {
        let end = prop_oneof![
            Just(Report::Completed),
            Just(Report::Busy),
            Just(Report::Failed),
            Just(Report::NoAnswer),
            Just(Report::Canceled)
        ];
        let before = prop::collection::vec(
            prop_oneof![
                Just(Report::Queued),
                Just(Report::Initiated),
                Just(Report::Ringing),
                Just(Report::InProgress)
            ],
            0..6,
        );
        (end, 1..4_usize, before).prop_map(|(end, times, mut all)| {
            all.extend(std::iter::repeat_n(end, times));
            all
        })
    }

    proptest! {
        #[test]
        fn any_order_and_repetition_ends_the_same(mut reports in one_calls_reports().prop_shuffle()) {
            let ended = fold(&reports);
            prop_assert!(ended.is_ended());
            reports.reverse();
            prop_assert_eq!(fold(&reports), ended);
            reports.extend(reports.clone());
            prop_assert_eq!(fold(&reports), ended);
        }
    }
}
