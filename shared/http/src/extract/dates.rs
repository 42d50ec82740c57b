//! Bounds of time in queries. A bare date is that whole day, in the request's `timezone` or in UTC.

use aide::{
    OperationInput,
    generate::GenContext,
    openapi::Operation,
    operation::{ParamLocation, add_parameters, parameters_from_schema},
};
use axum::extract::FromRequestParts;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use http::request::Parts;
use schemars::JsonSchema;
use trunkline_domain::{Error, Instant};

use super::query::pairs;
use crate::Failure;

/// The names that the documents give to the two bounds.
const NAMES: [(&str, &str); 4] = [
    ("start_date", "end_date"),
    ("date_from", "date_to"),
    ("from_date", "to_date"),
    ("startDate", "endDate"),
];

/// Bounds of time, by any of the documents' names, and the zone that days are counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateRange {
    /// From this instant on.
    pub from: Option<Instant>,
    /// Up to, not including, this instant.
    pub until: Option<Instant>,
    /// The request's `timezone`; UTC unless given.
    pub timezone: Tz,
}

impl<S: Sync> FromRequestParts<S> for DateRange {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self::read(parts.uri.query().unwrap_or_default())?)
    }
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used: it documents the parameters")]
struct Bounds {
    /// RFC 3339, or a date: that day's begin. Also `date_from`.
    start_date: Option<String>,
    /// RFC 3339, or a date: that whole day is included. Also `date_to`.
    end_date: Option<String>,
    /// IANA zone in which days are counted; UTC unless given.
    timezone: Option<String>,
}

impl OperationInput for DateRange {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = <Bounds as JsonSchema>::json_schema(&mut ctx.schema);
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
    }
}

impl DateRange {
    fn read(query: &str) -> Result<Self, Error> {
        let pairs = pairs(query);
        let find = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let timezone = find("timezone").map_or(Ok(Tz::UTC), |text| {
            text.parse().map_err(|_| {
                Error::invalid(
                    "timezone",
                    format!("`{text}` is not an IANA zone such as Europe/Berlin"),
                )
            })
        })?;
        let first = |end: bool| {
            NAMES
                .iter()
                .map(|names| if end { names.1 } else { names.0 })
                .find_map(|name| Some((name, find(name)?)))
        };
        let start = |(name, text)| Ok::<_, Error>((name, read_time(name, text, timezone)?));
        let from = first(false).map(start).transpose()?;
        let until = first(true)
            .map(|(name, text)| end_bound(name, text, timezone))
            .transpose()?;
        if let (Some((name, from)), Some(until)) = (from, until)
            && from >= until
        {
            return Err(Error::invalid(name, "the start is after the end"));
        }
        Ok(Self {
            from: from.map(|(_, at)| at),
            until,
            timezone,
        })
    }

    /// From and until, or the last `days` up to `now`.
    #[must_use]
    pub fn or_last_days(&self, days: u32, now: Instant) -> (Instant, Instant) {
        let until = self.until.unwrap_or(now);
        (
            self.from
                .unwrap_or_else(|| until - TimeDelta::days(i64::from(days))),
            until,
        )
    }
}

fn end_bound(name: &str, text: &str, zone: Tz) -> Result<Instant, Error> {
    let day = text.trim().parse::<NaiveDate>();
    let last = match day {
        Ok(day) => {
            in_years(name, day.year())?;
            return Ok(day_start(day.checked_add_days(Days::new(1)).unwrap_or(day), zone));
        }
        Err(_) => read_time(name, text, zone)?,
    };
    // An instant is included, and instants have milliseconds.
    Ok(last + TimeDelta::milliseconds(1))
}

/// An instant: RFC 3339 with any offset; without one, and for a bare date, in `zone`.
///
/// # Errors
/// [`Error::Invalid`] on `field` says which forms are read.
pub fn read_time(field: &str, text: &str, zone: Tz) -> Result<Instant, Error> {
    let text = text.trim();
    // In a query, the `+` of an offset may have come as a space.
    let with_plus = text
        .rsplit_once(' ')
        .filter(|(_, offset)| offset.contains(':') && text.contains('T'));
    let text = with_plus.map_or_else(|| text.to_owned(), |(time, offset)| format!("{time}+{offset}"));
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        in_years(field, at.year())?;
        return Ok(at.with_timezone(&Utc));
    }
    let wall = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    let wall = wall.or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)));
    let wall = wall.ok_or_else(|| {
        Error::invalid(
            field,
            format!("`{text}` is not a time such as 2024-01-29T10:30:00Z or a date such as 2024-01-29"),
        )
    })?;
    in_years(field, wall.year())?;
    Ok(at_wall(wall, zone))
}

/// Years that sort as text, with room for any zone and a day more.
fn in_years(field: &str, year: i32) -> Result<(), Error> {
    if (1900..=9998).contains(&year) {
        Ok(())
    } else {
        Err(Error::invalid(field, "the year must be 1900 to 9998"))
    }
}

fn day_start(day: NaiveDate, zone: Tz) -> Instant {
    at_wall(day.and_time(NaiveTime::MIN), zone)
}

/// The instant of a wall-clock time: one that a clock change skips is the first after it, one that happens twice the first.
fn at_wall(mut wall: NaiveDateTime, zone: Tz) -> Instant {
    for _ in 0..8 {
        if let Some(found) = zone.from_local_datetime(&wall).earliest() {
            return found.with_timezone(&Utc);
        }
        wall += TimeDelta::minutes(30);
    }
    wall.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(query: &str) -> Result<(Option<String>, Option<String>), Error> {
        let text = |at: Option<Instant>| at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        DateRange::read(query).map(|range| (text(range.from), text(range.until)))
    }

    #[test]
    fn an_end_date_includes_its_day() {
        let (from, until) = range("start_date=2024-01-01&end_date=2024-01-31").unwrap();
        assert_eq!(from.as_deref(), Some("2024-01-01T00:00:00.000Z"));
        assert_eq!(until.as_deref(), Some("2024-02-01T00:00:00.000Z"));
        assert!(range("date_from=2024-01-31&date_to=2024-01-31").is_ok());
    }

    #[test]
    fn days_are_those_of_the_requests_zone() {
        let (from, until) =
            range("date_from=2024-03-10&date_to=2024-03-10&timezone=America/New_York").unwrap();
        assert_eq!(from.as_deref(), Some("2024-03-10T05:00:00.000Z"));
        assert_eq!(
            until.as_deref(),
            Some("2024-03-11T04:00:00.000Z"),
            "the day of the clock change has 23 hours"
        );
    }

    #[test]
    fn offsets_are_read_even_when_their_plus_came_as_a_space() {
        let (from, _) = range("start_date=2024-01-01T10:00:00+02:00").unwrap();
        assert_eq!(from.as_deref(), Some("2024-01-01T08:00:00.000Z"));
        let (from, _) = range("start_date=2024-01-01T10:00:00&timezone=Asia/Kolkata").unwrap();
        assert_eq!(from.as_deref(), Some("2024-01-01T04:30:00.000Z"));
    }

    #[test]
    fn what_makes_no_sense_says_why() {
        for (query, says) in [
            ("start_date=yesterday", "2024-01-29"),
            ("end_date=2024-02-30", "2024-01-29"),
            ("timezone=Mars/Olympus", "IANA"),
            ("start_date=%2B262142-12-31", "1900 to 9998"),
            ("end_date=9999-12-31", "1900 to 9998"),
            ("end_date=0000-01-01T00:00:00%2B14:00", "1900 to 9998"),
            ("start_date=2024-02-01&end_date=2024-01-01", "after the end"),
        ] {
            let error = range(query).unwrap_err();
            assert!(error.to_string().contains(says), "{query}: {error}");
        }
    }
}
