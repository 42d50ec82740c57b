//! Figures of each AI agent and of each campaign.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CampaignId, Error, Instant, Role, VoiceAgentId,
    page::{Page, PageQuery},
};
use trunkline_store::Sums;
use uuid::Uuid;

use crate::{Ctx, listing};

use super::{
    figures::{Figures, NAMES},
    question::{Question, Span},
    tally::{self, counted_calls},
};

/// How many agents or campaigns are summed up at once.
const AT_ONCE: usize = 4;

/// The figures of an agent or a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerFigures {
    /// Its id.
    pub id: Uuid,
    /// Its name; none when it was deleted.
    pub name: Option<String>,
    /// Its figures.
    pub figures: Figures,
}

/// Whose figures are asked for.
struct Owner {
    id: Uuid,
    name: Option<String>,
    made: Option<Instant>,
}

/// A page of the tenant's agents, newest first, each with the figures of its calls; of a campaign, each
/// with those of its calls in the campaign.
///
/// # Errors
/// As of [`super::calls`]; [`Error::Invalid`] for a wrong cursor.
pub async fn agents(
    ctx: &Ctx,
    who: &Principal,
    asked: &Question,
    page: &PageQuery,
) -> Result<Page<OwnerFigures>, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    let agents = ctx.store.list_voice_agents_by_tenant(who.tenant).await?;
    let owners = agents.into_iter().map(|agent| Owner {
        id: agent.id.0,
        name: Some(agent.name),
        made: Some(agent.created_at),
    });
    let page = paged(owners.collect(), asked.voice_agent.map(|agent| agent.0), page)?;
    if asked.campaign.is_some() {
        let by_agent = by_call(ctx, who, asked, span, |call| {
            call.voice_agent.map(|agent| agent.0)
        })
        .await?;
        return Ok(page.map(|owner| counted(owner, &by_agent)));
    }
    let one = |id| Question {
        voice_agent: Some(VoiceAgentId(id)),
        ..*asked
    };
    summed(ctx, who, span, page, one).await
}

/// A page of the tenant's campaigns, newest first, each with the figures of its calls; of an agent, each
/// with those of the agent's calls.
///
/// # Errors
/// As of [`super::calls`]; [`Error::Invalid`] for a wrong cursor.
pub async fn campaigns(
    ctx: &Ctx,
    who: &Principal,
    asked: &Question,
    page: &PageQuery,
) -> Result<Page<OwnerFigures>, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    let campaigns = ctx.store.list_campaigns_by_tenant(who.tenant).await?;
    let owners = campaigns.into_iter().map(|campaign| Owner {
        id: campaign.id.0,
        name: Some(campaign.name),
        made: Some(campaign.created_at),
    });
    let page = paged(owners.collect(), asked.campaign.map(|campaign| campaign.0), page)?;
    if asked.voice_agent.is_some() {
        let by_campaign = by_call(ctx, who, asked, span, |call| call.campaign.map(|c| c.0)).await?;
        return Ok(page.map(|owner| counted(owner, &by_campaign)));
    }
    let one = |id| Question {
        campaign: Some(CampaignId(id)),
        ..*asked
    };
    summed(ctx, who, span, page, one).await
}

/// A page of them, or of the one that is asked for: a deleted one has figures still.
fn paged(mut owners: Vec<Owner>, only: Option<Uuid>, page: &PageQuery) -> Result<Page<Owner>, Error> {
    if let Some(only) = only {
        owners.retain(|owner| owner.id == only);
        if owners.is_empty() {
            owners.push(Owner {
                id: only,
                name: None,
                made: None,
            });
        }
    }
    owners.sort_by_key(|owner| (std::cmp::Reverse(owner.made), owner.id));
    listing::page(owners, page, |owner| owner.id)
}

/// Each one's figures from its own counters.
async fn summed(
    ctx: &Ctx,
    who: &Principal,
    span: Span,
    page: Page<Owner>,
    question: impl Fn(Uuid) -> Question,
) -> Result<Page<OwnerFigures>, Error> {
    let questions: Vec<Question> = page.items.iter().map(|owner| question(owner.id)).collect();
    let sums = stream::iter(questions)
        .map(|asked| async move { tally::whole(ctx, who.tenant, &asked, span, &NAMES).await });
    let sums: Vec<Sums> = sums.buffered(AT_ONCE).try_collect().await?;
    let mut sums = sums.into_iter();
    Ok(page.map(|owner| OwnerFigures {
        id: owner.id,
        name: owner.name,
        figures: sums.next().as_ref().map(Figures::of).unwrap_or_default(),
    }))
}

/// The calls of the question, each counted for whom it belongs to.
async fn by_call(
    ctx: &Ctx,
    who: &Principal,
    asked: &Question,
    span: Span,
    whose: impl Fn(&Call) -> Option<Uuid>,
) -> Result<BTreeMap<Uuid, Sums>, Error> {
    let mut sums: BTreeMap<Uuid, Sums> = BTreeMap::new();
    for call in counted_calls(ctx, who.tenant, asked, span).await? {
        if let Some(id) = whose(&call) {
            sums.entry(id).or_default().add_call(&call);
        }
    }
    Ok(sums)
}

fn counted(owner: Owner, sums: &BTreeMap<Uuid, Sums>) -> OwnerFigures {
    OwnerFigures {
        id: owner.id,
        name: owner.name,
        figures: sums.get(&owner.id).map(Figures::of).unwrap_or_default(),
    }
}
