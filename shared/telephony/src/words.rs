//! The carrier's words for what the domain names itself.

use trunkline_domain::{AnsweredBy, call_status::Report};

/// A call's status: `queued initiated ringing in-progress completed busy failed no-answer canceled`.
///
/// `None`: no such word.
#[must_use]
pub fn report(word: &str) -> Option<Report> {
    match word {
        "queued" => Some(Report::Queued),
        "initiated" => Some(Report::Initiated),
        "ringing" => Some(Report::Ringing),
        "in-progress" => Some(Report::InProgress),
        "completed" => Some(Report::Completed),
        "busy" => Some(Report::Busy),
        "failed" => Some(Report::Failed),
        "no-answer" => Some(Report::NoAnswer),
        "canceled" => Some(Report::Canceled),
        _ => None,
    }
}

/// What answered. A word that the carrier adds one day counts as [`AnsweredBy::Unknown`]: a verdict
/// that we cannot read must not fail the callback that carries it.
#[must_use]
pub fn answered_by(word: &str) -> AnsweredBy {
    match word {
        "human" => AnsweredBy::Human,
        "machine_start" => AnsweredBy::MachineStart,
        "machine_end_beep" => AnsweredBy::MachineEndBeep,
        "machine_end_silence" => AnsweredBy::MachineEndSilence,
        "machine_end_other" => AnsweredBy::MachineEndOther,
        "fax" => AnsweredBy::Fax,
        _ => AnsweredBy::Unknown,
    }
}
