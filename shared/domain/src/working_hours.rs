//! When a human agent works: a shift a day of the week, wall-clock in a zone.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{Instant, hours::instant};

/// From when to when on one day. `end <= start` ends on the day after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// First minute of the day, 0 to 1,439.
    pub start_min: u16,
    /// First minute after it, 1 to 1,440.
    pub end_min: u16,
}

/// A week's shifts by the day, Monday = 0; a day without one is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkingHours(pub BTreeMap<u8, Shift>);

/// The days as the documents write them, Monday first.
pub const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

impl WorkingHours {
    /// Whether a shift is on, its times meant in this zone.
    #[must_use]
    pub fn at_work(&self, now: Instant, timezone: Tz) -> bool {
        let today = now.with_timezone(&timezone).date_naive();
        // Yesterday's shift may go on past midnight.
        [today - Duration::days(1), today].into_iter().any(|day| {
            let Some(shift) = self.0.get(&index(day.weekday())) else {
                return false;
            };
            let last = if shift.end_min > shift.start_min {
                day
            } else {
                day + Duration::days(1)
            };
            instant(timezone, day, shift.start_min) <= now && now < instant(timezone, last, shift.end_min)
        })
    }
}

fn index(day: Weekday) -> u8 {
    u8::try_from(day.num_days_from_monday()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether somebody is at work who has this one shift.
    fn on(shift: (u8, u16, u16), timezone: Tz, now: &str) -> bool {
        let (day, start_h, end_h) = shift;
        let shift = Shift {
            start_min: start_h * 60,
            end_min: end_h * 60,
        };
        WorkingHours(BTreeMap::from([(day, shift)])).at_work(now.parse().unwrap(), timezone)
    }

    #[test]
    fn a_shift_is_meant_in_its_zone_on_both_sides_of_a_clock_change() {
        // Fridays; New York went to summer time on Sunday, 2026-03-08.
        let on = |now| on((4, 9, 17), Tz::America__New_York, now);
        assert!(on("2026-03-06T14:00:00Z") && !on("2026-03-06T13:59:59Z"));
        assert!(on("2026-03-13T13:00:00Z") && !on("2026-03-13T21:00:00Z"));
        assert!(!on("2026-03-07T15:00:00Z"));
    }

    #[test]
    fn a_night_shift_goes_on_past_midnight() {
        // 2026-03-08 is a Sunday.
        let on = |now| on((6, 22, 6), Tz::UTC, now);
        assert!(on("2026-03-08T23:00:00Z") && on("2026-03-09T05:59:00Z"));
        assert!(!on("2026-03-08T05:00:00Z") && !on("2026-03-09T06:00:00Z"));
    }
}
