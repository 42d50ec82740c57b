//! Doing what is left: of a bridge, as it stands, until others are to act.

use std::time::Duration;

use trunkline_domain::{
    CallId, Error, OperatorId,
    bridge::{Bridge, Event, Leg, Owed, Stage, Want},
};
use trunkline_store::StoreError;

use super::{
    begin::nobody_can,
    effects::{self, effect},
    observe,
    observe::write,
    ring::ring,
    wake::wake_again,
};
use crate::{
    Ctx,
    operators::{Reserved, reserve},
};

/// After a failure.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// More steps than a call can have: each person of a group is rung once, and each ring is a handful of writes.
const STEPS: u32 = 2_000;

/// Does what is left of a call's bridge. `free`: somebody who became free just now, whom the index may not know yet.
///
/// # Errors
/// When the store or the carrier does not answer; what is left then is in the row.
pub async fn work(ctx: &Ctx, call: CallId, mut free: Option<OperatorId>) -> Result<(), Error> {
    let mut failed: Vec<Owed> = Vec::new();
    let mut again = false;
    let mut fault = None;
    for _ in 0..STEPS {
        let Some(bridge) = ctx.store.bridge(call).await? else {
            break;
        };
        // Left in hand while this caller waits: two who became free at once are not both for one.
        if bridge.stage != Stage::Seeking
            && let Some(free) = free.take()
        {
            wake_again(ctx, bridge.tenant, free).await;
        }
        if let Some(happened) = unheard(ctx, &bridge).await? {
            observe(ctx, call, &happened).await?;
            continue;
        }
        if let Some(owed) = bridge.owed().iter().find(|owed| !failed.contains(owed)).cloned() {
            match effect(ctx, &bridge, &owed).await {
                Ok(()) => effects::done(ctx, call, &owed).await?,
                Err(error) if !again => {
                    // A caller and a person wait for it: the next message would come much later.
                    tracing::info!(call.id = %call, "tried once more in a second: {error}");
                    again = true;
                    ctx.clock.sleep(AGAIN_AFTER).await;
                }
                Err(error) => {
                    tracing::warn!(call.id = %call, "something is still to be done for a caller or a human agent: {error}");
                    failed.push(owed);
                    fault = Some(error);
                }
            }
            continue;
        }
        let goes_on = match bridge.wants() {
            Some(Want::Seek) => {
                let now = seek_once(ctx, &bridge, free).await?;
                now.version != bridge.version
            }
            Some(Want::Ring(leg)) => ring(ctx, &bridge, &leg).await?,
            None => false,
        };
        if !goes_on {
            break;
        }
    }
    fault.map_or(Ok(()), Err)
}

/// The same for the clock; of those who talk the carrier is asked, whose word may have been lost. What fails is the next tick's.
pub async fn check(ctx: &Ctx, call: CallId) {
    if let Err(error) = look(ctx, call).await {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(call.id = %call, cause, "who waits or talks could not be looked after now: {error}");
    }
}

async fn look(ctx: &Ctx, call: CallId) -> Result<(), Error> {
    work(ctx, call, None).await?;
    let Some(bridge) = ctx.store.bridge(call).await? else {
        return Ok(());
    };
    let Stage::Talking { leg, .. } = &bridge.stage else {
        return Ok(());
    };
    let found = match &leg.sid {
        Some(sid) => ctx.carrier.fetch(sid).await.map_err(Error::internal)?,
        None => None,
    };
    if found.is_none_or(|found| found.report.outcome().is_some()) {
        observe(ctx, call, &Event::Left(leg.n)).await?;
        return work(ctx, call, None).await;
    }
    // Somebody else's write is as good a look.
    write(ctx, &bridge, &bridge.looked()).await?;
    Ok(())
}

/// What nobody may have told: that time has passed, that the call is over.
async fn unheard(ctx: &Ctx, bridge: &Bridge) -> Result<Option<Event>, StoreError> {
    if matches!(bridge.stage, Stage::Over(_)) && !bridge.owed().contains(&Owed::Fallback) {
        return Ok(None);
    }
    let call = ctx.store.call_unchecked(bridge.call).await?;
    if call.is_none_or(|call| call.status.is_ended()) {
        return Ok(Some(Event::CallerLeft));
    }
    if bridge.observe(&Event::Clock, ctx.now()).is_none() {
        return Ok(None);
    }
    match &bridge.stage {
        Stage::Accepted(leg) => Ok(came(ctx, bridge.call, leg).await),
        Stage::Seeking | Stage::Ringing(_) | Stage::Talking { .. } | Stage::Over(_) => Ok(Some(Event::Clock)),
    }
}

/// Who has pressed a key and was not seen in the room in time: after the key there is only the room, so a telephone that is still
/// connected is in it, and the room's word was lost. None: the carrier does not say now, and the tick asks again.
async fn came(ctx: &Ctx, call: CallId, leg: &Leg) -> Option<Event> {
    let Some(sid) = &leg.sid else {
        return Some(Event::Clock);
    };
    match ctx.carrier.fetch(sid).await {
        Ok(Some(found)) if found.report.outcome().is_none() => Some(Event::Joined(leg.n)),
        Ok(_) => Some(Event::Left(leg.n)),
        Err(error) => {
            tracing::warn!(call.id = %call, "whether a human agent is in the room is not known now: {error}");
            None
        }
    }
}

/// Looks for somebody once; answers the bridge as it is then.
pub(super) async fn seek_once(
    ctx: &Ctx,
    bridge: &Bridge,
    free: Option<OperatorId>,
) -> Result<Bridge, StoreError> {
    match reserve(ctx, bridge, free).await? {
        Reserved::Given(found) => Ok(*found),
        Reserved::Changed => Ok(ctx
            .store
            .bridge(bridge.call)
            .await?
            .unwrap_or_else(|| bridge.clone())),
        Reserved::Nobody => Ok(nobody_can(ctx, bridge).await?.unwrap_or_else(|| bridge.clone())),
    }
}
