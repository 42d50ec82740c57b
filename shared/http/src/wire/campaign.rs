//! VoiceERA's campaign.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Campaign, RetryPolicy};
use trunkline_service::campaigns::show_minute;
use uuid::Uuid;

use crate::Seconds;

/// How many of its numbers a campaign shows by itself.
pub const NUMBERS_IN_ONE: usize = 1_000;
/// How many of its numbers a campaign shows in a list.
pub const NUMBERS_IN_LIST: usize = 100;

/// A campaign.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CampaignBody {
    /// Its id.
    pub id: Uuid,
    /// Who made it.
    pub user_id: Uuid,
    /// Its name.
    #[schemars(example = &"Q2 Marketing Campaign")]
    pub name: String,
    /// What it is for.
    #[schemars(example = &"Tells customers of the spring offer")]
    pub description: Option<String>,
    /// The AI agent that talks; null: answered people go to human agents.
    pub agent_id: Option<Uuid>,
    /// `draft`, `scheduled`, `active`, `paused`, `completed` or `cancelled`.
    #[schemars(example = &"draft")]
    pub status: &'static str,
    /// The first of its numbers: 1,000, in lists 100.
    #[schemars(example = ["+1234567890", "+1234567891"])]
    pub phone_numbers: Vec<String>,
    /// Nobody is dialled before.
    #[schemars(example = &"2024-04-01T00:00:00Z")]
    pub start_time: Option<Seconds>,
    /// Nobody is dialled after.
    #[schemars(example = &"2024-06-30T23:59:59Z")]
    pub end_time: Option<Seconds>,
    /// Calls at once.
    #[schemars(example = 50)]
    pub max_concurrent_calls: u32,
    /// `From` of its calls; null is the platform's own.
    #[schemars(example = &"+14155551234")]
    pub caller_id: Option<String>,
    /// The zone of its calling hours; null is each called party's own.
    #[schemars(example = &"America/Los_Angeles")]
    pub timezone: Option<String>,
    /// From this time of day on, `09:00:00`; null: the legal hours.
    #[schemars(example = &"09:00:00")]
    pub calling_hours_start: Option<String>,
    /// Up to this time of day.
    #[schemars(example = &"17:00:00")]
    pub calling_hours_end: Option<String>,
    /// On these days, 0 is Monday; empty is every day.
    #[schemars(example = [0, 1, 2, 3, 4])]
    pub calling_days: Vec<u8>,
    /// When a number is tried again.
    pub retry_policy: RetryPolicyBody,
    /// How long a phone rings.
    #[schemars(example = 30)]
    pub ring_timeout_seconds: u32,
    /// Whether answering machines are detected.
    pub amd_enabled: bool,
    /// Played to a machine after its beep.
    #[schemars(example = &"https://example.com/voicemail.mp3")]
    pub voicemail_message_url: Option<String>,
    /// Whether calls are recorded.
    pub record_calls: bool,
    /// When it was first launched.
    #[schemars(example = None::<Seconds>)]
    pub launched_at: Option<Seconds>,
    /// When it ended.
    #[schemars(example = None::<Seconds>)]
    pub ended_at: Option<Seconds>,
    /// When it was made.
    pub created_at: Seconds,
    /// When it last changed.
    pub updated_at: Seconds,
}

impl CampaignBody {
    /// A campaign with at most so many of its numbers.
    #[must_use]
    pub fn of(campaign: Campaign, numbers: usize) -> Self {
        let hours = campaign.hours.as_ref();
        Self {
            id: campaign.id.0,
            user_id: campaign.created_by.0,
            timezone: hours
                .and_then(|hours| hours.timezone)
                .map(|zone| zone.name().to_owned()),
            calling_hours_start: hours.map(|hours| show_minute(hours.start_min)),
            calling_hours_end: hours.map(|hours| show_minute(hours.end_min)),
            calling_days: hours.map(|hours| hours.days.clone()).unwrap_or_default(),
            name: campaign.name,
            description: campaign.description,
            agent_id: campaign.voice_agent.map(|agent| agent.0),
            status: campaign.state.as_str(),
            phone_numbers: campaign.phone_numbers.into_iter().take(numbers).collect(),
            start_time: campaign.start_time.map(Seconds),
            end_time: campaign.end_time.map(Seconds),
            max_concurrent_calls: campaign.max_concurrent_calls,
            caller_id: campaign.caller_id.map(|caller| caller.0.to_string()),
            retry_policy: campaign.retry_policy.into(),
            ring_timeout_seconds: campaign.ring_timeout_s,
            amd_enabled: campaign.amd_enabled,
            voicemail_message_url: campaign.voicemail_message_url,
            record_calls: campaign.record_calls,
            launched_at: campaign.launched_at.map(Seconds),
            ended_at: campaign.ended_at.map(Seconds),
            created_at: campaign.created_at.into(),
            updated_at: campaign.updated_at.into(),
        }
    }
}

/// When a number is tried again. What is absent has its default.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RetryPolicyBody {
    /// Attempts in all, 1 to 20.
    pub max_attempts: u32,
    /// Minutes between two attempts, 0 to 10,080.
    pub delay_minutes: u32,
    /// Again when nobody answered.
    pub retry_on_no_answer: bool,
    /// Again when the line was busy.
    pub retry_on_busy: bool,
    /// Again when a machine answered.
    pub retry_on_voicemail: bool,
    /// Again when the carrier failed the call.
    pub retry_on_failed: bool,
}

impl Default for RetryPolicyBody {
    fn default() -> Self {
        RetryPolicy::default().into()
    }
}

impl From<RetryPolicy> for RetryPolicyBody {
    fn from(policy: RetryPolicy) -> Self {
        Self {
            max_attempts: policy.max_attempts,
            delay_minutes: policy.delay_minutes,
            retry_on_no_answer: policy.retry_on_no_answer,
            retry_on_busy: policy.retry_on_busy,
            retry_on_voicemail: policy.retry_on_voicemail,
            retry_on_failed: policy.retry_on_failed,
        }
    }
}

impl From<RetryPolicyBody> for RetryPolicy {
    fn from(body: RetryPolicyBody) -> Self {
        Self {
            max_attempts: body.max_attempts,
            delay_minutes: body.delay_minutes,
            retry_on_no_answer: body.retry_on_no_answer,
            retry_on_busy: body.retry_on_busy,
            retry_on_voicemail: body.retry_on_voicemail,
            retry_on_failed: body.retry_on_failed,
        }
    }
}
