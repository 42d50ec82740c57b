//! The rows of `law.tsv`, read strictly.

use chrono::{Datelike, NaiveDate};

use super::{
    Rule,
    holidays::{self, Calendar},
};
use crate::hours::day_index;

/// Which calls a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Calls {
    /// All for business.
    All,
    /// Those in which a machine talks.
    Automated,
}

impl Calls {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Automated => "automated",
        }
    }
}

/// One row: hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// A country, a state, or `*`.
    pub jurisdiction: &'static str,
    /// Which calls it is about.
    pub calls: Calls,
    /// Days, Monday = 0, in order.
    pub days: Vec<u8>,
    /// Minute of the day, 0 to 1,439.
    pub start_min: u16,
    /// First minute after it, 1 to 1,440, later than `start_min`.
    pub end_min: u16,
    /// The first local day on which it holds; none: as long as matters here.
    pub since: Option<NaiveDate>,
    /// When it was last read in the source; none: known from those who report of it.
    pub checked: Option<NaiveDate>,
    /// Where it is written.
    pub citation: &'static str,
    /// Days on which it does not hold.
    holidays: Option<&'static Calendar>,
}

impl Row {
    /// Whether it is about this day of the week.
    pub(super) fn on(&self, day: NaiveDate) -> bool {
        self.days.contains(&day_index(day.weekday()))
    }

    /// Which of its holidays a day is.
    pub(super) fn holiday(&self, day: NaiveDate) -> Option<&'static str> {
        self.holidays.and_then(|calendar| calendar.on(day))
    }

    /// The name of the list of holidays on which it does not hold.
    #[must_use]
    pub fn calendar(&self) -> Option<&'static str> {
        self.holidays.map(|calendar| calendar.name)
    }
}

/// The rows of a file, or what is wrong with each that is none.
pub(super) fn read(file: &'static str) -> Vec<Result<Row, String>> {
    let lines = file.lines().enumerate();
    lines
        .filter(|(_, line)| !line.starts_with('#'))
        .map(|(index, line)| row(line).map_err(|what| format!("law.tsv, line {}: {what}", index + 1)))
        .collect()
}

/// Rows by jurisdiction, calls and the day since which they hold. A test keeps every row of the file readable.
pub(super) fn grouped(rows: Vec<Result<Row, String>>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for row in rows.into_iter().flatten() {
        let since = row.since.unwrap_or(NaiveDate::MIN);
        let same = |rule: &Rule| rule.jurisdiction == row.jurisdiction && rule.calls == row.calls;
        let at = rules.iter().position(same).unwrap_or(rules.len());
        if at == rules.len() {
            rules.push(Rule {
                jurisdiction: row.jurisdiction,
                calls: row.calls,
                texts: Vec::new(),
            });
        }
        let texts = &mut rules[at].texts;
        match texts.iter_mut().find(|(known, _)| *known == since) {
            Some((_, rows)) => rows.push(row),
            None => texts.push((since, vec![row])),
        }
        texts.sort_by_key(|(since, _)| *since);
    }
    rules
}

fn row(line: &'static str) -> Result<Row, String> {
    let words: Vec<&'static str> = line.split('\t').collect();
    let [
        jurisdiction,
        calls,
        days,
        from,
        to,
        calendar,
        since,
        checked,
        citation,
    ] = words[..]
    else {
        return Err(format!("{} columns instead of 9", words.len()));
    };
    let calls = match calls {
        "all" => Calls::All,
        "automated" => Calls::Automated,
        other => return Err(format!("calls are `all` or `automated`, not `{other}`")),
    };
    let (start_min, end_min) = (minute(from)?, minute(to)?);
    if start_min >= end_min {
        return Err(format!("{from} to {to} is no time"));
    }
    if citation.trim().is_empty() || jurisdiction.is_empty() {
        return Err("without a jurisdiction or a citation".to_owned());
    }
    let holidays = match calendar {
        "-" => None,
        name => Some(holidays::calendar(name).ok_or_else(|| format!("no holidays are named `{name}`"))?),
    };
    Ok(Row {
        jurisdiction,
        calls,
        days: week(days)?,
        start_min,
        end_min,
        since: date(since)?,
        checked: date(checked)?,
        citation,
        holidays,
    })
}

/// `mo-fr` or `sa`.
fn week(text: &str) -> Result<Vec<u8>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let day = |text: &str| holidays::weekday(text).map(day_index);
    match (day(first), day(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first..=last).collect()),
        (Some(_) | None, Some(_) | None) => Err(format!(
            "`{text}` is no day such as `sa`, and no days such as `mo-fr`"
        )),
    }
}

/// `09:30`, up to `24:00`.
fn minute(text: &str) -> Result<u16, String> {
    let wrong = || format!("`{text}` is no time such as 09:30");
    let (hour, minute) = text
        .split_once(':')
        .filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)
        .ok_or_else(wrong)?;
    let hour: u16 = hour.parse().map_err(|_| wrong())?;
    let minute: u16 = minute.parse().map_err(|_| wrong())?;
    let total = hour * 60 + minute;
    if minute < 60 && total <= 1_440 {
        Ok(total)
    } else {
        Err(wrong())
    }
}

/// `2026-11-23` or `-`.
fn date(text: &str) -> Result<Option<NaiveDate>, String> {
    match text {
        "-" => Ok(None),
        day => day
            .parse()
            .map(Some)
            .map_err(|_| format!("`{day}` is no date such as 2026-11-23")),
    }
}
