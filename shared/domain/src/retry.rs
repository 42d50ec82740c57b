//! When a lead is tried again.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::{Instant, Outcome, error::FieldError};

/// A campaign's retry policy. The default is the Dialer document's example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; 1 to 20.
    pub max_attempts: u32,
    /// Minutes between two attempts; 0 to 10,080 (a week).
    pub delay_minutes: u32,
    /// Try again when nobody answered.
    pub retry_on_no_answer: bool,
    /// Try again when the line was busy.
    pub retry_on_busy: bool,
    /// Try again when a machine answered.
    pub retry_on_voicemail: bool,
    /// Try again when the carrier failed the call.
    pub retry_on_failed: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            delay_minutes: 60,
            retry_on_no_answer: true,
            retry_on_busy: true,
            retry_on_voicemail: false,
            retry_on_failed: false,
        }
    }
}

/// What becomes of a lead after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterAttempt {
    /// Reached: nothing more to do.
    Reached,
    /// Tried again at this instant.
    RetryAt(Instant),
    /// Attempts used up, or no retry for this outcome.
    GivenUp,
}

impl RetryPolicy {
    /// What to do after the `attempt`-th attempt (counted from 1) ended with `outcome`.
    #[must_use]
    pub fn after(&self, attempt: u32, outcome: Outcome, ended_at: Instant) -> AfterAttempt {
        let again = match outcome {
            Outcome::Answered => return AfterAttempt::Reached,
            Outcome::Voicemail if !self.retry_on_voicemail => return AfterAttempt::Reached,
            Outcome::Voicemail => self.retry_on_voicemail,
            Outcome::NoAnswer => self.retry_on_no_answer,
            Outcome::Busy => self.retry_on_busy,
            Outcome::Failed => self.retry_on_failed,
            // A withdrawn call was somebody's decision; an unknown one may have rung: neither is repeated by itself.
            Outcome::Cancelled | Outcome::Unknown => false,
        };
        if again && attempt < self.max_attempts {
            AfterAttempt::RetryAt(ended_at + Duration::minutes(i64::from(self.delay_minutes)))
        } else {
            AfterAttempt::GivenUp
        }
    }

    /// What is out of range, with the field's name below `retry_policy`.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !(1..=20).contains(&self.max_attempts) {
            errors.push(FieldError::new("retry_policy.max_attempts", "must be 1 to 20"));
        }
        if self.delay_minutes > 10_080 {
            errors.push(FieldError::new(
                "retry_policy.delay_minutes",
                "must be 0 to 10080 (a week)",
            ));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(minute: u32) -> Instant {
        chrono::Utc.with_ymd_and_hms(2026, 1, 5, 10, minute, 0).unwrap()
    }

    #[test]
    fn no_answer_is_tried_again_after_the_delay() {
        let policy = RetryPolicy {
            delay_minutes: 30,
            ..RetryPolicy::default()
        };
        assert_eq!(
            policy.after(1, Outcome::NoAnswer, at(0)),
            AfterAttempt::RetryAt(at(30))
        );
    }

    #[test]
    fn the_last_attempt_is_the_last() {
        let policy = RetryPolicy {
            max_attempts: 2,
            ..RetryPolicy::default()
        };
        assert_eq!(policy.after(2, Outcome::Busy, at(0)), AfterAttempt::GivenUp);
    }

    #[test]
    fn a_person_reached_is_never_called_again() {
        assert_eq!(
            RetryPolicy::default().after(1, Outcome::Answered, at(0)),
            AfterAttempt::Reached
        );
    }

    #[test]
    fn an_unknown_end_is_not_repeated_since_the_phone_may_have_rung() {
        assert_eq!(
            RetryPolicy::default().after(1, Outcome::Unknown, at(0)),
            AfterAttempt::GivenUp
        );
    }
}
