//! What the Dialer's campaign is made from and changed by.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{Error, VoiceAgentId, id::GroupId, pacing::Pacing};
use trunkline_http::{Object, Patch, choose, example, read_time, wire::RetryPolicyBody};
use trunkline_service::campaigns::{CampaignPatch, FallbackChange, FallbackKind, HoursChange, NewCampaign};
use uuid::Uuid;

use crate::read;

/// 09:00, in minutes of the day: a new campaign's hours begin, unless told otherwise.
const OPENS_MIN: u16 = 9 * 60;
/// 17:00: they end.
const CLOSES_MIN: u16 = 17 * 60;

/// A campaign's fields. At its making `name` is required and the others have defaults; in a change what is absent stays, and null
/// clears.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Fields {
    /// At most 200 characters.
    #[schemars(example = &"Q1 2024 Outreach")]
    name: Patch<String>,
    /// `From` of its calls, E.164; the platform's own unless given.
    #[schemars(example = &"+14155551234")]
    caller_id: Patch<String>,
    /// Nobody is dialled before: RFC 3339, or a date.
    #[schemars(example = &"2024-01-01T09:00:00Z")]
    schedule_start: Patch<String>,
    /// Nobody is dialled after: RFC 3339, or a date, which is included.
    #[schemars(example = &"2024-03-31T17:00:00Z")]
    schedule_end: Patch<String>,
    /// IANA zone of the calling hours, and of times without an offset; each called party's own unless given.
    #[schemars(example = &"America/Los_Angeles")]
    timezone: Patch<String>,
    /// From this time of day on; 09:00:00 unless given. Both null in a change: the legal hours of each called party.
    #[schemars(example = &"09:00:00")]
    calling_hours_start: Patch<String>,
    /// Up to this time of day; 17:00:00 unless given.
    #[schemars(example = &"17:00:00")]
    calling_hours_end: Patch<String>,
    /// The human agents that answered people go to.
    #[schemars(example = example::id("agent_group_id"))]
    agent_group_id: Patch<Uuid>,
    /// How it dials for them: `progressive`, one number for each free one, which it is unless given; or `predictive`, ahead of those about
    /// to be free, as long as nearly nobody who answers is left without one.
    #[schemars(example = &"predictive")]
    pacing: Patch<String>,
    /// How long one of them is looked for after the answer, 2 to 300 seconds; 20 unless given.
    #[schemars(example = 20)]
    max_wait_seconds: Patch<u32>,
    /// What the person is given if nobody comes: `goodbye`, which it is unless given; `voicemail`, the message at
    /// `voicemail_message_url`; or `voice_agent`.
    #[schemars(example = &"voicemail")]
    fallback: Patch<String>,
    /// The AI agent that talks then; required where `fallback` is `voice_agent`, else left out.
    fallback_agent_id: Patch<Uuid>,
    /// When a number is tried again; what it leaves out has its default.
    #[schemars(example = RetryPolicyBody::default())]
    retry_policy: Patch<Object<RetryPolicyBody>>,
    /// Whether answering machines are detected; true unless given.
    #[schemars(example = true)]
    amd_enabled: Patch<bool>,
    /// Played to a machine after its beep.
    #[schemars(example = &"https://example.com/voicemail.mp3")]
    voicemail_message_url: Patch<String>,
    /// Whether calls are recorded; true unless given.
    #[schemars(example = true)]
    record_calls: Patch<bool>,
}

impl Fields {
    /// A new campaign: without hours of its own it gets this document's, not the legal ones.
    pub(super) fn into_new(self) -> Result<NewCampaign, Error> {
        let new = NewCampaign::from(self.patch()?);
        let minute = |given: Option<Option<u16>>, usual| Some(Some(given.flatten().unwrap_or(usual)));
        Ok(NewCampaign {
            hours: HoursChange {
                start_min: minute(new.hours.start_min, OPENS_MIN),
                end_min: minute(new.hours.end_min, CLOSES_MIN),
                ..new.hours
            },
            ..new
        })
    }

    pub(super) fn patch(self) -> Result<CampaignPatch, Error> {
        let timezone = self.timezone.try_map(|name| read::zone(&name))?;
        let zone = timezone.set().unwrap_or(Tz::UTC);
        let hours = read::hours(self.calling_hours_start, self.calling_hours_end, timezone)?;
        Ok(CampaignPatch {
            name: self.name.change(),
            group: self.agent_group_id.change().map(|id| id.map(GroupId)),
            pacing: self
                .pacing
                .try_map(|word| {
                    choose(
                        "pacing",
                        &word,
                        &Pacing::ALL.map(|pacing| (pacing.as_str(), pacing)),
                    )
                })?
                .change(),
            wait_s: self.max_wait_seconds.change(),
            fallback: FallbackChange {
                kind: self
                    .fallback
                    .try_map(|word| {
                        choose(
                            "fallback",
                            &word,
                            &FallbackKind::ALL.map(|kind| (kind.as_str(), kind)),
                        )
                    })?
                    .change(),
                agent: self.fallback_agent_id.change().map(|id| id.map(VoiceAgentId)),
            },
            start_time: self
                .schedule_start
                .try_map(|text| read_time("schedule_start", &text, zone))?
                .change(),
            end_time: self
                .schedule_end
                .try_map(|text| read::end("schedule_end", &text, zone))?
                .change(),
            caller_id: self.caller_id.try_map(|text| read::caller(&text))?.change(),
            hours,
            retry_policy: self
                .retry_policy
                .change()
                .map(|policy| policy.map(|Object(policy)| policy.into())),
            amd_enabled: self.amd_enabled.change(),
            voicemail_message_url: self.voicemail_message_url.change(),
            record_calls: self.record_calls.change(),
            ..CampaignPatch::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_new_campaign_has_the_documents_hours_and_a_change_leaves_them() {
        let hours = |json: &str| fields(json).into_new().unwrap().hours;
        let plain = hours("{}");
        assert_eq!(
            (plain.start_min, plain.end_min),
            (Some(Some(540)), Some(Some(1_020)))
        );
        let early = hours(r#"{"calling_hours_start": "08:00:00", "calling_hours_end": null}"#);
        assert_eq!(
            (early.start_min, early.end_min),
            (Some(Some(480)), Some(Some(1_020)))
        );
        assert_eq!(fields("{}").patch().unwrap(), CampaignPatch::default());
        let cleared = fields(r#"{"calling_hours_start": null}"#).patch().unwrap();
        assert_eq!(cleared.hours.start_min, Some(None));
    }

    #[test]
    fn a_time_without_an_offset_is_in_the_campaigns_zone_and_an_end_date_is_included() {
        let json = r#"{"timezone": "America/Los_Angeles", "schedule_start": "2024-01-01T09:00:00", "schedule_end": "2024-03-30"}"#;
        let patch = fields(json).patch().unwrap();
        let at = |text: &str| Some(Some(text.parse().unwrap()));
        assert_eq!(patch.start_time, at("2024-01-01T17:00:00Z"));
        assert_eq!(patch.end_time, at("2024-03-31T07:00:00Z"));
    }
}
