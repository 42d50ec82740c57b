//! What VoiceERA's lists of calls and of recordings may be asked for.

use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{CallStatus, CampaignId, VoiceAgentId, page::PageQuery};
use trunkline_service::{
    calls::{CallFilter, CallsQuery, Period, SORTS},
    listing,
};
use uuid::Uuid;

use crate::{DateRange, Result, SortKey, choose, phone_filter, sort_keys};

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

/// Filters and order of a list of calls.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct CallFilters {
    /// Of this campaign.
    pub campaign_id: Option<Uuid>,
    /// Of this AI agent.
    pub agent_id: Option<Uuid>,
    /// `scheduled`, `queued`, `ringing`, `in_progress`, `completed`, `no_answer`, `busy`, `failed` or `cancelled`.
    pub status: Option<String>,
    /// To this number, E.164.
    pub phone_number: Option<String>,
    /// `created_at`, for any number of calls; for up to 10,000 also `duration_seconds`, `cost`, `status`, `phone_number`
    /// or `sentiment`, several in turn. `-` before one that goes down: `-created_at`.
    pub sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    pub order: Option<String>,
}

impl CallFilters {
    /// What the service is asked for.
    ///
    /// # Errors
    /// A word or field that is not known lists those that are; a number that is none.
    pub fn query(self, dates: &DateRange, page: &PageQuery) -> Result<CallsQuery> {
        let words = CallStatus::WORDS.map(|word| (word, word));
        let keys = sort_keys(
            self.sort.as_deref(),
            self.order.as_deref(),
            &SORTS.map(|sort| sort.0),
            NEWEST,
        )?;
        let phone = self.phone_number.as_deref();
        let status = self.status.as_deref();
        let filter = CallFilter {
            campaign: self.campaign_id.map(CampaignId),
            voice_agent: self.agent_id.map(VoiceAgentId),
            phone: phone.map(|text| phone_filter("phone_number", text)).transpose()?,
            status: status.map(|word| choose("status", word, &words)).transpose()?,
            period: Period {
                from: dates.from,
                before: dates.until,
            },
            ..CallFilter::default()
        };
        Ok(CallsQuery {
            filter,
            sorts: listing::by_name(keys.into_iter().map(|key| (key.field, key.descending)), &SORTS),
            page: page.clone(),
        })
    }
}
