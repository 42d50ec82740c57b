//! Writing what became of a call. Each of these reads the row, decides by the domain's pure rules,
//! writes under the version that was read, and reads again when somebody else wrote first.

use chrono::Duration;
use trunkline_domain::{
    Call, CallId, CallStatus, Campaign, Lead, LeadStatus, Outcome, RetryPolicy, call_status::Report,
    dial::next_ok, retry::AfterAttempt,
};
use trunkline_events::{Event, EventKind};
use trunkline_queue::DialJob;
use trunkline_store::{StoreError, dialing::fold::End};

use super::pacing;
use crate::{Ctx, bridging};

/// How often a fold reads again; each round somebody else's write succeeded.
pub(super) const ROUNDS: u32 = 16;

/// The carrier names our call `sid` and says where it stands. Answers the row as it is now;
/// `None` when this is not the row's epoch or the row has another sid: a stray call.
///
/// # Errors
/// When the store does not answer.
pub async fn bind(
    ctx: &Ctx,
    id: CallId,
    epoch: u32,
    sid: &str,
    report: Report,
    duration_s: Option<u32>,
) -> Result<Option<Call>, StoreError> {
    for _ in 0..ROUNDS {
        let Some(call) = ctx.store.call_unchecked(id).await? else {
            return Ok(None);
        };
        if call.epoch != epoch || call.sid.as_deref().is_some_and(|known| known != sid) {
            return Ok(None);
        }
        let written = if call.status == CallStatus::Unsent {
            take_back(ctx, &call, sid).await
        } else {
            observe(ctx, &call, Some(sid), report, duration_s).await
        };
        match written {
            Ok(Some(next)) if call.status != CallStatus::Unsent => return Ok(Some(next)),
            // Taken back: now the report itself.
            Ok(Some(_)) => {}
            // The number is in another call already, or the lead is: a stray.
            Ok(None) => return Ok(None),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Contended)
}

/// Folds a report into a call that was just read; answers the row as it is then.
async fn observe(
    ctx: &Ctx,
    call: &Call,
    sid: Option<&str>,
    report: Report,
    duration_s: Option<u32>,
) -> Result<Option<Call>, StoreError> {
    let now = ctx.now();
    let moved = call.observe(report, now, duration_s);
    let binds = sid.is_some() && call.sid.is_none();
    if moved.is_none() && !binds {
        return Ok(Some(call.clone()));
    }
    let mut next = moved.unwrap_or_else(|| call.clone());
    if let Some(sid) = sid {
        next.sid.get_or_insert_with(|| sid.to_owned());
    }
    if next.status.is_ended() && !call.status.is_ended() {
        return Box::pin(end(ctx, call, next)).await.map(Some);
    }
    next.version += 1;
    next.check_at = deadline(&next, now);
    ctx.store
        .update_call(&next, Some(&event(&next, EventKind::CallUpdated, now)))
        .await?;
    Ok(Some(next))
}

/// Until when a state may last before somebody looks: the carrier's queue and the ring, or the talk.
fn deadline(call: &Call, now: trunkline_domain::Instant) -> Option<trunkline_domain::Instant> {
    match call.status {
        CallStatus::Claimed | CallStatus::Placed | CallStatus::Ringing => {
            Some(now + Duration::seconds(i64::from(call.ring_timeout_s) + 30))
        }
        CallStatus::Talking => {
            let since = call.answered_at.unwrap_or(now);
            Some(since + Duration::seconds(i64::from(call.time_limit_s) + 60))
        }
        CallStatus::Scheduled | CallStatus::Unsent => Some(now + Duration::hours(1)),
        CallStatus::Ended(_) => None,
    }
}

/// Ends a call: `next` is ended already, all else follows from it.
async fn end(ctx: &Ctx, before: &Call, mut next: Call) -> Result<Call, StoreError> {
    let now = ctx.now();
    let outcome = next.status.outcome().unwrap_or(Outcome::Unknown);
    next.version = before.version + 1;
    next.check_at = None;
    next.ended_at.get_or_insert(now);
    let lead = lead_of(ctx, before).await?;
    let campaign = campaign_of(ctx, before).await?;
    let number = ctx.store.number(before.tenant, &before.to).await?;
    let after = lead.map(|lead| lead_after(lead, &next, outcome, campaign.as_ref(), number.dnc, now));
    let mut write = End {
        event: event(&next, EventKind::CallEnded, now),
        next_ok_at: next_ok(next.ended_at.unwrap_or(now)),
        before: before.clone(),
        call: next.clone(),
        lead: after,
        number_lost: false,
    };
    if before.status.holds_slot() && write.lead.is_some() && number.in_flight != Some(before.id) {
        tracing::error!(call.id = %before.id, invariant = "number_lock", "an unfinished call does not hold its number; ending it without");
        write.number_lost = true;
    }
    ctx.store.end_call(&write).await?;
    // Nobody waits for anybody before the answer.
    if next.answered_at.is_some()
        && let Err(error) = bridging::caller_left(ctx, next.id).await
    {
        // Fan-out tells it too, and the tick looks.
        tracing::warn!(call.id = %next.id, "who was rung for an ended call is not let go now: {error}");
    }
    if let Some(group) = before.rings_for() {
        // Whose people it rang for no longer: this campaign's, and maybe others'.
        pacing::somebody_free(ctx, next.tenant, group).await;
    }
    if let Some(campaign) = next.campaign {
        let job = DialJob::Refill {
            tenant: next.tenant,
            campaign,
            shard: next.shard,
        };
        if let Err(error) = ctx.queues.dial(&job, 0).await {
            // Only a hint is lost: the tick looks at every active campaign.
            tracing::warn!(campaign.id = %campaign, "no wake-up for the freed slot: {error}");
        }
    }
    Ok(next)
}

/// What becomes of the lead when its call has ended.
pub(super) fn lead_after(
    mut lead: Lead,
    call: &Call,
    outcome: Outcome,
    campaign: Option<&Campaign>,
    dnc: bool,
    now: trunkline_domain::Instant,
) -> Lead {
    let policy = campaign.map_or_else(RetryPolicy::default, |campaign| campaign.retry_policy.clone());
    let ended = call.ended_at.unwrap_or(now);
    lead.version += 1;
    lead.updated_at = now;
    lead.unsent = false;
    lead.due_at = None;
    let over = campaign.is_none_or(|campaign| campaign.state == trunkline_domain::CampaignState::Cancelled);
    lead.status = match policy.after(lead.attempts, outcome, ended) {
        _ if dnc => LeadStatus::Dnc,
        AfterAttempt::Reached => LeadStatus::Completed,
        AfterAttempt::RetryAt(at) if !over => {
            // Before the gap is over the claim would only be refused.
            lead.due_at = Some(at.max(next_ok(ended)));
            LeadStatus::Pending
        }
        AfterAttempt::RetryAt(_) | AfterAttempt::GivenUp => LeadStatus::Failed,
    };
    lead
}

/// Ends a call with an outcome that no report gave: refused, withdrawn, unknown.
///
/// # Errors
/// When the store does not answer.
pub async fn end_as(
    ctx: &Ctx,
    id: CallId,
    outcome: Outcome,
    why: Option<String>,
) -> Result<Option<Call>, StoreError> {
    for _ in 0..ROUNDS {
        let Some(call) = ctx.store.call_unchecked(id).await? else {
            return Ok(None);
        };
        if call.status.is_ended() {
            return Ok(Some(call));
        }
        let mut next = call.clone();
        next.status = CallStatus::Ended(outcome);
        next.ended_at = Some(ctx.now());
        next.failure.clone_from(&why);
        match Box::pin(end(ctx, &call, next)).await {
            Ok(ended) => return Ok(Some(ended)),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Contended)
}

/// The carrier refused for good.
pub(super) async fn failed(ctx: &Ctx, call: Call, why: String) -> Result<(), StoreError> {
    end_as(ctx, call.id, Outcome::Failed, Some(why)).await.map(|_| ())
}

/// A claimed call was certainly not placed: its row waits for the next epoch and gives back what
/// it held. A call that was asked to stop, or whose number is not to be called any more, ends instead.
pub(super) async fn unsend(ctx: &Ctx, claimed: Call, backoff: Duration) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let Some(call) = ctx.store.call_unchecked(claimed.id).await? else {
            return Ok(());
        };
        if call.epoch != claimed.epoch || call.status != CallStatus::Claimed || call.sid.is_some() {
            return Ok(());
        }
        let now = ctx.now();
        let lead = lead_of(ctx, &call).await?;
        let dnc = ctx.store.number(call.tenant, &call.to).await?.dnc;
        let Some(mut lead) = lead.filter(|_| !dnc && !call.stop_requested) else {
            end_as(
                ctx,
                call.id,
                Outcome::Cancelled,
                Some("withdrawn before the carrier was asked".to_owned()),
            )
            .await?;
            return Ok(());
        };
        let mut next = call.clone();
        next.status = CallStatus::Unsent;
        next.version += 1;
        next.looked_at = None;
        next.check_at = deadline(&next, now);
        lead.status = LeadStatus::Pending;
        lead.attempts = lead.attempts.saturating_sub(1);
        lead.unsent = true;
        lead.due_at = Some(now + backoff);
        lead.version += 1;
        lead.updated_at = now;
        match ctx.store.unsend(&next, &lead).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Contended)
}

/// A callback for an unsent row: the carrier has the call after all. `None`: too late, the lead
/// or the number went on to another call.
async fn take_back(ctx: &Ctx, call: &Call, sid: &str) -> Result<Option<Call>, StoreError> {
    let now = ctx.now();
    let Some(mut lead) = lead_of(ctx, call).await? else {
        return Ok(None);
    };
    if lead.status != LeadStatus::Pending || !lead.unsent || lead.attempts + 1 != call.attempt {
        return Ok(None);
    }
    let mut next = call.clone();
    next.status = CallStatus::Placed;
    next.sid = Some(sid.to_owned());
    next.version += 1;
    next.placed_at = Some(now);
    next.check_at = deadline(&next, now);
    lead.status = LeadStatus::Calling;
    lead.attempts += 1;
    lead.unsent = false;
    lead.due_at = None;
    lead.version += 1;
    lead.updated_at = now;
    match ctx.store.take_back(&next, &lead, now).await {
        Ok(()) => Ok(Some(next)),
        Err(error) if error.failed_at(2) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Changes a call's own fields; `None` from `change` leaves it. Totals follow.
///
/// # Errors
/// When the store does not answer.
pub async fn change(
    ctx: &Ctx,
    id: CallId,
    change: impl Fn(&Call) -> Option<Call>,
) -> Result<Option<Call>, StoreError> {
    for _ in 0..ROUNDS {
        let Some(call) = ctx.store.call_unchecked(id).await? else {
            return Ok(None);
        };
        let Some(mut next) = change(&call) else {
            return Ok(Some(call));
        };
        next.version = call.version + 1;
        let event = event(&next, EventKind::CallUpdated, ctx.now());
        match ctx.store.correct_call(&call, &next, Some(&event)).await {
            Ok(()) => return Ok(Some(next)),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Contended)
}

pub(super) async fn lead_of(ctx: &Ctx, call: &Call) -> Result<Option<Lead>, StoreError> {
    match (call.campaign, call.lead) {
        (Some(campaign), Some(id)) => {
            let lead = ctx.store.lead_by_number(call.tenant, campaign, &call.to).await?;
            Ok(lead.filter(|lead| lead.id == id))
        }
        _ => Ok(None),
    }
}

pub(crate) async fn campaign_of(ctx: &Ctx, call: &Call) -> Result<Option<Campaign>, StoreError> {
    match call.campaign {
        Some(campaign) => ctx.store.campaign(call.tenant, campaign).await,
        None => Ok(None),
    }
}

/// A call's event; its number is the row's version, so a repeated write is the same event.
#[must_use]
pub fn event(call: &Call, kind: EventKind, now: trunkline_domain::Instant) -> Event {
    Event::new(kind, call.tenant, call.id.0, call.version, now)
}
