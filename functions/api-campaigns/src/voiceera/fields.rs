//! What a campaign is made from and changed by.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{Error, VoiceAgentId};
use trunkline_http::{Object, Patch, example, read_time, wire::RetryPolicyBody};
use trunkline_service::campaigns::{CampaignPatch, HoursChange, NewCampaign};
use uuid::Uuid;

use crate::read;

/// A campaign's fields. At its making `name` is required and the others have defaults; in a change
/// what is absent stays, and null clears.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    /// At most 200 characters.
    #[schemars(example = &"Q2 Marketing Campaign")]
    name: Patch<String>,
    /// What it is for.
    description: Patch<String>,
    /// The AI agent that talks; none: answered people go to human agents.
    #[schemars(example = example::id("agent_id"))]
    agent_id: Patch<Uuid>,
    /// Whom to call, at most 10,000 in a request. In a change, new ones are added and those that were shown and are missing are taken away.
    #[schemars(example = ["+1234567890", "+1234567891"])]
    phone_numbers: Patch<Vec<String>>,
    /// Nobody is dialled before: RFC 3339, or a date.
    #[schemars(example = &"2024-04-01T00:00:00Z")]
    start_time: Patch<String>,
    /// Nobody is dialled after: RFC 3339, or a date, which is included.
    #[schemars(example = &"2024-06-30T23:59:59Z")]
    end_time: Patch<String>,
    /// Calls at once, 1 to 1,000; 10 unless given.
    #[schemars(example = 50)]
    max_concurrent_calls: Patch<u32>,
    /// `From` of its calls, E.164.
    caller_id: Patch<String>,
    /// IANA zone of the calling hours, and of times without an offset.
    timezone: Patch<String>,
    /// From this time of day on, `09:00:00`; without hours of its own a campaign keeps to the legal ones.
    calling_hours_start: Patch<String>,
    /// Up to this time of day.
    calling_hours_end: Patch<String>,
    /// On these days, 0 is Monday; none is every day.
    calling_days: Patch<Vec<u8>>,
    /// When a number is tried again.
    retry_policy: Patch<Object<RetryPolicyBody>>,
    /// How long a phone rings, 5 to 600; 30 unless given.
    ring_timeout_seconds: Patch<u32>,
    /// Whether answering machines are detected; true unless given.
    amd_enabled: Patch<bool>,
    /// Played to a machine after its beep.
    voicemail_message_url: Patch<String>,
    /// Whether calls are recorded; true unless given.
    record_calls: Patch<bool>,
}

impl Fields {
    pub(super) fn into_new(self) -> Result<NewCampaign, Error> {
        Ok(self.patch()?.into())
    }

    pub(super) fn patch(self) -> Result<CampaignPatch, Error> {
        let timezone = self.timezone.try_map(|name| read::zone(&name))?;
        let zone = timezone.set().unwrap_or(Tz::UTC);
        let hours = HoursChange {
            days: self.calling_days.change(),
            ..read::hours(self.calling_hours_start, self.calling_hours_end, timezone)?
        };
        Ok(CampaignPatch {
            name: self.name.change(),
            description: self.description.change(),
            voice_agent: self.agent_id.change().map(|id| id.map(VoiceAgentId)),
            phone_numbers: self.phone_numbers.change(),
            start_time: self
                .start_time
                .try_map(|text| read_time("start_time", &text, zone))?
                .change(),
            end_time: self
                .end_time
                .try_map(|text| read::end("end_time", &text, zone))?
                .change(),
            max_concurrent_calls: self.max_concurrent_calls.change(),
            caller_id: self.caller_id.try_map(|text| read::caller(&text))?.change(),
            hours,
            retry_policy: self
                .retry_policy
                .change()
                .map(|policy| policy.map(|Object(policy)| policy.into())),
            ring_timeout_s: self.ring_timeout_seconds.change(),
            amd_enabled: self.amd_enabled.change(),
            voicemail_message_url: self.voicemail_message_url.change(),
            record_calls: self.record_calls.change(),
            ..CampaignPatch::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use trunkline_domain::Instant;

    use super::*;

    fn patch(json: &str) -> Result<CampaignPatch, Error> {
        serde_json::from_str::<Fields>(json).unwrap().patch()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_bare_end_date_includes_its_day() {
        let read = patch(r#"{"start_time": "2024-04-01", "end_time": "2024-06-30"}"#).unwrap();
        assert_eq!(read.start_time, Some(Some(at("2024-04-01T00:00:00Z"))));
        assert_eq!(read.end_time, Some(Some(at("2024-07-01T00:00:00Z"))));
    }

    #[test]
    fn a_time_without_an_offset_is_in_the_requests_zone() {
        let read = patch(r#"{"start_time": "2024-04-01T09:00:00", "timezone": "America/New_York"}"#).unwrap();
        assert_eq!(read.start_time, Some(Some(at("2024-04-01T13:00:00Z"))));
    }

    #[test]
    fn each_unreadable_field_is_named() {
        for (json, field) in [
            (r#"{"timezone": "Mars/Olympus"}"#, "timezone"),
            (r#"{"start_time": "soon"}"#, "start_time"),
            (r#"{"end_time": "2024-02-30"}"#, "end_time"),
            (r#"{"caller_id": "555"}"#, "caller_id"),
            (r#"{"calling_hours_start": "9 am"}"#, "calling_hours_start"),
        ] {
            let Err(Error::Invalid(errors)) = patch(json) else {
                panic!("{json} was taken")
            };
            assert_eq!(errors[0].field, field);
        }
    }
}
