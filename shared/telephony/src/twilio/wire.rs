//! The carrier's JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use crate::{CarrierCall, CarrierError, words};

/// The answer to a placed call, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct Placed {
    #[serde(default)]
    pub(super) sid: String,
}

/// Somebody in a conference, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct Participant {
    pub(super) call_sid: String,
}

/// An error's body.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) code: Option<u32>,
    /// Without telephone numbers: it is logged.
    #[serde(default, deserialize_with = "without_numbers")]
    pub(super) message: String,
}

/// So many digits in a row may be a telephone number.
const NUMBER: usize = 7;

fn without_numbers<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(at);
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let (digits, after) = digits.split_at(end.unwrap_or(digits.len()));
        shown.push_str(before);
        shown.push_str(if digits.len() < NUMBER { digits } else { "…" });
        rest = after;
    }
    shown.push_str(rest);
    Ok(shown)
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A page of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) calls: Vec<Call>,
    #[serde(default)]
    pub(super) next_page_uri: Option<String>,
}

/// A call. Numbers and dates are texts; absent ones are null.
#[derive(Debug, Deserialize)]
pub(super) struct Call {
    sid: String,
    status: String,
    #[serde(default)]
    to: Option<String>,
    /// RFC 2822, as `Tue, 31 Aug 2010 20:36:28 +0000`.
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    duration: Option<String>,
    #[serde(default)]
    answered_by: Option<String>,
}

impl TryFrom<Call> for CarrierCall {
    type Error = CarrierError;
    fn try_from(call: Call) -> Result<Self, CarrierError> {
        let report = words::report(&call.status);
        let created = call
            .date_created
            .as_deref()
            .map(DateTime::parse_from_rfc2822)
            .transpose();
        let duration = call
            .duration
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(str::parse)
            .transpose();
        Ok(Self {
            report: report
                .ok_or_else(|| unreadable(&format!("call {}: status {}", call.sid, call.status)))?,
            to: call.to.and_then(|to| to.parse().ok()),
            created_at: created
                .map_err(|error| unreadable(&format!("call {}: date_created: {error}", call.sid)))?
                .map(|at| at.with_timezone(&Utc)),
            duration_s: duration.map_err(|_| unreadable(&format!("call {}: duration", call.sid)))?,
            answered_by: call
                .answered_by
                .filter(|word| !word.is_empty())
                .map(|word| words::answered_by(&word)),
            sid: call.sid,
        })
    }
}

/// An answer that is not of the documented shape: asked again later, as if there had been none.
pub(super) fn unreadable(what: &str) -> CarrierError {
    CarrierError::Unreachable(format!("its answer cannot be read: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::{AnsweredBy, call_status::Report};

    #[test]
    fn a_documented_call_is_read() {
        let call: Call = serde_json::from_str(
            r#"{"sid":"CA1","status":"completed","to":"+14155550100","from":"+14155550111","duration":"15",
                "date_created":"Tue, 31 Aug 2010 20:36:28 +0000","answered_by":"machine_end_beep","price":null}"#,
        )
        .unwrap();
        let call = CarrierCall::try_from(call).unwrap();
        assert_eq!(call.created_at.unwrap().to_rfc3339(), "2010-08-31T20:36:28+00:00");
        assert_eq!((call.report, call.duration_s), (Report::Completed, Some(15)));
        assert_eq!(call.answered_by, Some(AnsweredBy::MachineEndBeep));
    }

    #[test]
    fn a_queued_call_has_little_to_tell() {
        let call: Call = serde_json::from_str(
            r#"{"sid":"CA1","status":"queued","to":"client:joe","duration":null,"date_created":null,"answered_by":null}"#,
        )
        .unwrap();
        let call = CarrierCall::try_from(call).unwrap();
        assert_eq!(
            (call.to, call.created_at, call.duration_s, call.answered_by),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_problem_names_no_telephone() {
        let body =
            r#"{"code":21211,"message":"'To' +14155550100 is not valid (5 of 123456), nor is 4155550"}"#;
        let problem: Problem = serde_json::from_str(body).unwrap();
        let said = "21211 'To' +… is not valid (5 of 123456), nor is …";
        assert_eq!(problem.to_string(), said);
    }

    #[test]
    fn an_unknown_status_is_not_guessed() {
        let call: Call = serde_json::from_str(r#"{"sid":"CA1","status":"dreaming"}"#).unwrap();
        assert!(matches!(
            CarrierCall::try_from(call),
            Err(CarrierError::Unreachable(_))
        ));
    }
}
