//! The Dialer's campaign.

use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::Campaign;
use trunkline_http::{Seconds, example, wire::RetryPolicyBody};
use trunkline_service::{
    campaigns::{FallbackKind, Progress, show_minute},
    voicemail::Standing,
};
use uuid::Uuid;

/// A campaign.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CampaignBody {
    #[schemars(example = example::id("campaign_id"))]
    id: Uuid,
    tenant_id: Uuid,
    #[schemars(example = &"Q1 2024 Outreach")]
    name: String,
    /// `From` of its calls; null is the platform's own.
    #[schemars(example = &"+14155551234")]
    caller_id: Option<String>,
    /// `draft`, `scheduled`, `active`, `paused`, `completed` or `cancelled`.
    #[schemars(example = &"active")]
    status: &'static str,
    /// Nobody is dialled before.
    #[schemars(example = &"2024-01-01T09:00:00Z")]
    schedule_start: Option<Seconds>,
    /// Nobody is dialled after.
    #[schemars(example = &"2024-03-31T17:00:00Z")]
    schedule_end: Option<Seconds>,
    /// IANA zone of the calling hours; null is each called party's own.
    #[schemars(example = &"America/Los_Angeles")]
    timezone: Option<String>,
    /// From this time of day on; null: the legal hours.
    #[schemars(example = &"09:00:00")]
    calling_hours_start: Option<String>,
    /// Up to this time of day.
    #[schemars(example = &"17:00:00")]
    calling_hours_end: Option<String>,
    /// The human agents that answered people go to; null: none were named.
    agent_group_id: Option<Uuid>,
    /// How it dials for them: `progressive`, one number for each free one, or `predictive`, ahead of those about to be free.
    #[schemars(example = &"predictive")]
    pacing: &'static str,
    /// How long one of them is looked for after the answer.
    #[schemars(example = 20)]
    max_wait_seconds: u32,
    /// What the person is given if nobody comes: `goodbye`, `voicemail` or `voice_agent`.
    #[schemars(example = &"voicemail")]
    fallback: &'static str,
    /// The AI agent that talks then.
    fallback_agent_id: Option<Uuid>,
    /// When a number is tried again.
    retry_policy: RetryPolicyBody,
    /// Whether answering machines are detected.
    amd_enabled: bool,
    /// Played to a machine after its beep.
    #[schemars(example = &"https://example.com/voicemail.mp3")]
    voicemail_message_url: Option<String>,
    /// `ready` when our copy of that file can be played, `pending` until it was fetched, `failed` when it cannot be played: machines are
    /// then hung up on. Null without an address.
    #[schemars(example = &"ready")]
    voicemail_status: Option<&'static str>,
    /// Why it cannot be played.
    #[schemars(example = None::<String>)]
    voicemail_error: Option<String>,
    /// Whether calls are recorded.
    record_calls: bool,
    #[schemars(example = 1_500)]
    total_leads: i64,
    /// Calls so far, those under way included.
    #[schemars(example = 850)]
    calls_made: i64,
    /// Calls that somebody or something answered, and that are over.
    #[schemars(example = 320)]
    calls_completed: i64,
    created_at: Seconds,
    updated_at: Seconds,
}

impl CampaignBody {
    pub(super) fn of(campaign: Campaign, progress: Progress, message: Option<Standing>) -> Self {
        let hours = campaign.hours;
        let zone = hours.as_ref().and_then(|hours| hours.timezone);
        Self {
            id: campaign.id.0,
            tenant_id: campaign.tenant.0,
            name: campaign.name,
            caller_id: campaign.caller_id.map(|caller| caller.0.to_string()),
            status: campaign.state.as_str(),
            schedule_start: campaign.start_time.map(Seconds),
            schedule_end: campaign.end_time.map(Seconds),
            timezone: zone.map(|zone| zone.name().to_owned()),
            calling_hours_start: hours.as_ref().map(|hours| show_minute(hours.start_min)),
            calling_hours_end: hours.as_ref().map(|hours| show_minute(hours.end_min)),
            agent_group_id: campaign.group.map(|group| group.0),
            pacing: campaign.pacing.as_str(),
            max_wait_seconds: campaign.wait_s,
            fallback: FallbackKind::from(campaign.fallback).as_str(),
            fallback_agent_id: campaign.fallback.voice_agent().map(|agent| agent.0),
            retry_policy: campaign.retry_policy.into(),
            amd_enabled: campaign.amd_enabled,
            voicemail_message_url: campaign.voicemail_message_url,
            voicemail_status: message.as_ref().map(Standing::as_str),
            voicemail_error: message.and_then(Standing::failure),
            record_calls: campaign.record_calls,
            total_leads: progress.total_leads,
            calls_made: progress.calls_made,
            calls_completed: progress.calls_completed,
            created_at: campaign.created_at.into(),
            updated_at: campaign.updated_at.into(),
        }
    }
}
