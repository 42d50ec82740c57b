//! Dates and times of day.

use super::numbers::{cardinal, ordinal, year};

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2026-11-22` or (month first, as written in the United States) `11/22/2026`:
/// the month and day, then the year.
pub(super) fn date(core: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = core.split(['-', '/']).collect();
    let &[a, b, c] = parts.as_slice() else { return None };
    let (y, m, d) = if core.contains('-') && a.len() == 4 {
        (a, b, c)
    } else {
        (c, a, b)
    };
    if y.len() != 4 || core.contains('-') != (a.len() == 4) {
        return None;
    }
    let month = MONTHS.get(m.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day = d.parse::<u64>().ok().filter(|day| (1..=31).contains(day))?;
    Some((format!("{month} {}", ordinal(day)), year(y.parse().ok()?)))
}

/// `10:30`, `9am`, `10:30pm`.
pub(super) fn time(core: &str) -> Option<String> {
    let lower = core.to_ascii_lowercase();
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some("AM")),
        (None, Some(clock)) => (clock, Some("PM")),
        (None, None) => (lower.as_str(), None),
    };
    let (hour, minute) = match clock.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour, Some(minute.parse::<u64>().ok()?)),
        Some(_) => return None,
        None => (clock, None),
    };
    if hour.is_empty() || hour.len() > 2 || (minute.is_none() && half.is_none()) {
        return None;
    }
    let hour = hour.parse::<u64>().ok().filter(|hour| *hour < 25)?;
    let minutes = match minute {
        None => String::new(),
        Some(60..) => return None,
        Some(0) if half.is_some() => String::new(),
        Some(0) => " o'clock".to_owned(),
        Some(minute @ 1..10) => format!(" oh {}", cardinal(minute)),
        Some(minute) => format!(" {}", cardinal(minute)),
    };
    let half = half.map(|half| format!(" {half}")).unwrap_or_default();
    Some(format!("{}{minutes}{half}", cardinal(hour)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_dates_and_times_are_read_as_such() {
        assert_eq!(
            date("2026-11-22"),
            Some(("November twenty second".into(), "twenty twenty six".into()))
        );
        assert_eq!(
            date("11/02/2026"),
            Some(("November second".into(), "twenty twenty six".into()))
        );
        for wrong in [
            "2026-13-01",
            "2026-00-10",
            "1/40/2026",
            "555-010-0100",
            "24/7",
            "11-22-2026",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        assert_eq!(time("7:45pm").as_deref(), Some("seven forty five PM"));
        for wrong in ["25:00", "10:75", "10:3", "am", "123am", "10"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
