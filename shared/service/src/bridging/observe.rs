//! Writing what happened to a bridge, and telling the desk.

use trunkline_domain::{
    CallId, Instant, OperatorId,
    bridge::{Bridge, Event},
};
use trunkline_events::{Event as DeskEvent, EventKind};
use trunkline_store::StoreError;

use super::ROUNDS;
use crate::{Ctx, realtime};

/// Folds this into a call's bridge; answers it as it is then. None: the call has none.
///
/// # Errors
/// When the store does not answer.
pub async fn observe(ctx: &Ctx, call: CallId, event: &Event) -> Result<Option<Bridge>, StoreError> {
    for _ in 0..ROUNDS {
        let Some(bridge) = ctx.store.bridge(call).await? else {
            return Ok(None);
        };
        let Some(next) = bridge.observe(event, ctx.now()) else {
            return Ok(Some(bridge));
        };
        if write(ctx, &bridge, &next).await? {
            return Ok(Some(next));
        }
    }
    Err(StoreError::Contended)
}

/// Writes a bridge over `before`, and tells the desk what that means for it. `false`: somebody else wrote first.
pub(super) async fn write(ctx: &Ctx, before: &Bridge, next: &Bridge) -> Result<bool, StoreError> {
    let now = ctx.now();
    let news = news(before, next, now);
    match ctx.store.update_bridge(next, news.as_ref(), now).await {
        Ok(()) => {
            if let Some(news) = &news {
                realtime::tell(ctx, news).await;
            }
            Ok(true)
        }
        Err(error) if error.is_condition() => Ok(false),
        Err(error) => Err(error),
    }
}

/// What a desk is told: that it is rung, or that it has the call no more.
pub(crate) fn news(before: &Bridge, next: &Bridge, now: Instant) -> Option<DeskEvent> {
    let of = |bridge: &Bridge| bridge.leg().map(|leg| (leg.n, leg.operator));
    let (kind, operator): (EventKind, OperatorId) = match (of(before), of(next)) {
        (before, Some(now)) if before != Some(now) => (EventKind::OperatorRung, now.1),
        (Some(before), None) => (EventKind::OperatorReleased, before.1),
        (_, Some(_)) | (None, None) => return None,
    };
    Some(DeskEvent::of_desk(
        kind,
        next.tenant,
        next.call.0,
        operator,
        next.version,
        now,
    ))
}
