//! What Twilio sends, read without copying: 50 of these come a second and call.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

/// A message that is not of this protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not JSON, or without what its event needs.
    #[error("not a Media Streams message: {0}")]
    Json(String),
    /// The audio is not base64.
    #[error("the payload of a media message is not base64")]
    Payload,
}

/// Any message.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) media: Option<Media<'a>>,
    #[serde(borrow)]
    pub(super) mark: Option<Mark<'a>>,
    #[serde(borrow)]
    pub(super) dtmf: Option<Dtmf<'a>>,
    pub(super) start: Option<Box<Start>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Media<'a> {
    #[serde(borrow)]
    pub(super) payload: Cow<'a, str>,
    /// Milliseconds from the stream's start, as text.
    #[serde(borrow, default)]
    pub(super) timestamp: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) track: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mark<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dtmf<'a> {
    #[serde(borrow)]
    pub(super) digit: Cow<'a, str>,
}

/// What a stream says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Start {
    pub(crate) stream_sid: String,
    pub(crate) call_sid: String,
    pub(crate) account_sid: String,
    pub(crate) media_format: Option<MediaFormat>,
    pub(crate) custom_parameters: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MediaFormat {
    pub(crate) encoding: String,
    pub(crate) sample_rate: u32,
    pub(crate) channels: u32,
}

impl MediaFormat {
    /// Whether it is the only one that Twilio has.
    pub(crate) fn is_telephone(&self) -> bool {
        self.encoding == "audio/x-mulaw" && self.sample_rate == 8_000 && self.channels == 1
    }
}

impl<'a> Message<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Malformed> {
        serde_json::from_str(text).map_err(|error| Malformed::Json(error.to_string()))
    }
}
