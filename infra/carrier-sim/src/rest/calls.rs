//! Calls listed and fetched.

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use serde_json::Value;

use super::{
    Shared,
    error::ApiError,
    form::{BAD_REQUEST, Form, wrong},
    json,
    paging::Paging,
    stem,
};
use crate::{
    call::Status,
    clock::{self, Moment},
    ledger::{CallFilter, Page, Span},
};

pub(super) async fn list(
    State(switch): Shared,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let paging = Paging::read(uri.path(), uri.query())?;
    let form = Form::read(uri.query().unwrap_or_default().as_bytes());
    let mut filter = filter(&form)?;
    let now = clock::now();
    let hidden_since = |ms: u64| now - TimeDelta::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX / 1000));
    filter.hidden = switch
        .faults
        .list_lags()
        .into_iter()
        .map(|(to, ms)| (to, hidden_since(ms)))
        .collect();
    let page = Page {
        size: paging.size,
        skip: paging.skip(),
        after: paging.after.clone(),
    };
    let (calls, more) = switch.ledger.calls(filter, page).await?;
    let entries = calls
        .iter()
        .map(|call| json::call(&switch, call, false))
        .collect();
    Ok(Json(paging.answer("calls", entries, more)))
}

pub(super) async fn fetch(
    State(switch): Shared,
    Path((_, last)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let sid = stem(&last, uri.path())?;
    let call = switch
        .ledger
        .call(sid)
        .await?
        .ok_or_else(|| ApiError::not_found(uri.path()))?;
    Ok(Json(json::call(&switch, &call, false)))
}

fn filter(form: &Form) -> Result<CallFilter, ApiError> {
    let status = match form.text("Status") {
        None => None,
        Some(name) => {
            let known = Status::parse(name)
                .ok_or_else(|| wrong(BAD_REQUEST, "Status", name, "a call status such as ringing"));
            Some(known?)
        }
    };
    Ok(CallFilter {
        to: form.text("To").map(str::to_owned),
        from: form.text("From").map(str::to_owned),
        parent_sid: form.text("ParentCallSid").map(str::to_owned),
        status,
        started: span(form, "StartTime")?,
        ended: span(form, "EndTime")?,
        hidden: Vec::new(),
    })
}

/// `StartTime` is a day; `StartTime>` (written `StartTime>=`) and `StartTime<` are its ends, which belong to the span.
fn span(form: &Form, name: &str) -> Result<Span, ApiError> {
    let end = |key: String, upper: bool| match form.text(&key) {
        None => Ok(None),
        Some(text) => moment(text, upper).map(Some).ok_or_else(|| {
            wrong(
                BAD_REQUEST,
                &key,
                text,
                "YYYY-MM-DD, or a time such as 2026-11-22T10:00:00Z",
            )
        }),
    };
    let day = (end(name.to_owned(), false)?, end(name.to_owned(), true)?);
    Ok(Span {
        from: end(format!("{name}>"), false)?.or(day.0),
        until: end(format!("{name}<"), true)?.or(day.1),
    })
}

fn moment(text: &str, upper: bool) -> Option<Moment> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    if upper {
        return Some(midnight(day.checked_add_days(Days::new(1))?)? - TimeDelta::milliseconds(1));
    }
    midnight(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_moments() {
        let at = |text, upper| moment(text, upper).map(|at| at.to_rfc3339());
        assert_eq!(
            at("2026-11-22", false).as_deref(),
            Some("2026-11-22T00:00:00+00:00")
        );
        assert_eq!(
            at("2026-11-22", true).as_deref(),
            Some("2026-11-22T23:59:59.999+00:00")
        );
        assert_eq!(
            at("2026-11-22T10:00:00Z", false),
            at("2026-11-22T10:00:00+00:00", true)
        );
        assert_eq!(at("yesterday", false), None);
    }

    #[test]
    fn the_ends_of_a_span_are_keys_with_a_sign() {
        let form = Form::read(b"StartTime%3E=2026-11-22&EndTime=2026-11-23");
        let filter = filter(&form).unwrap();
        assert!(filter.started.from.is_some() && filter.started.until.is_none());
        assert!(filter.ended.from.is_some() && filter.ended.until.is_some());
        assert!(super::filter(&Form::read(b"Status=going")).is_err());
    }
}
