//! Ringing a human agent's telephone: asked for once.

use trunkline_domain::{
    Error,
    bridge::{Bridge, Event, Leg},
};
use trunkline_telephony::{DialError, RingOrder};

use super::{hint_at, observe, observe::write, send};
use crate::{Ctx, dialing::pump::pace};

/// Rings it; whether the bridge is worked on at once. That it is asked for is written before the carrier is asked, so that after a crash
/// nobody asks again: then its callback tells, or its time passes.
pub(super) async fn ring(ctx: &Ctx, bridge: &Bridge, leg: &Leg) -> Result<bool, Error> {
    let operator = ctx.store.operator(bridge.tenant, leg.operator).await?;
    let call = ctx.store.call_unchecked(bridge.call).await?;
    let (Some(operator), Some(call)) = (operator, call) else {
        observe(ctx, bridge.call, &Event::Left(leg.n)).await?;
        return Ok(true);
    };
    let tenant = ctx.store.tenant(bridge.tenant).await?;
    if !tenant.is_some_and(|tenant| tenant.may_dial && tenant.reaches(&operator.phone)) {
        tracing::warn!(call.id = %call.id, operator.id = %operator.id, "a human agent is not rung: the tenant is granted no calls to that number");
        observe(ctx, call.id, &Event::Left(leg.n)).await?;
        return Ok(true);
    }
    if !pace(ctx).await? {
        send(ctx, bridge.call, None, 1).await;
        return Ok(false);
    }
    let Some(asked) = bridge.observe(&Event::Asked(leg.n), ctx.now()) else {
        return Ok(true);
    };
    if !write(ctx, bridge, &asked).await? {
        return Ok(true);
    }
    let until = asked.leg().map_or(leg.until, |leg| leg.until);
    let order = RingOrder {
        call: call.id,
        epoch: call.epoch,
        leg: leg.n,
        to: operator.phone,
        from: call.from,
        ring_s: leg.ring_s,
        time_limit_s: call.time_limit_s,
    };
    match ctx.carrier.ring(&order).await {
        Ok(sid) => {
            observe(ctx, call.id, &Event::Placed(leg.n, sid)).await?;
            hint_at(ctx, call.id, until).await;
            Ok(true)
        }
        Err(DialError::SlowDown { retry_after_s }) => {
            let wait_s = retry_after_s.unwrap_or(1).clamp(1, 10);
            tracing::warn!(call.id = %call.id, "the carrier asks to slow down: a human agent is rung in {wait_s} s");
            observe(ctx, call.id, &Event::Unplaced(leg.n)).await?;
            send(ctx, call.id, None, u16::try_from(wait_s).unwrap_or(10)).await;
            Ok(false)
        }
        Err(DialError::Refused { code, what }) => {
            tracing::warn!(call.id = %call.id, operator.id = %leg.operator, carrier.code = %code, "the carrier does not ring a human agent: {what}");
            observe(ctx, call.id, &Event::Left(leg.n)).await?;
            Ok(true)
        }
        Err(DialError::Ambiguous { what }) => {
            // It may ring: its callback names it, or its time passes.
            tracing::warn!(call.id = %call.id, "whether a human agent is rung is not known: {what}");
            hint_at(ctx, call.id, until).await;
            Ok(false)
        }
    }
}
