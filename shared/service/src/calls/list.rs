//! Lists of calls.

use std::{cmp::Ordering, collections::HashMap};

use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CallStatus, Error, Role,
    error::Kind,
    page::{Page, PageQuery},
};
use trunkline_store::{CallFilter, CallOrder, CallText};

use crate::{
    Ctx,
    listing::{self, Sort},
};

/// How many calls are sorted by what no index sorts by.
const SORTED_MAX: u32 = 10_000;

/// What a list may be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallSort {
    /// When it was made: any number of calls.
    CreatedAt,
    /// How long it lasted.
    Duration,
    /// What it cost.
    Cost,
    /// Where it stands, by its word.
    Status,
    /// The number.
    PhoneNumber,
    /// How good the mood was.
    Sentiment,
}

/// The names of the sorts.
pub const SORTS: [(&str, CallSort); 7] = [
    ("created_at", CallSort::CreatedAt),
    ("duration_seconds", CallSort::Duration),
    ("duration", CallSort::Duration),
    ("cost", CallSort::Cost),
    ("status", CallSort::Status),
    ("phone_number", CallSort::PhoneNumber),
    ("sentiment", CallSort::Sentiment),
];

/// Which calls are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallsQuery {
    /// Which.
    pub filter: CallFilter,
    /// In this order; none: newest first.
    pub sorts: Vec<Sort<CallSort>>,
    /// Which part.
    pub page: PageQuery,
}

/// A call as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallView {
    /// The call.
    pub call: Call,
    /// What was said; none when nothing was, or the call is not over.
    pub text: Option<String>,
    /// Where its recording can be fetched without a token, for 15 minutes.
    pub recording_url: Option<String>,
}

/// A page of the tenant's calls. A campaign or agent that is named must be there.
///
/// # Errors
/// [`Error::NotFound`] for the campaign or agent; [`Error::Invalid`] for a wrong cursor, or a sort
/// over more than 10,000 calls.
pub async fn list(ctx: &Ctx, who: &Principal, asked: &CallsQuery) -> Result<Page<CallView>, Error> {
    who.require(Role::User)?;
    let page = match in_time_order(&asked.sorts) {
        Some(order) => {
            ctx.store
                .list_calls(who.tenant, &asked.filter, order, &asked.page)
                .await?
        }
        None => sorted(ctx, who, asked).await?,
    };
    Ok(page.map(|(call, kept)| CallView {
        text: kept.map(|kept| kept.text),
        recording_url: crate::recordings::download_url(ctx, &call),
        call,
    }))
}

/// As [`list`], of a campaign that must be there.
///
/// # Errors
/// As [`list`]'s; [`Error::NotFound`].
pub async fn list_of_campaign(
    ctx: &Ctx,
    who: &Principal,
    campaign: trunkline_domain::CampaignId,
    mut asked: CallsQuery,
) -> Result<Page<CallView>, Error> {
    ctx.store
        .campaign(who.tenant, campaign)
        .await?
        .ok_or(Error::NotFound(Kind::Campaign))?;
    asked.filter.campaign = Some(campaign);
    list(ctx, who, &asked).await
}

/// As [`list`], of a voice agent that must be there.
///
/// # Errors
/// As [`list`]'s; [`Error::NotFound`].
pub async fn list_of_agent(
    ctx: &Ctx,
    who: &Principal,
    agent: trunkline_domain::VoiceAgentId,
    mut asked: CallsQuery,
) -> Result<Page<CallView>, Error> {
    ctx.store
        .voice_agent(who.tenant, agent)
        .await?
        .ok_or(Error::NotFound(Kind::VoiceAgent))?;
    asked.filter.voice_agent = Some(agent);
    list(ctx, who, &asked).await
}

/// The index's order, where the first sort is by time: ids, which come next, leave nothing equal.
fn in_time_order(sorts: &[Sort<CallSort>]) -> Option<CallOrder> {
    match sorts.first() {
        None => Some(CallOrder::Newest),
        Some(Sort {
            field: CallSort::CreatedAt,
            descending: true,
        }) => Some(CallOrder::Newest),
        Some(Sort {
            field: CallSort::CreatedAt,
            descending: false,
        }) => Some(CallOrder::Oldest),
        Some(_) => None,
    }
}

async fn sorted(
    ctx: &Ctx,
    who: &Principal,
    asked: &CallsQuery,
) -> Result<Page<(Call, Option<CallText>)>, Error> {
    let calls = ctx.store.all_calls(who.tenant, &asked.filter, SORTED_MAX).await?;
    let mut calls = calls.ok_or_else(|| {
        let what = format!("more than {SORTED_MAX} calls match; sort by created_at, or narrow them by start_date and end_date");
        Error::invalid("sort", what)
    })?;
    listing::arrange(&mut calls, &asked.sorts, compare, |call| {
        (call.created_at, call.id.0)
    });
    let page = listing::page(calls, &asked.page, |call| call.id.0)?;
    let ids: Vec<_> = page.items.iter().map(|call| call.id).collect();
    let mut texts: HashMap<_, _> = ctx.store.call_texts(&ids).await?.into_iter().collect();
    Ok(page.map(|call| {
        let text = texts.remove(&call.id);
        (call, text)
    }))
}

fn compare(a: &Call, b: &Call, field: CallSort) -> Ordering {
    let mood = |call: &Call| {
        call.analysis
            .as_ref()
            .map_or(0.0, |analysis| analysis.sentiment_score)
    };
    match field {
        CallSort::CreatedAt => a.created_at.cmp(&b.created_at),
        CallSort::Duration => a.duration_s.cmp(&b.duration_s),
        CallSort::Cost => a.cost.cmp(&b.cost),
        CallSort::Status => CallStatus::word(a.status).cmp(CallStatus::word(b.status)),
        CallSort::PhoneNumber => a.to.cmp(&b.to),
        CallSort::Sentiment => mood(a).total_cmp(&mood(b)),
    }
}
