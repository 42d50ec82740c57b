//! Who answered: a verdict that may come last, and then corrects how an ended call ended.

use trunkline_domain::{AnsweredBy, Call, CallId, Campaign, CampaignState, Lead};
use trunkline_events::EventKind;
use trunkline_store::{StoreError, dialing::fold::CorrectedOutcome};

use super::{fold, steer};
use crate::Ctx;

/// Who answered, from the carrier or from our own ears; corrects an ended call too, and what its
/// end made of the lead: in whatever order the two are told, the same becomes of it.
///
/// # Errors
/// When the store does not answer.
pub async fn answered_by(ctx: &Ctx, id: CallId, by: AnsweredBy) -> Result<Option<Call>, StoreError> {
    for _ in 0..fold::ROUNDS {
        let Some(call) = ctx.store.call_unchecked(id).await? else {
            return Ok(None);
        };
        let Some(mut next) = call.observe_answered_by(by) else {
            return Ok(Some(call));
        };
        next.version = call.version + 1;
        let event = fold::event(&next, EventKind::CallUpdated, ctx.now());
        let moved = moved_lead(ctx, &call, &next).await?;
        let written = match &moved {
            None => ctx.store.correct_call(&call, &next, Some(&event)).await,
            Some((before, lead, campaign)) => {
                let outcome = CorrectedOutcome {
                    before: call,
                    call: next.clone(),
                    lead: lead.clone(),
                    from: before.status,
                    campaign: campaign.clone(),
                    event,
                };
                ctx.store.correct_outcome(&outcome).await
            }
        };
        match written {
            Ok(()) => {
                if let Some((_, lead, campaign)) = &moved
                    && !lead.status.is_final()
                {
                    steer::wake(ctx, campaign).await;
                }
                return Ok(Some(next));
            }
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Contended)
}

/// The lead before and after, when the corrected outcome makes something else of it: it is still as
/// this call's end left it, and its campaign goes on.
async fn moved_lead(
    ctx: &Ctx,
    call: &Call,
    next: &Call,
) -> Result<Option<(Lead, Lead, Campaign)>, StoreError> {
    let (true, Some(outcome)) = (next.status != call.status, next.status.outcome()) else {
        return Ok(None);
    };
    let (Some(lead), Some(campaign)) = (
        fold::lead_of(ctx, call).await?,
        fold::campaign_of(ctx, call).await?,
    ) else {
        return Ok(None);
    };
    let over = matches!(
        campaign.state,
        CampaignState::Completed | CampaignState::Cancelled
    );
    if over || lead.attempts != call.attempt || !lead.status.is_final() {
        return Ok(None);
    }
    let dnc = ctx.store.number(call.tenant, &call.to).await?.dnc;
    let after = fold::lead_after(lead.clone(), next, outcome, Some(&campaign), dnc, ctx.now());
    Ok((after.status != lead.status).then_some((lead, after, campaign)))
}
