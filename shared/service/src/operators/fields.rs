//! What a human agent's fields may hold.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use trunkline_domain::{
    E164, Error, FieldError,
    id::GroupId,
    operator::Operator,
    working_hours::{DAYS, Shift, WorkingHours},
    zones,
};

use crate::{
    campaigns::read_minute,
    identity::{self, read_email},
};

/// Calls that one person can be in at once.
const CALLS_MAX: u32 = 10;

/// A shift as it is written: `09:00` to `17:00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftText {
    /// When it begins.
    pub start: String,
    /// When it ends; `24:00` is midnight, and not later than the beginning is on the next day.
    pub end: String,
}

/// Shifts by the day's name, as they are written; no shift is a free day.
pub type Week = BTreeMap<String, Option<ShiftText>>;

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperatorPatch {
    /// Its name; cannot be cleared.
    pub name: Option<Option<String>>,
    /// Where it is rung; cannot be cleared.
    pub phone: Option<Option<String>>,
    /// Unique among the tenant's human agents.
    pub email: Option<Option<String>>,
    /// The group whose calls it takes; cleared is the tenant's default one.
    pub group: Option<Option<GroupId>>,
    /// Calls at once; cleared is one.
    pub max_concurrent_calls: Option<Option<u32>>,
    /// Its shifts, replaced whole; cleared is always.
    pub working_hours: Option<Option<Week>>,
    /// In which zone they are meant; cleared is its phone number's.
    pub timezone: Option<Option<String>>,
    /// Whether it is given calls; cleared is true.
    pub is_active: Option<Option<bool>>,
}

impl OperatorPatch {
    /// Changes all but the group, which only the store can check. `country` is that of national numbers.
    pub(super) fn applied(&self, mut operator: Operator, country: Option<&str>) -> Result<Operator, Error> {
        let mut errors = Vec::new();
        let mut note = |result: Result<(), FieldError>| errors.extend(result.err());
        let phone_before = operator.phone.clone();
        if let Some(name) = &self.name {
            note(read_name(name.as_deref()).map(|name| operator.name = name));
        }
        if let Some(phone) = &self.phone {
            note(read_phone(phone.as_deref(), country).map(|phone| operator.phone = phone));
        }
        if let Some(email) = &self.email {
            let read = email
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| read_email("email", text));
            note(read.transpose().map(|email| operator.email = email));
        }
        if let Some(most) = self.max_concurrent_calls {
            let most = most.unwrap_or(1);
            operator.max_concurrent_calls = most;
            if !(1..=CALLS_MAX).contains(&most) {
                let what = format!("must be from 1 to {CALLS_MAX}");
                note(Err(FieldError::new("max_concurrent_calls", what)));
            }
        }
        match &self.working_hours {
            Some(Some(week)) => note(read_week(week).map(|hours| operator.working_hours = Some(hours))),
            Some(None) => operator.working_hours = None,
            None => {}
        }
        match &self.timezone {
            Some(Some(zone)) => note(
                zones::read(zone)
                    .map(|zone| operator.timezone = zone)
                    .map_err(|error| FieldError::new("timezone", error.to_string())),
            ),
            Some(None) => operator.timezone = zone_of(&operator.phone),
            // Nobody named a zone: the number's goes with the number.
            None if operator.timezone == zone_of(&phone_before) => {
                operator.timezone = zone_of(&operator.phone);
            }
            None => {}
        }
        if let Some(active) = self.is_active {
            operator.is_active = active.unwrap_or(true);
        }
        if errors.is_empty() {
            Ok(operator)
        } else {
            Err(Error::Invalid(errors))
        }
    }
}

pub(super) fn read_name(name: Option<&str>) -> Result<String, FieldError> {
    let name = identity::read_name("name", name.unwrap_or_default())?;
    if name.is_empty() {
        return Err(FieldError::new("name", "is required"));
    }
    Ok(name)
}

pub(super) fn read_phone(phone: Option<&str>, country: Option<&str>) -> Result<E164, FieldError> {
    let Some(text) = phone else {
        let what = "is required: the number that is rung, such as +14155553333";
        return Err(FieldError::phone("phone", what));
    };
    E164::read(text, country).map_err(|error| FieldError::phone("phone", error.to_string()))
}

/// The zone of a number that lies in but one, else UTC.
pub(super) fn zone_of(phone: &E164) -> Tz {
    match zones::of_number(phone) {
        [zone] => *zone,
        _ => Tz::UTC,
    }
}

fn read_week(week: &Week) -> Result<WorkingHours, FieldError> {
    let mut shifts = BTreeMap::new();
    for (name, shift) in week {
        let field = || format!("working_hours.{name}");
        let day = (0..)
            .zip(DAYS)
            .find(|(_, day)| day.eq_ignore_ascii_case(name))
            .map(|(at, _)| at);
        let day: u8 = day.ok_or_else(|| {
            let what = format!("is no day of the week; the days are {}", DAYS.join(", "));
            FieldError::new(field(), what)
        })?;
        let Some(shift) = shift else { continue };
        let read = |part: &str, text: &str| {
            let field = format!("{}.{part}", field());
            let what = format!("`{text}` is no time of day such as 09:00");
            read_minute(&field, text).map_err(|_| FieldError::new(field, what))
        };
        let (start_min, end_min) = (read("start", &shift.start)?, read("end", &shift.end)?);
        if start_min == end_min || start_min > 1_439 || end_min == 0 {
            let what = "must begin and end at two different times of day, such as 09:00 and 17:00; 24:00 is the end of a day";
            return Err(FieldError::new(field(), what));
        }
        shifts.insert(day, Shift { start_min, end_min });
    }
    Ok(WorkingHours(shifts))
}

/// Shifts as they are written, by the day's name.
#[must_use]
pub fn week_of(hours: &WorkingHours) -> Vec<(&'static str, ShiftText)> {
    let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    hours
        .0
        .iter()
        .filter_map(|(day, shift)| {
            let name = DAYS.get(usize::from(*day))?;
            let shift = ShiftText {
                start: text(shift.start_min),
                end: text(shift.end_min),
            };
            Some((*name, shift))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(day: &str, start: &str, end: &str) -> Week {
        let shift = ShiftText {
            start: start.to_owned(),
            end: end.to_owned(),
        };
        Week::from([(day.to_owned(), Some(shift))])
    }

    #[test]
    fn shifts_are_read_and_written_as_the_document_has_them() {
        let hours = read_week(&week("Monday", "09:00", "17:00")).unwrap();
        let shown = week_of(&hours);
        assert_eq!(shown[0].0, "monday");
        assert_eq!(
            (shown[0].1.start.as_str(), shown[0].1.end.as_str()),
            ("09:00", "17:00")
        );
        assert!(read_week(&week("friday", "22:00:00", "24:00")).is_ok());
    }

    #[test]
    fn a_wrong_shift_is_named_by_its_place() {
        let field = |day, start, end| read_week(&week(day, start, end)).unwrap_err().field;
        assert_eq!(field("funday", "09:00", "17:00"), "working_hours.funday");
        assert_eq!(field("monday", "9 am", "17:00"), "working_hours.monday.start");
        assert_eq!(field("monday", "09:00", "24:01"), "working_hours.monday.end");
        assert_eq!(field("monday", "09:00", "09:00"), "working_hours.monday");
        assert_eq!(field("monday", "24:00", "09:00"), "working_hours.monday");
    }

    #[test]
    fn the_zone_is_the_numbers_where_it_has_but_one() {
        assert_eq!(
            zone_of(&"+14155553333".parse().unwrap()),
            Tz::America__Los_Angeles
        );
        assert_eq!(zone_of(&"+18005553333".parse().unwrap()), Tz::UTC);
    }
}
