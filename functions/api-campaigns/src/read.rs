//! What both dialects write alike in a campaign's fields: zones, times, caller ids.

use chrono::NaiveDate;
use chrono_tz::Tz;
use trunkline_domain::{CallerId, E164, Error, FieldError, Instant, zones};
use trunkline_http::{Patch, read_time};
use trunkline_service::campaigns::{HoursChange, read_minute};

/// An IANA zone.
pub(crate) fn zone(name: &str) -> Result<Tz, Error> {
    zones::read(name.trim()).map_err(|error| Error::invalid("timezone", error.to_string()))
}

/// An end: a bare date includes that whole day.
pub(crate) fn end(field: &str, text: &str, zone: Tz) -> Result<Instant, Error> {
    match text
        .trim()
        .parse::<NaiveDate>()
        .ok()
        .and_then(|day| day.succ_opt())
    {
        Some(next) => read_time(field, &next.to_string(), zone),
        None => read_time(field, text, zone),
    }
}

/// Calling hours, on whatever days.
pub(crate) fn hours(
    start: Patch<String>,
    end: Patch<String>,
    timezone: Patch<Tz>,
) -> Result<HoursChange, Error> {
    let minute = |field: &'static str| move |text: String| read_minute(field, &text);
    Ok(HoursChange {
        start_min: start.try_map(minute("calling_hours_start"))?.change(),
        end_min: end.try_map(minute("calling_hours_end"))?.change(),
        timezone: timezone.change(),
        days: None,
    })
}

/// `From` of a campaign's calls.
pub(crate) fn caller(text: &str) -> Result<CallerId, Error> {
    let number = text.parse::<E164>();
    number
        .map(CallerId)
        .map_err(|error| Error::Invalid(vec![FieldError::phone("caller_id", error.to_string())]))
}
