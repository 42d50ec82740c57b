//! What an integration is made from and changed by.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use trunkline_domain::{Error, FieldError};
use trunkline_http::{Patch, choose};
use trunkline_service::integrations::{IntegrationPatch, NewIntegration};

use super::kinds;

/// An integration's fields. At its making `name`, `type` and the type's credentials are required; in a change what is absent stays.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    /// At most 200 characters.
    #[schemars(example = &"OpenAI")]
    name: Patch<String>,
    /// `twilio`, `exotel`, `openai`, `deepgram`, `cartesia`, `elevenlabs`, `slack` or `http`; cannot change.
    #[serde(rename = "type")]
    #[schemars(example = &"openai")]
    kind: Patch<String>,
    /// By type: twilio `account_sid, auth_token`; exotel `account_sid, api_key, api_token`; openai `api_key, organization?`; deepgram,
    /// cartesia, elevenlabs `api_key`; slack `bot_token` or `webhook_url`; http `url, token?, username?, password?, header_name?,
    /// header_value?`. In a change a field that is absent, or sent back as it was shown, stays, and null clears.
    #[schemars(with = "Option<BTreeMap<String, Option<String>>>")]
    #[schemars(example = json!({"api_key": "sk-0123456789abcdefwxyz"}))]
    credentials: Patch<Value>,
    /// Free-form, replaced whole; `base_url` says where the provider's API is.
    settings: Patch<Map<String, Value>>,
}

impl Fields {
    pub(super) fn into_new(self) -> Result<NewIntegration, Error> {
        let rest = self.patch()?;
        let known = kinds().map(|(word, _)| word).join(", ");
        let mut errors = Vec::new();
        let Some(kind) = rest.kind else {
            errors.push(FieldError::new("type", format!("is required; one of {known}")));
            if rest.name.as_ref().is_none_or(Option::is_none) {
                errors.push(FieldError::new(
                    "name",
                    "is required; give the integration a name",
                ));
            }
            return Err(Error::Invalid(errors));
        };
        Ok(NewIntegration { kind, rest })
    }

    pub(super) fn patch(self) -> Result<IntegrationPatch, Error> {
        let kind = match self.kind {
            Patch::Keep => None,
            Patch::Clear => return Err(Error::invalid("type", "cannot be null")),
            Patch::Set(word) => Some(choose("type", &word, &kinds())?),
        };
        Ok(IntegrationPatch {
            name: self.name.change(),
            kind,
            credentials: match self.credentials {
                Patch::Keep => BTreeMap::new(),
                Patch::Clear => {
                    let what = "cannot be null; delete the integration instead";
                    return Err(Error::invalid("credentials", what));
                }
                Patch::Set(given) => credentials(given)?,
            },
            settings: self.settings.change(),
        })
    }
}

/// Read by hand: the usual reader quotes what it cannot use, and this is a secret.
fn credentials(given: Value) -> Result<BTreeMap<String, Option<String>>, Error> {
    let Value::Object(given) = given else {
        return Err(Error::invalid("credentials", "must be an object"));
    };
    let one = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, Some(text))),
        Value::Null => Ok((name, None)),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let name: String = name.chars().take(64).collect();
            Err(Error::invalid(format!("credentials.{name}"), "must be a text"))
        }
    };
    given.into_iter().map(one).collect()
}
