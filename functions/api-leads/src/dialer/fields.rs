//! What a lead is changed by.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_domain::{Error, Priority};
use trunkline_http::{Patch, choose};
use trunkline_service::leads::LeadPatch;

use super::statuses;

/// A lead's fields: what is absent stays, null clears.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    #[schemars(example = &"Sara")]
    first_name: Patch<String>,
    #[schemars(example = &"Ahmed")]
    last_name: Patch<String>,
    #[schemars(example = &"sara@example.com")]
    email: Patch<String>,
    /// Two letters.
    #[schemars(example = &"US")]
    country: Patch<String>,
    #[schemars(example = &"carrier")]
    r#type: Patch<String>,
    /// IANA zone whose calling window it keeps to.
    timezone: Patch<String>,
    /// `low`, `normal`, `high` or `urgent`.
    #[schemars(example = &"high")]
    priority: Patch<String>,
    #[schemars(example = json!({"company": "ABC Corp"}))]
    custom_fields: Patch<Map<String, Value>>,
    #[schemars(example = &"VIP customer")]
    notes: Patch<String>,
    /// Only its own: a lead is its number.
    phone: Patch<String>,
    /// `true`: the number is not called any more, in no campaign.
    do_not_call: Patch<bool>,
    /// What its calls came to, so that a lead can be sent back as it was read: it changes nothing. What is no status is refused.
    status: Patch<String>,
}

const PRIORITIES: [(&str, Priority); 4] = [
    ("low", Priority::Low),
    ("normal", Priority::Normal),
    ("high", Priority::High),
    ("urgent", Priority::Urgent),
];

impl Fields {
    pub(super) fn patch(self) -> Result<LeadPatch, Error> {
        self.status.try_map(|word| choose("status", &word, &statuses()))?;
        Ok(LeadPatch {
            first_name: self.first_name.change(),
            last_name: self.last_name.change(),
            email: self.email.change(),
            country: self.country.change(),
            kind: self.r#type.change(),
            timezone: self.timezone.change(),
            priority: self
                .priority
                .try_map(|word| choose("priority", &word, &PRIORITIES))?
                .change(),
            custom_fields: self.custom_fields.change(),
            notes: self.notes.change(),
            phone: self.phone.change(),
            do_not_call: self.do_not_call.set(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_is_a_word_of_the_document() {
        let patch = |json: &str| serde_json::from_str::<Fields>(json).unwrap().patch();
        assert_eq!(
            patch(r#"{"priority": "High"}"#).unwrap().priority,
            Some(Some(Priority::High))
        );
        assert_eq!(patch(r#"{"priority": null}"#).unwrap().priority, Some(None));
        assert!(
            patch(r#"{"priority": "soon"}"#)
                .unwrap_err()
                .to_string()
                .contains("low, normal, high, urgent")
        );
    }
}
