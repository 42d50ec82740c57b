//! What the law says of a lead's calls, and where it is written.

use chrono::NaiveDate;
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::{
    hours::Opening,
    law::{self, Row, Rule},
    places::Place,
};
use trunkline_http::Seconds;
use trunkline_service::dialing::{rules::Facts, window};

use super::explain_input::clock;

/// The rules that hold for a call to any of the places where the lead may be; all of them must be open.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LawBody {
    /// The version of the rules' data. They are engineering defaults, not legal advice.
    version: &'static str,
    /// A machine talks in the campaign's calls, of which some laws say more.
    automated: bool,
    rules: Vec<RuleOfLaw>,
}

/// A jurisdiction's rule, by the clock of one zone.
#[derive(Debug, Serialize, JsonSchema)]
struct RuleOfLaw {
    /// A country (ISO 3166) or a state of one (ISO 3166-2); `*`: no rule is known of the place, and a default is taken.
    jurisdiction: &'static str,
    /// Which calls it is about: `all`, or `automated`.
    calls: &'static str,
    /// Where it is written.
    citation: &'static str,
    /// `YYYY-MM-DD`: the first day on which it holds; null: for long.
    since: Option<String>,
    /// `YYYY-MM-DD`: when it was last read in the source, or in one that quotes it; null: known from those who report of it.
    checked: Option<String>,
    /// When it lets people be called, by the day of the week.
    week: Vec<Span>,
    /// Whose holidays are left out; null: none.
    holidays: Option<&'static str>,
    /// IANA zone whose clock counts.
    timezone: &'static str,
    /// `YYYY-MM-DD` of that clock.
    local_date: String,
    /// The holiday that this day is; null: none that the rule leaves out.
    holiday: Option<&'static str>,
    /// When people may be called on this day; empty: not at all.
    today: Vec<Times>,
    open: bool,
    /// Null where closed.
    open_until: Option<Seconds>,
    /// Null where open.
    closed_until: Option<Seconds>,
}

/// Hours of some days of the week.
#[derive(Debug, Serialize, JsonSchema)]
struct Span {
    /// Monday is 0.
    days: Vec<u8>,
    /// `HH:MM:SS`.
    start: String,
    /// `HH:MM:SS`, not included.
    end: String,
}

/// Hours of a day.
#[derive(Debug, Serialize, JsonSchema)]
struct Times {
    /// `HH:MM:SS`.
    start: String,
    /// `HH:MM:SS`, not included.
    end: String,
}

impl LawBody {
    pub(super) fn of(facts: &Facts, places: &[Place]) -> Self {
        let automated = window::automated(&facts.campaign);
        let rules = law::rules_at(places, automated).into_iter();
        Self {
            version: law::version(),
            automated,
            rules: rules
                .filter_map(|(rule, zone)| RuleOfLaw::of(facts, rule, zone))
                .collect(),
        }
    }
}

impl RuleOfLaw {
    /// None: nothing of the rule holds yet.
    fn of(facts: &Facts, rule: &Rule, zone: Tz) -> Option<Self> {
        let date = facts.now.with_timezone(&zone).date_naive();
        let (_, rows) = rule.text(date)?;
        let first = rows.first()?;
        let day = rule.day(date);
        let (until, closed) = match rule.opening(facts.now, zone) {
            Opening::OpenUntil(end) => (Some(end), None),
            Opening::ClosedUntil(start) => (None, Some(start)),
        };
        Some(Self {
            jurisdiction: rule.jurisdiction,
            calls: rule.calls.as_str(),
            citation: first.citation,
            since: first.since.map(written),
            checked: first.checked.map(written),
            week: rows.iter().map(Span::of).collect(),
            holidays: first.calendar(),
            timezone: zone.name(),
            local_date: written(date),
            holiday: day.holiday,
            today: day
                .spans
                .into_iter()
                .map(|(start, end)| Times {
                    start: clock(start),
                    end: clock(end),
                })
                .collect(),
            open: until.is_some(),
            open_until: until.map(Seconds),
            closed_until: closed.map(Seconds),
        })
    }
}

impl Span {
    fn of(row: &Row) -> Self {
        Self {
            days: row.days.clone(),
            start: clock(row.start_min),
            end: clock(row.end_min),
        }
    }
}

fn written(date: NaiveDate) -> String {
    date.format("%F").to_string()
}
