//! Calls with what the Dialer shows beside each: its lead, and the names of its campaign and its human agent.

use std::collections::HashMap;

use futures::try_join;
use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CallId, CampaignId, E164, Error, Lead, OperatorId, Role, error::Kind, page::Page,
};

use super::CallsQuery;
use crate::{Ctx, operators, recordings::download_url};

/// A call with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinedCall {
    /// The call.
    pub call: Call,
    /// The lead that it tried to reach; none when that is gone, or for a call without one.
    pub lead: Option<Lead>,
    /// The campaign's name; none when that is gone, or for a call without one.
    pub campaign_name: Option<String>,
    /// The human agent's name; none when that is gone, or where no human talked.
    pub operator_name: Option<String>,
    /// Where its recording can be fetched without a token, for 15 minutes.
    pub recording_url: Option<String>,
}

/// A page of the tenant's calls, newest first; a human agent sees those of its own.
///
/// # Errors
/// [`Error::Invalid`] for a wrong cursor.
pub async fn list_joined(
    ctx: &Ctx,
    who: &Principal,
    mut asked: CallsQuery,
) -> Result<Page<JoinedCall>, Error> {
    if who.role == Role::Agent {
        let own = operators::own(ctx, who).await?.map(|operator| operator.id);
        let others = asked.filter.operator.is_some_and(|asked| own != Some(asked));
        let Some(own) = own.filter(|_| !others) else {
            return Ok(Page {
                items: Vec::new(),
                total: 0,
                total_is_lower_bound: false,
                next_cursor: None,
            });
        };
        asked.filter.operator = Some(own);
    }
    let order = trunkline_store::CallOrder::Newest;
    let page = ctx
        .store
        .list_calls_alone(who.tenant, &asked.filter, order, &asked.page)
        .await?;
    let Page {
        items: calls,
        total,
        total_is_lower_bound,
        next_cursor,
    } = page;
    Ok(Page {
        items: join(ctx, who, calls).await?,
        total,
        total_is_lower_bound,
        next_cursor,
    })
}

/// A call of the asker's tenant; a human agent finds only its own.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get_joined(ctx: &Ctx, who: &Principal, id: CallId) -> Result<JoinedCall, Error> {
    let call = ctx.store.call(who.tenant, id).await?;
    let call = call.ok_or(Error::NotFound(Kind::Call))?;
    if who.role == Role::Agent {
        let own = operators::own(ctx, who).await?.map(|operator| operator.id);
        if own.is_none() || call.operator != own {
            return Err(Error::NotFound(Kind::Call));
        }
    }
    let mut joined = join(ctx, who, vec![call]).await?;
    joined.pop().ok_or(Error::NotFound(Kind::Call))
}

/// Three requests for all of them, side by side; boxed, since together they are too large for whoever awaits them.
async fn join(ctx: &Ctx, who: &Principal, calls: Vec<Call>) -> Result<Vec<JoinedCall>, Error> {
    let numbers = calls
        .iter()
        .filter_map(|call| Some((call.campaign.filter(|_| call.lead.is_some())?, &call.to)));
    let campaigns = calls.iter().filter_map(|call| call.campaign);
    let people = calls.iter().filter_map(|call| call.operator);
    let (leads, campaigns, people) = try_join!(
        Box::pin(ctx.store.leads_by_numbers(who.tenant, numbers)),
        Box::pin(ctx.store.campaigns_by_id(who.tenant, campaigns)),
        Box::pin(ctx.store.operators_by_id(who.tenant, people)),
    )?;
    let leads: HashMap<(CampaignId, E164), Lead> = leads
        .into_iter()
        .map(|lead| ((lead.campaign, lead.phone.clone()), lead))
        .collect();
    let campaigns: HashMap<CampaignId, String> = campaigns
        .into_iter()
        .map(|campaign| (campaign.id, campaign.name))
        .collect();
    let people: HashMap<OperatorId, String> = people
        .into_iter()
        .map(|operator| (operator.id, operator.name))
        .collect();
    let joined = calls.into_iter().map(|call| JoinedCall {
        lead: call
            .campaign
            .and_then(|campaign| leads.get(&(campaign, call.to.clone())))
            .filter(|lead| call.lead == Some(lead.id))
            .cloned(),
        campaign_name: call.campaign.and_then(|id| campaigns.get(&id).cloned()),
        operator_name: call.operator.and_then(|id| people.get(&id).cloned()),
        recording_url: download_url(ctx, &call),
        call,
    });
    Ok(joined.collect())
}
