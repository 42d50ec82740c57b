//! A campaign's calling hours as they are given: begin, end, zone and days, each by itself.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use trunkline_domain::{Error, FieldError, hours::CallingHours};

/// A change of calling hours: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoursChange {
    /// From this minute of the day on.
    pub start_min: Option<Option<u16>>,
    /// Up to, not including, this minute of the day.
    pub end_min: Option<Option<u16>>,
    /// The zone that they are wall-clock in; none: the called party's own.
    pub timezone: Option<Option<Tz>>,
    /// Days, Monday = 0; none or empty: every day.
    pub days: Option<Option<Vec<u8>>>,
}

impl HoursChange {
    /// The hours after the change. Without begin and end there are no hours of its own.
    ///
    /// # Errors
    /// [`Error::Invalid`] when only one of begin and end is left.
    pub fn apply(&self, old: Option<&CallingHours>) -> Result<Option<CallingHours>, Error> {
        let start = self.start_min.unwrap_or(old.map(|hours| hours.start_min));
        let end = self.end_min.unwrap_or(old.map(|hours| hours.end_min));
        let (start_min, end_min) = match (start, end) {
            (Some(start), Some(end)) => (start, end),
            (None, None) => return Ok(None),
            (Some(_), None) => return Err(lonely("calling_hours_end", "calling_hours_start")),
            (None, Some(_)) => return Err(lonely("calling_hours_start", "calling_hours_end")),
        };
        let timezone = self.timezone.unwrap_or(old.and_then(|hours| hours.timezone));
        let days = match &self.days {
            Some(days) => {
                let days = days.iter().flatten().copied();
                // Each once, so that a long list is a short one.
                days.collect::<BTreeSet<u8>>().into_iter().collect()
            }
            None => old.map(|hours| hours.days.clone()).unwrap_or_default(),
        };
        Ok(Some(CallingHours {
            start_min,
            end_min,
            timezone,
            days,
        }))
    }
}

fn lonely(missing: &str, given: &str) -> Error {
    Error::Invalid(vec![FieldError::new(
        missing,
        format!("is required with {given}; for no hours of its own leave both out"),
    )])
}

/// Reads a time of day, `09:00` or `09:00:00`; `24:00` ends a day.
///
/// # Errors
/// [`Error::Invalid`] on `field`.
pub fn read_minute(field: &str, text: &str) -> Result<u16, Error> {
    let wrong = || {
        Error::invalid(
            field,
            format!("`{text}` is not a time of day such as 09:00:00, in whole minutes"),
        )
    };
    let mut parts = text.trim().split(':');
    let mut part = |most: u16| -> Option<u16> {
        let digits = parts.next()?;
        let well_formed = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|n| well_formed && *n <= most)
    };
    let (hour, minute) = (part(24).ok_or_else(wrong)?, part(59).ok_or_else(wrong)?);
    let rest: Vec<&str> = parts.collect();
    let whole = matches!(rest.as_slice(), [] | ["00" | "0"]);
    let minute = hour * 60 + minute;
    if whole && minute <= 1_440 {
        Ok(minute)
    } else {
        Err(wrong())
    }
}

/// A minute of the day as it is shown: `09:00:00`.
#[must_use]
pub fn show_minute(minute: u16) -> String {
    format!("{:02}:{:02}:00", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_reads_back_as_it_is_shown() {
        for (text, minute) in [
            ("09:00:00", 540),
            ("9:05", 545),
            ("00:00", 0),
            ("23:59:00", 1_439),
            ("24:00", 1_440),
        ] {
            assert_eq!(read_minute("f", text).unwrap(), minute, "{text}");
            assert_eq!(read_minute("f", &show_minute(minute)).unwrap(), minute);
        }
        for text in [
            "",
            "9",
            "25:00",
            "24:01",
            "09:60",
            "09:00:30",
            "nine",
            "09:00:00:00",
            "-1:00",
            "+9:00",
        ] {
            assert!(read_minute("f", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let old = CallingHours {
            start_min: 540,
            end_min: 1_020,
            timezone: Some(Tz::UTC),
            days: vec![0, 1],
        };
        let later = HoursChange {
            end_min: Some(Some(1_080)),
            ..HoursChange::default()
        };
        assert_eq!(
            later.apply(Some(&old)).unwrap(),
            Some(CallingHours {
                end_min: 1_080,
                ..old.clone()
            })
        );
        let none = HoursChange {
            start_min: Some(None),
            end_min: Some(None),
            ..HoursChange::default()
        };
        assert_eq!(none.apply(Some(&old)).unwrap(), None);
    }

    #[test]
    fn half_an_opening_is_no_opening() {
        let half = HoursChange {
            start_min: Some(Some(540)),
            ..HoursChange::default()
        };
        assert!(
            half.apply(None)
                .unwrap_err()
                .to_string()
                .contains("calling_hours_end")
        );
    }
}
