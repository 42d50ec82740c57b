//! Hours of the day in which calls are made, wall-clock in a zone, and where several such windows are open together. An empty
//! window never means "always".

use chrono::{Datelike, Duration, NaiveTime, TimeZone, Timelike, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{Instant, error::FieldError};

/// Hours of the day, wall-clock in a zone. `start > end` spans midnight; `start == end` is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallingHours {
    /// From this minute of the day on, 0 to 1,439.
    pub start_min: u16,
    /// Up to, not including, this minute of the day, 1 to 1,440.
    pub end_min: u16,
    /// IANA zone; none: the called party's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Tz>,
    /// Days, Monday = 0; empty is every day.
    #[serde(default)]
    pub days: Vec<u8>,
}

/// Whether a window is open, and when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Open until then.
    OpenUntil(Instant),
    /// Closed until then.
    ClosedUntil(Instant),
}

impl CallingHours {
    /// Whether `now` is inside, in `zone` unless the hours name their own.
    #[must_use]
    pub fn opening(&self, now: Instant, zone: Tz) -> Opening {
        opening(
            self.start_min,
            self.end_min,
            &self.days,
            now,
            self.timezone.unwrap_or(zone),
        )
    }

    /// What is wrong with the hours.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.start_min > 1_439 || self.end_min > 1_440 || self.start_min == self.end_min {
            errors.push(FieldError::new(
                "calling_hours_start",
                "the hours must be two different times of day, such as 09:00:00 and 17:00:00; for no hours of its own leave both out",
            ));
        }
        if self.days.iter().any(|day| *day > 6) {
            errors.push(FieldError::new("days", "days are 0 (Monday) to 6 (Sunday)"));
        }
        errors
    }
}

/// The intersection of windows: closed wherever one is; of none: open.
pub fn all_open<T>(windows: &[T], now: Instant, opening: impl Fn(&T, Instant) -> Opening) -> Opening {
    let mut at = now;
    // Each round jumps to the latest opening; a few rounds a day settle, and about two weeks bound it.
    for _ in 0..64 {
        let mut until = None::<Instant>;
        let mut closed = None::<Instant>;
        for window in windows {
            match opening(window, at) {
                Opening::OpenUntil(end) => until = Some(until.map_or(end, |known| known.min(end))),
                Opening::ClosedUntil(open) => closed = Some(closed.map_or(open, |known| known.max(open))),
            }
        }
        match (closed, until) {
            (None, None) => return Opening::OpenUntil(now + Duration::days(1)),
            (None, Some(end)) if at == now => return Opening::OpenUntil(end),
            (None, Some(_)) => return Opening::ClosedUntil(at),
            (Some(open), _) => at = open,
        }
    }
    Opening::ClosedUntil(at)
}

fn opening(start_min: u16, end_min: u16, days: &[u8], now: Instant, zone: Tz) -> Opening {
    let local = now.with_timezone(&zone);
    let today = local.date_naive();
    // Yesterday's window may span midnight; a week ahead always holds the next opening.
    let mut next_open = None;
    for offset in -1..=8 {
        let day = today + Duration::days(offset);
        if !days.is_empty() && !days.contains(&day_index(day.weekday())) {
            continue;
        }
        let last = if end_min > start_min {
            day
        } else {
            day + Duration::days(1)
        };
        let open = instant(zone, day, start_min);
        let close = instant(zone, last, end_min);
        if open <= now && now < close {
            return Opening::OpenUntil(close);
        }
        if open > now && next_open.is_none() {
            next_open = Some(open);
        }
    }
    Opening::ClosedUntil(next_open.unwrap_or(now + Duration::days(7)))
}

pub(crate) const fn day_index(day: Weekday) -> u8 {
    match day {
        Weekday::Mon => 0,
        Weekday::Tue => 1,
        Weekday::Wed => 2,
        Weekday::Thu => 3,
        Weekday::Fri => 4,
        Weekday::Sat => 5,
        Weekday::Sun => 6,
    }
}

/// The instant of a wall-clock minute. A time that a clock change skips is the first one after it;
/// one that happens twice is the first.
pub(crate) fn instant(zone: Tz, day: chrono::NaiveDate, minute: u16) -> Instant {
    let (day, minute) = if minute >= 1_440 {
        (day + Duration::days(1), minute - 1_440)
    } else {
        (day, minute)
    };
    let time =
        NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minute) * 60, 0).unwrap_or(NaiveTime::MIN);
    let mut wall = day.and_time(time);
    for _ in 0..8 {
        if let Some(found) = zone.from_local_datetime(&wall).earliest() {
            return found.with_timezone(&chrono::Utc);
        }
        wall += Duration::minutes(30 - i64::from(wall.minute() % 30));
    }
    wall.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia, Europe};

    fn utc(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn hours(start_h: u16, end_h: u16) -> CallingHours {
        CallingHours {
            start_min: start_h * 60,
            end_min: end_h * 60,
            timezone: None,
            days: Vec::new(),
        }
    }

    #[test]
    fn nine_in_new_york_is_open_there_and_closed_in_los_angeles() {
        let now = utc("2026-01-05T14:30:00Z");
        assert_eq!(
            hours(9, 17).opening(now, America::New_York),
            Opening::OpenUntil(utc("2026-01-05T22:00:00Z"))
        );
        assert_eq!(
            hours(9, 17).opening(now, America::Los_Angeles),
            Opening::ClosedUntil(utc("2026-01-05T17:00:00Z"))
        );
    }

    #[test]
    fn an_overnight_window_spans_midnight() {
        let night = hours(22, 6);
        assert_eq!(
            night.opening(utc("2026-01-05T02:00:00Z"), Tz::UTC),
            Opening::OpenUntil(utc("2026-01-05T06:00:00Z"))
        );
        assert_eq!(
            night.opening(utc("2026-01-05T12:00:00Z"), Tz::UTC),
            Opening::ClosedUntil(utc("2026-01-05T22:00:00Z"))
        );
    }

    #[test]
    fn ten_stays_ten_across_a_clock_change() {
        // Berlin goes to summer time on 2026-03-29.
        let before = hours(10, 11).opening(utc("2026-03-28T12:00:00Z"), Europe::Berlin);
        assert_eq!(before, Opening::ClosedUntil(utc("2026-03-29T08:00:00Z")));
    }

    #[test]
    fn a_start_that_the_clocks_skip_opens_right_after() {
        // 02:30 does not exist in New York on 2026-03-08.
        let hours = CallingHours {
            start_min: 150,
            end_min: 300,
            timezone: None,
            days: Vec::new(),
        };
        assert_eq!(
            hours.opening(utc("2026-03-08T06:00:00Z"), America::New_York),
            Opening::ClosedUntil(utc("2026-03-08T07:00:00Z"))
        );
    }

    #[test]
    fn days_are_kept() {
        let weekdays = CallingHours {
            days: vec![0, 1, 2, 3, 4],
            ..hours(9, 17)
        };
        // A Saturday.
        assert_eq!(
            weekdays.opening(utc("2026-01-10T12:00:00Z"), Tz::UTC),
            Opening::ClosedUntil(utc("2026-01-12T09:00:00Z"))
        );
    }

    #[test]
    fn windows_are_open_where_all_are() {
        let zones = [America::New_York, America::Los_Angeles];
        let both = |now: &str| all_open(&zones, utc(now), |zone, at| hours(8, 21).opening(at, *zone));
        // 15:00 UTC: 10 in New York, 7 in Los Angeles.
        assert_eq!(
            both("2026-01-05T15:00:00Z"),
            Opening::ClosedUntil(utc("2026-01-05T16:00:00Z"))
        );
        assert_eq!(
            both("2026-01-05T16:00:00Z"),
            Opening::OpenUntil(utc("2026-01-06T02:00:00Z"))
        );
    }

    #[test]
    fn zones_that_never_overlap_are_never_open() {
        let all = all_open(
            &[Asia::Tokyo, America::New_York],
            utc("2026-01-05T00:00:00Z"),
            |zone, at| hours(9, 17).opening(at, *zone),
        );
        assert!(matches!(all, Opening::ClosedUntil(_)));
    }

    #[test]
    fn without_any_window_it_is_open() {
        let none = all_open(&[], utc("2026-01-05T00:00:00Z"), |zone: &Tz, at| {
            hours(9, 17).opening(at, *zone)
        });
        assert!(matches!(none, Opening::OpenUntil(_)));
    }

    #[test]
    fn an_overnight_window_is_an_hour_shorter_or_longer_where_the_clocks_change() {
        // New York: 02:00 to 03:00 is left out on 2026-03-08, and 01:00 to 02:00 comes twice on 2026-11-01.
        let night = hours(22, 6);
        for (now, end, open_h) in [
            ("2026-03-08T03:00:00Z", "2026-03-08T10:00:00Z", 7),
            ("2026-11-01T02:00:00Z", "2026-11-01T11:00:00Z", 9),
        ] {
            let until = utc(end);
            assert_eq!(
                night.opening(utc(now), America::New_York),
                Opening::OpenUntil(until)
            );
            assert_eq!(until - utc(now), Duration::hours(open_h));
            let before = utc(now) - Duration::seconds(1);
            assert_eq!(
                night.opening(before, America::New_York),
                Opening::ClosedUntil(utc(now))
            );
        }
    }

    #[test]
    fn a_window_that_ends_in_the_hour_that_comes_twice_ends_the_first_time() {
        // 01:30 is 05:30 UTC, and again 06:30 UTC.
        let hours = CallingHours {
            start_min: 22 * 60,
            end_min: 90,
            timezone: None,
            days: Vec::new(),
        };
        assert_eq!(
            hours.opening(utc("2026-11-01T05:00:00Z"), America::New_York),
            Opening::OpenUntil(utc("2026-11-01T05:30:00Z"))
        );
        assert_eq!(
            hours.opening(utc("2026-11-01T06:00:00Z"), America::New_York),
            Opening::ClosedUntil(utc("2026-11-02T03:00:00Z"))
        );
    }
}
