//! Which calls are asked about.

use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{CampaignId, VoiceAgentId};
use trunkline_http::DateRange;
use trunkline_service::analytics::Question;
use uuid::Uuid;

/// Which calls are asked about. Both an agent and a campaign: up to 10,000 calls.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filters {
    /// Of this AI agent.
    agent_id: Option<Uuid>,
    /// Of this campaign.
    campaign_id: Option<Uuid>,
    /// Without a start date, so many days before the end date or now: 1 to 366, 30 unless given.
    days: Option<u32>,
}

impl Filters {
    pub(super) fn question(&self, dates: &DateRange) -> Question {
        Question {
            campaign: self.campaign_id.map(CampaignId),
            voice_agent: self.agent_id.map(VoiceAgentId),
            from: dates.from,
            until: dates.until,
            days: self.days,
            timezone: dates.timezone,
        }
    }
}
