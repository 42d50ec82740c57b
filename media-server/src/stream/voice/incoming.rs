//! What a browser sends, one JSON object a message.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::stream::twilio::Malformed;

/// The only audio that is spoken here.
pub(super) const FORMAT: &str = "pcm_16k";

/// Any message; those of other types than ours are ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    /// `audio`: [`FORMAT`].
    #[serde(borrow, default)]
    pub(super) format: Option<Cow<'a, str>>,
    /// `audio`: base64.
    #[serde(borrow, default)]
    data: Option<&'a serde_json::value::RawValue>,
    /// `control`: `pause`, `resume` or `end`.
    #[serde(borrow, default)]
    pub(super) action: Option<Cow<'a, str>>,
}

/// The first message, where the query did not say it all.
#[derive(Deserialize)]
pub(super) struct Auth {
    #[serde(default)]
    pub(super) token: Option<String>,
    #[serde(default)]
    pub(super) agent_id: Option<String>,
    #[serde(default)]
    pub(super) campaign_id: Option<String>,
}

impl<'a> Message<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Malformed> {
        serde_json::from_str(text).map_err(|error| Malformed::Json(error.to_string()))
    }

    /// The audio's base64.
    pub(super) fn payload(&self) -> Result<Cow<'a, str>, Malformed> {
        let raw = self.data.ok_or_else(|| without("audio", "data"))?.get();
        // Base64 needs no escapes, but `/` may have one.
        match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
            Some(_) | None => serde_json::from_str(raw)
                .map(Cow::Owned)
                .map_err(|_| Malformed::Json("the `data` of a message `audio` is a base64 text".to_owned())),
        }
    }
}

pub(super) fn auth(text: &str) -> Result<Auth, Malformed> {
    serde_json::from_str(text).map_err(|error| Malformed::Json(error.to_string()))
}

/// What a `metadata` message says, without what every message says.
pub(super) fn metadata(text: &str) -> Result<String, Malformed> {
    let mut fields: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| Malformed::Json(error.to_string()))?;
    for own in ["type", "session_id", "timestamp"] {
        fields.remove(own);
    }
    Ok(Value::Object(fields).to_string())
}

pub(super) fn without(kind: &str, part: &str) -> Malformed {
    Malformed::Json(format!("a message `{kind}` without its `{part}`"))
}
