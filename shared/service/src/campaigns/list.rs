//! The list of campaigns.

use std::cmp::Ordering;

use trunkline_auth::Principal;
use trunkline_domain::{
    Campaign, CampaignState, Error, Role, UserId, VoiceAgentId,
    page::{Page, PageQuery},
};

use crate::{
    Ctx,
    listing::{self, Sort},
};

/// What a list may be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignSort {
    /// When it was made.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// Its name, in any case.
    Name,
    /// Its state, in the order of a campaign's life.
    Status,
    /// When it begins.
    StartTime,
    /// When it ends.
    EndTime,
    /// Calls at once.
    MaxConcurrentCalls,
}

/// The names of the sorts.
pub const SORTS: [(&str, CampaignSort); 7] = [
    ("created_at", CampaignSort::CreatedAt),
    ("updated_at", CampaignSort::UpdatedAt),
    ("name", CampaignSort::Name),
    ("status", CampaignSort::Status),
    ("start_time", CampaignSort::StartTime),
    ("end_time", CampaignSort::EndTime),
    ("max_concurrent_calls", CampaignSort::MaxConcurrentCalls),
];

/// Which campaigns are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignsQuery {
    /// Of this agent.
    pub voice_agent: Option<VoiceAgentId>,
    /// In this state.
    pub state: Option<CampaignState>,
    /// In the name or the description.
    pub search: Option<String>,
    /// In this order; none: newest first.
    pub sorts: Vec<Sort<CampaignSort>>,
    /// Which part.
    pub page: PageQuery,
}

/// A page of the tenant's campaigns.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Invalid`] for a wrong cursor.
pub async fn list(ctx: &Ctx, who: &Principal, asked: &CampaignsQuery) -> Result<Page<Campaign>, Error> {
    list_made_by(ctx, who, None, asked).await
}

/// As [`list`], of those that one user made.
///
/// # Errors
/// As there.
pub async fn list_made_by(
    ctx: &Ctx,
    who: &Principal,
    maker: Option<UserId>,
    asked: &CampaignsQuery,
) -> Result<Page<Campaign>, Error> {
    who.require(Role::User)?;
    let mut campaigns = ctx.store.list_campaigns_by_tenant(who.tenant).await?;
    campaigns.retain(|campaign| {
        maker.is_none_or(|maker| campaign.created_by == maker)
            && asked
                .voice_agent
                .is_none_or(|agent| campaign.voice_agent == Some(agent))
            && asked.state.is_none_or(|state| campaign.state == state)
            && asked.search.as_deref().is_none_or(|search| {
                listing::found(search, &[Some(&campaign.name), campaign.description.as_deref()])
            })
    });
    listing::arrange(&mut campaigns, &asked.sorts, compare, |campaign| {
        (campaign.created_at, campaign.id.0)
    });
    listing::page(campaigns, &asked.page, |campaign| campaign.id.0)
}

fn compare(a: &Campaign, b: &Campaign, field: CampaignSort) -> Ordering {
    let rank = |campaign: &Campaign| {
        CampaignState::ALL
            .iter()
            .position(|state| *state == campaign.state)
    };
    match field {
        CampaignSort::CreatedAt => a.created_at.cmp(&b.created_at),
        CampaignSort::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        CampaignSort::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        CampaignSort::Status => rank(a).cmp(&rank(b)),
        CampaignSort::StartTime => a.start_time.cmp(&b.start_time),
        CampaignSort::EndTime => a.end_time.cmp(&b.end_time),
        CampaignSort::MaxConcurrentCalls => a.max_concurrent_calls.cmp(&b.max_concurrent_calls),
    }
}
