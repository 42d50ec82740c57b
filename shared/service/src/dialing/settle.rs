//! Looking after calls whose time has come without a word: asked and not answered, placed and
//! not heard of, talking past their limit.

use chrono::Duration;
use trunkline_domain::{
    Call, CallId, CallStatus, CampaignState, Direction, Outcome,
    call_status::Report,
    dial::{POST_BY, Settle, settle},
};
use trunkline_store::StoreError;
use trunkline_telephony::CarrierCall;

use super::{correct, fold, steer};
use crate::Ctx;

/// Looks after one call, if its instant has come; `start` looks at any, as after a restart.
///
/// # Errors
/// When the store does not answer; the next tick comes back to it.
pub async fn check(ctx: &Ctx, id: CallId, start: bool) -> Result<(), StoreError> {
    let Some(call) = ctx.store.call_unchecked(id).await? else {
        return Ok(());
    };
    if call.direction == Direction::Web {
        return crate::calls::web::check(ctx, &call).await;
    }
    let due = call.check_at.is_some_and(|at| at <= ctx.now());
    match call.status {
        CallStatus::Ended(_) | CallStatus::Scheduled => Ok(()),
        CallStatus::Claimed if due && call.sid.is_none() => settle_claimed(ctx, &call).await,
        CallStatus::Unsent if due => close_if_over(ctx, &call).await,
        CallStatus::Claimed | CallStatus::Placed | CallStatus::Ringing | CallStatus::Talking
            if (due || start) && call.sid.is_some() =>
        {
            ask_carrier(ctx, &call).await
        }
        CallStatus::Claimed
        | CallStatus::Unsent
        | CallStatus::Placed
        | CallStatus::Ringing
        | CallStatus::Talking => Ok(()),
    }
}

/// Claimed, and the carrier never named it: was it placed?
async fn settle_claimed(ctx: &Ctx, call: &Call) -> Result<(), StoreError> {
    let now = ctx.now();
    let claimed_at = call.post_by.map_or(call.created_at, |by| by - POST_BY);
    let fitting = match ctx
        .carrier
        .list(&call.to, &call.from, claimed_at - Duration::seconds(5))
        .await
    {
        Ok(listed) => Some(unbound(ctx, call, listed).await?),
        Err(error) => {
            tracing::warn!(call.id = %call.id, "a call cannot be settled now: {error}");
            None
        }
    };
    match settle(
        &ctx.protocol,
        claimed_at,
        call.looked_at,
        fitting.as_ref().map(Vec::len),
        now,
    ) {
        Settle::Adopt => {
            let Some(found) = fitting.and_then(|mut fitting| fitting.pop()) else {
                return Ok(());
            };
            let bound = fold::bind(
                ctx,
                call.id,
                call.epoch,
                &found.sid,
                found.report,
                found.duration_s,
            );
            if let Some(call) = bound.await? {
                steer::keep_withdrawn(ctx, &call).await;
            }
            Ok(())
        }
        Settle::LookAgainAt(at) => postpone(ctx, call, at, Some(now)).await,
        Settle::WaitUntil(at) => postpone(ctx, call, at, None).await,
        Settle::Unsent => fold::unsend(ctx, call.clone(), Duration::zero()).await,
        Settle::GiveUp => {
            tracing::error!(call.id = %call.id, "the carrier could not be asked for a day; the call ends as unknown and is not repeated");
            fold::end_as(
                ctx,
                call.id,
                Outcome::Unknown,
                Some("the carrier could not be asked for a day".to_owned()),
            )
            .await?;
            Ok(())
        }
    }
}

/// Looks for a claimed call at the carrier before its time, since it is not to ring any more: while the carrier's answer and its callbacks
/// are late, its list may tell. `None`: nothing fits, or it cannot be told which; whoever hears of the call next withdraws it.
pub(super) async fn find(ctx: &Ctx, call: &Call) -> Result<Option<Call>, StoreError> {
    let claimed_at = call.post_by.map_or(call.created_at, |by| by - POST_BY);
    let listed = ctx
        .carrier
        .list(&call.to, &call.from, claimed_at - Duration::seconds(5));
    let listed = match listed.await {
        Ok(listed) => listed,
        Err(error) => {
            tracing::warn!(call.id = %call.id, "a call that is not to ring cannot be looked for: {error}");
            return Ok(None);
        }
    };
    let mut fitting = unbound(ctx, call, listed).await?;
    match (fitting.pop(), fitting.pop()) {
        (Some(found), None) => {
            fold::bind(
                ctx,
                call.id,
                call.epoch,
                &found.sid,
                found.report,
                found.duration_s,
            )
            .await
        }
        (None, _) | (Some(_), Some(_)) => Ok(None),
    }
}

/// The carrier's calls that fit and are bound to none of ours.
async fn unbound(ctx: &Ctx, call: &Call, listed: Vec<CarrierCall>) -> Result<Vec<CarrierCall>, StoreError> {
    let mut fitting = Vec::new();
    for found in listed {
        if ctx.store.call_by_sid(&call.account, &found.sid).await?.is_none() {
            fitting.push(found);
        }
    }
    Ok(fitting)
}

async fn postpone(
    ctx: &Ctx,
    call: &Call,
    at: trunkline_domain::Instant,
    looked_at: Option<trunkline_domain::Instant>,
) -> Result<(), StoreError> {
    let mut next = call.clone();
    next.check_at = Some(at);
    next.looked_at = looked_at.or(call.looked_at);
    next.version += 1;
    match ctx.store.update_call(&next, None).await {
        Err(error) if !error.is_condition() => Err(error),
        // Somebody else wrote: whatever it was, it set its own instant.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The carrier has it: where does it stand?
async fn ask_carrier(ctx: &Ctx, call: &Call) -> Result<(), StoreError> {
    let now = ctx.now();
    let Some(sid) = call.sid.as_deref() else {
        return Ok(());
    };
    match ctx.carrier.fetch(sid).await {
        Ok(Some(found)) => {
            if let Some(by) = found.answered_by {
                correct::answered_by(ctx, call.id, by).await?;
            }
            let folded = fold::bind(ctx, call.id, call.epoch, sid, found.report, found.duration_s).await?;
            let Some(folded) = folded.filter(|call| !call.status.is_ended()) else {
                return Ok(());
            };
            steer::keep_withdrawn(ctx, &folded).await;
            let limit = folded
                .answered_at
                .map(|at| at + Duration::seconds(i64::from(folded.time_limit_s) + 60));
            if found.report == Report::InProgress && limit.is_some_and(|limit| limit <= now) {
                tracing::warn!(call.id = %call.id, "a call talks past its limit; it is ended at the carrier");
                if let Err(error) = ctx.carrier.hang_up(sid).await {
                    tracing::warn!(call.id = %call.id, "it could not be ended: {error}");
                }
            }
            if folded.check_at.is_some_and(|at| at <= now) {
                postpone(ctx, &folded, now + Duration::seconds(30), None).await?;
            }
            Ok(())
        }
        Ok(None) => {
            let why = "the carrier does not know the call".to_owned();
            fold::end_as(ctx, call.id, Outcome::Failed, Some(why)).await?;
            Ok(())
        }
        Err(error) => {
            tracing::warn!(call.id = %call.id, "the carrier cannot be asked about a call: {error}");
            if now - call.created_at >= trunkline_domain::dial::GIVE_UP {
                fold::end_as(
                    ctx,
                    call.id,
                    Outcome::Unknown,
                    Some("the carrier could not be asked for a day".to_owned()),
                )
                .await?;
                return Ok(());
            }
            postpone(ctx, call, now + Duration::seconds(30), None).await
        }
    }
}

/// An unsent call waits for its lead's next turn; when its campaign is over there is none.
async fn close_if_over(ctx: &Ctx, call: &Call) -> Result<(), StoreError> {
    let campaign = fold::campaign_of(ctx, call).await?;
    let over = campaign.is_none_or(|campaign| {
        matches!(
            campaign.state,
            CampaignState::Cancelled | CampaignState::Completed
        )
    });
    if over {
        fold::end_as(
            ctx,
            call.id,
            Outcome::Cancelled,
            Some("its campaign was stopped".to_owned()),
        )
        .await?;
        return Ok(());
    }
    postpone(ctx, call, ctx.now() + Duration::hours(1), None).await
}
