//! A row on its way to being a lead.

use serde_json::{Map, Value};
use trunkline_domain::Priority;

use crate::{LeadRow, Row, RowError, columns::Column, fields, number};

/// The most bytes that a lead's custom fields may have together.
const CUSTOM_BYTES_MAX: usize = 16_000;

/// What was read of a row so far, and what is wrong with it.
pub(crate) struct Draft {
    row: u64,
    phone: String,
    country: Option<String>,
    lead: Fields,
    custom_bytes: usize,
    errors: Vec<RowError>,
}

/// The fields that a row's phone number does not need.
#[derive(Default)]
struct Fields {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    kind: Option<String>,
    priority: Priority,
    do_not_call: bool,
    notes: Option<String>,
    timezone: Option<String>,
    custom: Map<String, Value>,
}

impl Draft {
    pub(crate) fn new(row: u64) -> Self {
        Self {
            row,
            phone: String::new(),
            country: None,
            lead: Fields::default(),
            custom_bytes: 0,
            errors: Vec::new(),
        }
    }

    pub(crate) fn wrong(&mut self, field: &str, value: &str, error: impl Into<String>) {
        self.errors.push(RowError::new(self.row, field, value, error));
    }

    pub(crate) fn take(&mut self, column: &Column, value: &str) {
        let field = match column {
            Column::Unnamed => return,
            Column::Custom(name) => return self.custom(name, value),
            Column::Field(field) => *field,
        };
        if fields::has_control(value) {
            return self.wrong(field, value, "holds a control character");
        }
        let owned = value.to_owned();
        let taken = match field {
            "phone" => {
                self.phone = owned;
                Ok(())
            }
            "country" => {
                self.country = Some(owned);
                Ok(())
            }
            "first_name" => fields::short(owned, 100).map(|text| self.lead.first_name = Some(text)),
            "last_name" => fields::short(owned, 100).map(|text| self.lead.last_name = Some(text)),
            "email" => fields::email(owned).map(|text| self.lead.email = Some(text)),
            "type" => fields::short(owned, 100).map(|text| self.lead.kind = Some(text)),
            "priority" => fields::priority(value).map(|priority| self.lead.priority = priority),
            "do_not_call" => fields::yes_or_no(value).map(|marked| self.lead.do_not_call = marked),
            "notes" => fields::short(owned, 5_000).map(|text| self.lead.notes = Some(text)),
            "timezone" => fields::timezone(owned).map(|zone| self.lead.timezone = Some(zone)),
            other => Err(format!("`{other}` is no field of a lead")),
        };
        if let Err(what) = taken {
            self.wrong(field, value, what);
        }
    }

    fn custom(&mut self, name: &str, value: &str) {
        if fields::has_control(value) {
            return self.wrong(name, value, "holds a control character");
        }
        self.custom_bytes += name.len() + value.len();
        if self.custom_bytes > CUSTOM_BYTES_MAX {
            let before = self.custom_bytes - name.len() - value.len();
            if before <= CUSTOM_BYTES_MAX {
                let what =
                    format!("the row's custom fields have more than {CUSTOM_BYTES_MAX} bytes together");
                self.wrong(name, value, what);
            }
            return;
        }
        self.lead
            .custom
            .insert(name.to_owned(), Value::String(value.to_owned()));
    }

    pub(crate) fn finish(mut self, default_country: Option<&str>) -> Row {
        let country = self.country.as_deref().map(number::region);
        let read = number::read(&self.phone, self.country.as_deref().or(default_country));
        let phone = match read {
            Ok(phone) => Some(phone),
            Err((field, why)) => {
                let value = match field {
                    "country" => self.country.clone().unwrap_or_default(),
                    _ => self.phone.clone(),
                };
                self.wrong(field, &value, why);
                None
            }
        };
        let (Some(phone), true) = (phone, self.errors.is_empty()) else {
            return Row::Wrong(self.errors);
        };
        let lead = self.lead;
        Row::Lead(Box::new(LeadRow {
            row: self.row,
            phone,
            first_name: lead.first_name,
            last_name: lead.last_name,
            email: lead.email,
            country: country.and_then(Result::ok),
            kind: lead.kind,
            priority: lead.priority,
            do_not_call: lead.do_not_call,
            notes: lead.notes,
            timezone: lead.timezone,
            custom_fields: lead.custom,
        }))
    }
}
