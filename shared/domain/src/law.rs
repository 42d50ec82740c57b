//! When the law lets a person be called: rules by country and state, with their citations, as engineering defaults and not as advice.
//!
//! The rules are data (`law.tsv`, `holidays.tsv`), of one version.

use std::sync::LazyLock;

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;

use crate::{
    Instant,
    hours::{Opening, instant},
    places::Place,
    regions::Region,
};

mod holidays;
mod rows;

pub use rows::{Calls, Row};

/// What holds where no rule is known.
const ELSEWHERE: &str = "*";
/// How far the next opening is looked for: the longest row of holidays is shorter.
const AHEAD_DAYS: i64 = 15;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| rows::grouped(rows::read(include_str!("law.tsv"))));

/// The data's version.
#[must_use]
pub fn version() -> &'static str {
    let head = include_str!("law.tsv").lines().next().unwrap_or_default();
    head.strip_prefix("# version: ").unwrap_or("unknown")
}

/// What a jurisdiction says of some calls: rows that are open together, from some day on others.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A country, a state, or `*`: what is taken where nothing is known.
    pub jurisdiction: &'static str,
    /// Which calls it is about.
    pub calls: Calls,
    /// By the day from which they hold, the oldest first.
    texts: Vec<(NaiveDate, Vec<Row>)>,
}

/// A local day under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Minutes of the day, from and up to; in order, apart, none when nobody may be called.
    pub spans: Vec<(u16, u16)>,
    /// The holiday that closed some of it.
    pub holiday: Option<&'static str>,
}

/// The rules that a call to a place must keep to, all of them: its country's and its state's; `automated`: a machine talks.
#[must_use]
pub fn rules(region: Option<Region>, automated: bool) -> Vec<&'static Rule> {
    let named = |jurisdiction: &str| {
        region.is_some_and(|region| [region.code(), region.country()].contains(&jurisdiction))
    };
    let about = |rule: &&Rule| automated || rule.calls == Calls::All;
    let found: Vec<&Rule> = RULES
        .iter()
        .filter(about)
        .filter(|rule| named(rule.jurisdiction))
        .collect();
    if found.is_empty() {
        return RULES
            .iter()
            .filter(|rule| rule.jurisdiction == ELSEWHERE)
            .collect();
    }
    found
}

/// The rules of several places, each with the zones in which it holds there, each pair once.
#[must_use]
pub fn rules_at(places: &[Place], automated: bool) -> Vec<(&'static Rule, Tz)> {
    let mut found: Vec<(&Rule, Tz)> = Vec::new();
    for place in places {
        for rule in rules(place.region, automated) {
            let known = |(one, zone): &(&Rule, Tz)| std::ptr::eq(*one, rule) && *zone == place.zone;
            if !found.iter().any(known) {
                found.push((rule, place.zone));
            }
        }
    }
    found
}

impl Rule {
    /// The rows that hold on a local day, and since when; none: nothing does yet.
    #[must_use]
    pub fn text(&self, day: NaiveDate) -> Option<(NaiveDate, &[Row])> {
        let held = self.texts.iter().rev().find(|(since, _)| *since <= day);
        held.map(|(since, rows)| (*since, rows.as_slice()))
    }

    /// What of a local day is open.
    #[must_use]
    pub fn day(&self, day: NaiveDate) -> Day {
        let Some((_, rows)) = self.text(day) else {
            return Day {
                spans: vec![(0, 1_440)],
                holiday: None,
            };
        };
        let mut holiday = None;
        let mut spans = Vec::new();
        for row in rows.iter().filter(|row| row.on(day)) {
            match row.holiday(day) {
                Some(name) => holiday = Some(name),
                None => spans.push((row.start_min, row.end_min)),
            }
        }
        spans.sort_unstable();
        let mut apart: Vec<(u16, u16)> = Vec::new();
        for (start, end) in spans {
            match apart.last_mut() {
                Some((_, last)) if start <= *last => *last = end.max(*last),
                Some(_) | None => apart.push((start, end)),
            }
        }
        Day {
            spans: apart,
            holiday,
        }
    }

    /// Whether it lets a person in this zone be called now.
    #[must_use]
    pub fn opening(&self, now: Instant, zone: Tz) -> Opening {
        let today = now.with_timezone(&zone).date_naive();
        for offset in 0..=AHEAD_DAYS {
            let day = today + Duration::days(offset);
            for (start, end) in self.day(day).spans {
                let (open, close) = (instant(zone, day, start), instant(zone, day, end));
                if open <= now && now < close {
                    return Opening::OpenUntil(close);
                }
                // Of two openings of one day the first comes first.
                if open > now {
                    return Opening::ClosedUntil(open);
                }
            }
        }
        Opening::ClosedUntil(now + Duration::days(AHEAD_DAYS))
    }
}

#[cfg(test)]
mod tests;
