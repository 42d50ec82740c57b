//! The days of `holidays.tsv`.

use std::{str::FromStr, sync::LazyLock};

use chrono::{Datelike, Duration, NaiveDate, Weekday};

/// A state's or country's holidays.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Calendar {
    /// What `law.tsv` calls it.
    pub(super) name: &'static str,
    days: Vec<Holiday>,
}

#[derive(Debug, PartialEq, Eq)]
struct Holiday {
    rule: When,
    observed: Observed,
    name: &'static str,
}

/// When it falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Fixed {
        month: u32,
        day: u32,
    },
    /// The `nth` weekday of a month, from its end where negative, and days behind it.
    Nth {
        weekday: Weekday,
        nth: i8,
        month: u32,
        behind: i64,
    },
    /// Days from Easter Sunday.
    Easter(i64),
}

/// What follows where it falls on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Observed {
    /// Free as well: the nearest such day before (Friday) or after (any other) it, by the day it falls on.
    Also(Vec<(Weekday, Weekday)>),
    /// It moves to the Monday that follows, unless it is one.
    NextMonday,
    /// It moves to the Monday of its week, from a weekend to the next.
    NearMonday,
}

static CALENDARS: LazyLock<Vec<Calendar>> = LazyLock::new(|| {
    let mut all: Vec<Calendar> = Vec::new();
    for (name, day) in read(include_str!("../holidays.tsv")).into_iter().flatten() {
        match all.iter_mut().find(|calendar| calendar.name == name) {
            Some(known) => known.days.push(day),
            None => all.push(Calendar {
                name,
                days: vec![day],
            }),
        }
    }
    all
});

/// A calendar by its name.
pub(super) fn calendar(name: &str) -> Option<&'static Calendar> {
    CALENDARS.iter().find(|calendar| calendar.name == name)
}

impl Calendar {
    /// Which holiday a day is.
    pub(super) fn on(&self, day: NaiveDate) -> Option<&'static str> {
        // What is observed may be in the year before or after.
        let years = [day.year() - 1, day.year(), day.year() + 1];
        let is = |holiday: &&Holiday| years.iter().any(|year| holiday.free(*year).contains(&Some(day)));
        self.days.iter().find(is).map(|holiday| holiday.name)
    }
}

impl Holiday {
    /// The days of a year's holiday.
    fn free(&self, year: i32) -> [Option<NaiveDate>; 2] {
        let Some(day) = self.rule.day(year) else {
            return [None, None];
        };
        let from_monday = i64::from(day.weekday().num_days_from_monday());
        match &self.observed {
            Observed::Also(moves) => {
                let to = moves.iter().find(|(from, _)| *from == day.weekday());
                [Some(day), to.map(|(_, to)| nearest(day, *to))]
            }
            Observed::NextMonday => [Some(day + Duration::days((7 - from_monday) % 7)), None],
            Observed::NearMonday if from_monday < 5 => [Some(day - Duration::days(from_monday)), None],
            Observed::NearMonday => [Some(day + Duration::days(7 - from_monday)), None],
        }
    }
}

fn nearest(day: NaiveDate, to: Weekday) -> NaiveDate {
    let ahead = i64::from((7 + to.num_days_from_monday() - day.weekday().num_days_from_monday()) % 7);
    if to == Weekday::Fri {
        day + Duration::days(ahead - 7)
    } else {
        day + Duration::days(ahead)
    }
}

impl When {
    fn day(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed { month, day } => NaiveDate::from_ymd_opt(year, month, day),
            Self::Nth {
                weekday,
                nth,
                month,
                behind,
            } => {
                let day = match u8::try_from(nth) {
                    Ok(nth) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth)?,
                    Err(_) => (1..=5)
                        .rev()
                        .filter_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth))
                        .nth(usize::from(nth.unsigned_abs()) - 1)?,
                };
                Some(day + Duration::days(behind))
            }
            Self::Easter(behind) => easter(year).map(|sunday| sunday + Duration::days(behind)),
        }
    }
}

/// Easter Sunday of the Gregorian calendar, by the rule of J.-M. Oudin (1940).
fn easter(year: i32) -> Option<NaiveDate> {
    let century = year / 100;
    let golden = year % 19;
    let k = (century - 17) / 25;
    let mut moon = (century - century / 4 - (century - k) / 3 + 19 * golden + 15) % 30;
    moon -= (moon / 28) * (1 - (moon / 28) * (29 / (moon + 1)) * ((21 - golden) / 11));
    let weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7;
    let from_21_march = moon - weekday;
    let month = 3 + (from_21_march + 40) / 44;
    let day = from_21_march + 28 - 31 * (month / 4);
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// `mo` to `su`.
pub(super) fn weekday(text: &str) -> Option<Weekday> {
    let day = match text {
        "mo" => Weekday::Mon,
        "tu" => Weekday::Tue,
        "we" => Weekday::Wed,
        "th" => Weekday::Thu,
        "fr" => Weekday::Fri,
        "sa" => Weekday::Sat,
        "su" => Weekday::Sun,
        _ => return None,
    };
    Some(day)
}

/// The holidays of a file with their calendars' names, or what is wrong with each row that is none.
fn read(file: &'static str) -> Vec<Result<(&'static str, Holiday), String>> {
    let lines = file.lines().enumerate();
    lines
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(index, line)| {
            row(line).ok_or_else(|| format!("holidays.tsv, line {}: `{line}` is no row", index + 1))
        })
        .collect()
}

fn row(line: &'static str) -> Option<(&'static str, Holiday)> {
    let words: Vec<&'static str> = line.split('\t').collect();
    let [calendar, rule, observed, name] = words[..] else {
        return None;
    };
    let holiday = Holiday {
        rule: rule.parse().ok()?,
        observed: observed.parse().ok()?,
        name: Some(name).filter(|name| !name.trim().is_empty())?,
    };
    // The 29th of February would be a day of some years only.
    holiday.rule.day(2026)?;
    Some((calendar, holiday))
}

/// The text is none of the forms that the file's head tells.
#[derive(Debug)]
struct NotARule;

impl FromStr for When {
    type Err = NotARule;
    fn from_str(text: &str) -> Result<Self, NotARule> {
        if let Some(behind) = text.strip_prefix("easter") {
            return behind.parse().map(Self::Easter).map_err(|_| NotARule);
        }
        if let Some((day, rest)) = text.split_once('#') {
            let (nth, month) = rest.split_once('/').ok_or(NotARule)?;
            let (month, behind) = month.split_once('+').unwrap_or((month, "0"));
            return Ok(Self::Nth {
                weekday: weekday(day).ok_or(NotARule)?,
                nth: nth.parse().ok().filter(|nth| *nth != 0).ok_or(NotARule)?,
                month: month.parse().map_err(|_| NotARule)?,
                behind: behind.parse().map_err(|_| NotARule)?,
            });
        }
        let (month, day) = text.split_once('-').ok_or(NotARule)?;
        Ok(Self::Fixed {
            month: month.parse().map_err(|_| NotARule)?,
            day: day.parse().map_err(|_| NotARule)?,
        })
    }
}

impl FromStr for Observed {
    type Err = NotARule;
    fn from_str(text: &str) -> Result<Self, NotARule> {
        let one = |text: &str| {
            let (from, to) = text.split_once('-')?;
            Some((weekday(from)?, weekday(to)?))
        };
        match text {
            "-" => Ok(Self::Also(Vec::new())),
            "next-mo" => Ok(Self::NextMonday),
            "near-mo" => Ok(Self::NearMonday),
            moves => moves
                .split(',')
                .map(one)
                .collect::<Option<_>>()
                .map(Self::Also)
                .ok_or(NotARule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(calendar: &str, day: &str) -> Option<&'static str> {
        super::calendar(calendar).unwrap().on(day.parse().unwrap())
    }

    #[test]
    fn every_row_of_the_file_is_read() {
        let wrong: Vec<_> = read(include_str!("../holidays.tsv"))
            .into_iter()
            .filter_map(Result::err)
            .collect();
        assert_eq!(wrong, [""; 0]);
    }

    #[test]
    fn what_is_no_row_is_told() {
        for line in [
            "US-AL\t13-01\t-\tNo month",
            "US-AL\t02-29\t-\tA day of some years",
            "US-AL\tmo#0/01\t-\tNo week",
            "US-AL\txx#1/01\t-\tNo weekday",
            "US-AL\teaster\t-\tNo distance",
            "US-AL\t01-01\tsa\tNo move",
            "US-AL\t01-01\t-\t",
            "US-AL\t01-01\t-",
        ] {
            assert!(read(line)[0].as_ref().unwrap_err().contains("line 1"), "{line}");
        }
    }

    #[test]
    fn easter_is_where_almanacs_have_it() {
        for (year, day) in [
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(easter(year), Some(day.parse().unwrap()));
        }
    }

    #[test]
    fn holidays_are_where_almanacs_have_them() {
        for (calendar, day, name) in [
            ("US-AL", "2026-11-26", Some("Thanksgiving Day")),
            ("US-AL", "2026-11-27", None),
            ("US-LA", "2026-11-27", Some("the day after Thanksgiving")),
            ("US-LA", "2027-02-09", Some("Mardi Gras")),
            ("US-AL", "2026-05-25", Some("Memorial Day")),
            // A Saturday: the Friday before is free too, also in the year before.
            ("US-UT", "2026-07-03", Some("Independence Day")),
            ("US-UT", "2026-07-04", Some("Independence Day")),
            ("US-UT", "2021-12-31", Some("New Year's Day")),
            ("US-UT", "2027-06-21", Some("Juneteenth")),
            ("US-PA", "2026-11-03", Some("Election Day")),
            ("FR", "2026-05-14", Some("Ascension")),
            ("FR", "2026-05-25", Some("Lundi de Pentecôte")),
            ("AU", "2026-12-28", Some("Boxing Day")),
            ("CO", "2026-11-02", Some("Todos los Santos")),
            ("CO", "2026-11-01", None),
            ("CO", "2026-06-08", Some("Corpus Christi")),
            ("ZA", "2026-08-10", Some("National Women's Day")),
            ("ES", "2026-12-08", Some("Inmaculada Concepción")),
        ] {
            assert_eq!(on(calendar, day), name, "{calendar} {day}");
        }
    }
}
