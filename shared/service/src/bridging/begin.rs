//! A caller begins to wait.

use chrono::Duration;
use trunkline_domain::{
    Call, CallId, CallStatus, Campaign, Direction, Error, TenantId,
    bridge::{Bridge, Ending, Event, Owed, Stage},
    campaign::WAIT_S,
    id::GroupId,
};
use trunkline_store::StoreError;

use super::{RING_S, hint, hint_at, observe, observe::write, work::seek_once};
use crate::{Ctx, dialing::fold, operators};

/// What came of an AI agent's wish to hand its caller over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Somebody is looked for; [`stands`] tells how far it is.
    Looking,
    /// Nobody of the group could come.
    NobodyThere,
}

/// How a call's hand-over stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// There is none.
    None,
    /// Somebody is looked for, or is rung.
    Looking,
    /// Somebody comes: the carrier takes the caller to the room.
    Coming,
    /// Nobody came in time: whoever has the caller goes on.
    Nobody,
    /// It is over otherwise.
    Over,
}

/// Makes the bridge of a caller whom nobody talks to yet, and finds somebody at once, so that the desk's card needs no queue. A repetition
/// answers the one that is there.
///
/// # Errors
/// When the store does not answer.
pub async fn begin(ctx: &Ctx, call: &Call, campaign: Option<&Campaign>) -> Result<Bridge, StoreError> {
    // Those it was dialled for, whatever the campaign says by now. Without a group nobody can come, which is the campaign's fallback at once.
    let group = call
        .dialled_for
        .or_else(|| campaign.and_then(|campaign| campaign.group))
        .unwrap_or(GroupId(uuid::Uuid::nil()));
    let fresh = fresh(ctx, call, campaign, group);
    match ctx.store.create_bridge(&fresh, ctx.now()).await {
        Ok(()) => {}
        Err(error) if error.is_condition() => {
            let bridge = ctx.store.bridge(call.id).await?.unwrap_or(fresh);
            if !matches!(bridge.stage, Stage::Over(_)) {
                // Whoever made it may have died before anybody was told.
                tokio::join!(hint(ctx, &bridge), hint_at(ctx, call.id, bridge.until));
            }
            return Ok(bridge);
        }
        Err(error) => return Err(error),
    }
    let bridge = seek_once(ctx, &fresh, None).await?;
    // Nobody could come: the answer itself gives the caller the fallback ([`super::give_up`]), and the tick does if this dies before.
    if !bridge.owed().contains(&Owed::Fallback) {
        tokio::join!(hint(ctx, &bridge), hint_at(ctx, call.id, bridge.until));
    }
    Ok(bridge)
}

/// Looks for somebody for a caller whom an AI agent keeps: that goes on talking until the carrier ends its stream, or [`stands`] says that
/// nobody comes. A repetition while somebody is looked for changes nothing; after nobody came, it is a new wait.
///
/// # Errors
/// When the store does not answer.
pub async fn begin_for_ai(ctx: &Ctx, call: &Call) -> Result<Begun, Error> {
    if call.direction == Direction::Web || call.status != CallStatus::Talking {
        // There is no telephone line that could be taken to a room.
        return Ok(Begun::NobodyThere);
    }
    let campaign = fold::campaign_of(ctx, call).await?;
    let group = match campaign.as_ref().and_then(|campaign| campaign.group) {
        Some(group) => Some(group),
        None => operators::known_default_group(ctx, call.tenant).await?,
    };
    let Some(group) = group else {
        return Ok(Begun::NobodyThere);
    };
    if !could_come(ctx, call.tenant, group, &[]).await? {
        return Ok(Begun::NobodyThere);
    }
    let fresh = fresh(ctx, call, campaign.as_ref(), group).for_ai();
    match ctx.store.create_bridge(&fresh, ctx.now()).await {
        Ok(()) => {}
        Err(error) if error.is_condition() => return again(ctx, &fresh).await,
        Err(error) => return Err(error.into()),
    }
    tokio::join!(hint(ctx, &fresh), hint_at(ctx, call.id, fresh.until));
    Ok(Begun::Looking)
}

/// The call has a bridge: one that is under way is the answer, one that nobody came to begins anew.
async fn again(ctx: &Ctx, fresh: &Bridge) -> Result<Begun, Error> {
    let Some(bridge) = ctx.store.bridge(fresh.call).await? else {
        return Ok(Begun::NobodyThere);
    };
    match bridge.stage {
        Stage::Over(Ending::Nobody) if bridge.is_settled() => {
            let next = bridge.again(ctx.now(), fresh.until);
            if write(ctx, &bridge, &next).await? {
                tokio::join!(hint(ctx, &next), hint_at(ctx, next.call, next.until));
            }
            Ok(Begun::Looking)
        }
        Stage::Over(_) => Ok(Begun::NobodyThere),
        Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } => {
            tokio::join!(hint(ctx, &bridge), hint_at(ctx, bridge.call, bridge.until));
            Ok(Begun::Looking)
        }
    }
}

/// How a call's hand-over stands: one read.
///
/// # Errors
/// When the store does not answer.
pub async fn stands(ctx: &Ctx, call: CallId) -> Result<Stands, Error> {
    let bridge = ctx.store.bridge(call).await?;
    Ok(match bridge.map(|bridge| bridge.stage) {
        None => Stands::None,
        Some(Stage::Seeking | Stage::Ringing(_)) => Stands::Looking,
        Some(Stage::Accepted(_) | Stage::Talking { .. }) => Stands::Coming,
        Some(Stage::Over(Ending::Nobody)) => Stands::Nobody,
        Some(Stage::Over(Ending::CallerLeft | Ending::OperatorLeft | Ending::GaveUp | Ending::Machine)) => {
            Stands::Over
        }
    })
}

/// Whether somebody of a group is at work and there, if busy just now, who was not rung in vain.
pub(super) async fn could_come(
    ctx: &Ctx,
    tenant: TenantId,
    group: GroupId,
    not: &[trunkline_domain::OperatorId],
) -> Result<bool, StoreError> {
    use trunkline_domain::operator::OperatorStatus::{Available, Busy};
    let now = ctx.now();
    let all = ctx.store.list_operators_by_tenant(tenant).await?;
    Ok(all.iter().any(|one| {
        one.group == group
            && one.is_active
            && one.max_concurrent_calls > 0
            && matches!(one.status, Available | Busy)
            && one.at_work(now)
            && !not.contains(&one.id)
    }))
}

/// Nobody waits for nobody.
pub(super) async fn nobody_can(ctx: &Ctx, bridge: &Bridge) -> Result<Option<Bridge>, StoreError> {
    if could_come(ctx, bridge.tenant, bridge.group, &bridge.not).await? {
        return Ok(None);
    }
    observe(ctx, bridge.call, &Event::NobodyCan).await
}

fn fresh(ctx: &Ctx, call: &Call, campaign: Option<&Campaign>, group: GroupId) -> Bridge {
    let now = ctx.now();
    let wait_s = campaign.map_or(WAIT_S, |campaign| campaign.wait_s);
    let until = now + Duration::seconds(i64::from(wait_s));
    Bridge::new(call.id, call.tenant, group, now, until, RING_S)
}
