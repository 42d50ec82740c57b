//! One lead: claim it, ask the carrier once, write the answer.

use chrono::Duration;
use trunkline_domain::{
    Call, CallId, CallStatus, Campaign, Direction, Instant, Lead, LeadStatus, Outcome, Usd,
    call_status::Report, dial::POST_BY, lead::bucket,
};
use trunkline_store::{
    StoreError,
    dialing::{
        capacity::MediaCapacity,
        claim::{Claim, Refused},
        number::Hold,
        people::Bound,
    },
};
use trunkline_telephony::{DialError, DialOrder};

use super::fold;
use crate::Ctx;

/// What became of one lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// The carrier was asked: it took the call, refused it, or its answer is not known.
    Asked,
    /// The lead is somebody else's, or may not be dialled now; the next one may.
    Passed,
    /// The shard is closed or full, or nobody could carry the conversation: no more for now.
    Full,
    /// As many calls ring as human agents are free, or one of them was taken meanwhile: look anew who is.
    NobodyFree,
    /// The carrier asks to slow down for this many seconds.
    SlowDown(u32),
}

/// The longest that a campaign's call may last.
pub const TIME_LIMIT_S: u32 = 1_800;
/// What is set aside for a call until its price is known.
pub const RESERVE: Usd = Usd::from_micros(500_000);

/// Claims a lead and asks the carrier for its call.
///
/// # Errors
/// When the store does not answer; a claim that may have been written is found by its check.
pub async fn place(
    ctx: &Ctx,
    campaign: &Campaign,
    lead: &Lead,
    capacity: MediaCapacity,
    bound: Option<Bound>,
) -> Result<Placed, StoreError> {
    let before_ms = ctx.clock.boot_ms();
    let now = ctx.now();
    let Some(claim) = prepare(ctx, campaign, lead, capacity, bound, now).await? else {
        return Ok(Placed::Passed);
    };
    match ctx.store.claim(&claim, now).await {
        Ok(Ok(())) => {}
        Ok(Err(refused)) => return after_refusal(ctx, campaign, lead, refused, now).await,
        Err(StoreError::NoAnswer(_)) => {
            // The claim may be written. It is ours only if the nonce is.
            let there = ctx.store.call_unchecked(claim.call.id).await?;
            if there.is_none_or(|call| {
                call.claim_nonce != claim.call.claim_nonce || call.epoch != claim.call.epoch
            }) {
                return Ok(Placed::Passed);
            }
        }
        Err(error) => return Err(error),
    }
    ask(ctx, campaign, claim.call, before_ms).await
}

async fn prepare(
    ctx: &Ctx,
    campaign: &Campaign,
    lead: &Lead,
    capacity: MediaCapacity,
    bound: Option<Bound>,
    now: Instant,
) -> Result<Option<Claim>, StoreError> {
    let attempt = lead.attempts + 1;
    let id = CallId::of_attempt(lead.id, attempt);
    let unsent = if lead.unsent {
        ctx.store.call_unchecked(id).await?
    } else {
        None
    };
    if unsent
        .as_ref()
        .is_some_and(|call| call.status != CallStatus::Unsent)
    {
        return Ok(None);
    }
    let mut claimed = lead.clone();
    claimed.status = LeadStatus::Calling;
    claimed.attempts = attempt;
    claimed.unsent = false;
    claimed.due_at = None;
    claimed.last_call_at = Some(now);
    claimed.version += 1;
    claimed.updated_at = now;
    let cap_shard = bucket(&lead.phone) % capacity.shards();
    let call = Call {
        id,
        tenant: lead.tenant,
        campaign: Some(campaign.id),
        lead: Some(lead.id),
        attempt,
        voice_agent: campaign.voice_agent,
        operator: None,
        direction: Direction::Outbound,
        to: lead.phone.clone(),
        from: campaign
            .caller_id
            .clone()
            .unwrap_or_else(|| ctx.settings.caller_id.clone()),
        status: CallStatus::Claimed,
        epoch: unsent.as_ref().map_or(1, |call| call.epoch + 1),
        version: unsent.as_ref().map_or(1, |call| call.version + 1),
        sid: None,
        account: ctx.carrier.account().to_owned(),
        claim_nonce: Some(ctx.ids.uuid().to_string()),
        post_by: Some(now + POST_BY),
        check_at: Some(ctx.protocol.check_at(now)),
        looked_at: None,
        stop_requested: false,
        answered_by: None,
        record: campaign.record_calls,
        time_limit_s: TIME_LIMIT_S,
        reserve: RESERVE,
        created_at: unsent.as_ref().map_or(now, |call| call.created_at),
        placed_at: None,
        answered_at: None,
        ended_at: None,
        duration_s: 0,
        cost: Usd::ZERO,
        price: None,
        gen_next: 0,
        instance: None,
        next: None,
        recording: None,
        analysis: None,
        notes: None,
        conference: None,
        abandoned: false,
        dialled_for: bound.map(|bound| bound.group),
        taken: false,
        failure: None,
        cap_shard,
        ring_timeout_s: campaign.ring_timeout_s,
        shard: bucket(&lead.phone) % campaign.shards.max(1),
    };
    Ok(Some(Claim {
        lead: claimed,
        call,
        unsent_version: unsent.map(|call| call.version),
        place_cap: capacity.cap_of(cap_shard),
        bound,
        number_lock: ctx.protocol.number_lock,
    }))
}

/// Why it was refused decides what becomes of the lead: one whose number is busy steps back in
/// the queue, one that is not to be called is done.
async fn after_refusal(
    ctx: &Ctx,
    campaign: &Campaign,
    lead: &Lead,
    refused: Refused,
    now: Instant,
) -> Result<Placed, StoreError> {
    match refused {
        Refused::Slot | Refused::Place => Ok(Placed::Full),
        Refused::People => Ok(Placed::NobodyFree),
        Refused::Lead => Ok(Placed::Passed),
        Refused::Call => {
            // An unsent row that the lead does not know of: the next round reads it first.
            let mut known = lead.clone();
            known.unsent = true;
            step_back(ctx, known, now + Duration::seconds(1), now).await
        }
        Refused::Number => {
            let number = ctx.store.number(lead.tenant, &lead.phone).await?;
            let call = CallId::of_attempt(lead.id, lead.attempts + 1);
            let again = match number.holds(call, now).first() {
                Some(Hold::DoNotCall) if lead.unsent => {
                    // Its row waits for another placing that will never be: the end of both is one write.
                    let why = Some("the number is not to be called any more".to_owned());
                    fold::end_as(ctx, call, Outcome::Cancelled, why).await?;
                    return Ok(Placed::Passed);
                }
                Some(Hold::DoNotCall) => return close(ctx, campaign, lead, LeadStatus::Dnc).await,
                Some(Hold::Gap(end)) => *end,
                // Nobody knows when a call will be over; it may be by now.
                Some(Hold::InCall(_)) | None => now + Duration::seconds(15),
            };
            step_back(ctx, lead.clone(), again, now).await
        }
    }
}

/// A lead that is not to be called: it is done, without a call.
pub(super) async fn close(
    ctx: &Ctx,
    campaign: &Campaign,
    lead: &Lead,
    status: LeadStatus,
) -> Result<Placed, StoreError> {
    let mut done = lead.clone();
    done.status = status;
    done.due_at = None;
    done.version += 1;
    done.updated_at = ctx.now();
    let shard = bucket(&lead.phone) % campaign.shards.max(1);
    passed(ctx.store.move_lead(&done, lead.status, shard).await)
}

async fn step_back(ctx: &Ctx, mut lead: Lead, due: Instant, now: Instant) -> Result<Placed, StoreError> {
    lead.due_at = Some(due);
    lead.version += 1;
    lead.updated_at = now;
    passed(ctx.store.update_lead(&lead).await)
}

fn passed(result: Result<(), StoreError>) -> Result<Placed, StoreError> {
    match result {
        Err(error) if !error.is_condition() => Err(error),
        Ok(()) | Err(_) => Ok(Placed::Passed),
    }
}

/// Asks the carrier, once, unless too much time has passed since before the claim.
async fn ask(ctx: &Ctx, campaign: &Campaign, call: Call, before_ms: u64) -> Result<Placed, StoreError> {
    let late = ctx.clock.boot_ms().saturating_sub(before_ms)
        > u64::try_from(POST_BY.num_milliseconds()).unwrap_or(0);
    if late && ctx.protocol.post_deadline {
        // Nobody but us may ask for this epoch, and we did not: it is certainly not placed.
        fold::unsend(ctx, call, Duration::seconds(1)).await?;
        return Ok(Placed::Passed);
    }
    let order = DialOrder {
        call: call.id,
        epoch: call.epoch,
        to: call.to.clone(),
        from: call.from.clone(),
        ring_timeout_s: call.ring_timeout_s,
        time_limit_s: call.time_limit_s,
        amd: campaign.amd_enabled,
        record: trunkline_domain::recording::is_carriers(&call),
    };
    match ctx.carrier.dial(&order).await {
        Ok(sid) => {
            let call = fold::bind(ctx, call.id, call.epoch, &sid, Report::Queued, None).await?;
            if let Some(call) = call {
                super::steer::keep_withdrawn(ctx, &call).await;
            }
            Ok(Placed::Asked)
        }
        Err(DialError::SlowDown { retry_after_s }) => {
            let wait_s = retry_after_s.unwrap_or(2).clamp(1, 60);
            tracing::warn!(call.id = %call.id, "the carrier asks to slow down: the call was not placed, and nobody is dialled for {wait_s} s");
            fold::unsend(ctx, call, Duration::seconds(i64::from(wait_s))).await?;
            Ok(Placed::SlowDown(wait_s))
        }
        Err(DialError::Refused { code, what }) => {
            tracing::warn!(call.id = %call.id, carrier.code = %code, "the carrier refused a call: {what}");
            fold::failed(ctx, call, format!("{code}: {what}")).await?;
            Ok(Placed::Asked)
        }
        Err(DialError::Ambiguous { what }) => {
            // It may be ringing. Nothing more is done here: a callback or the settle check tells.
            tracing::warn!(call.id = %call.id, "the carrier's answer to a call is not known: {what}");
            Ok(Placed::Asked)
        }
    }
}
