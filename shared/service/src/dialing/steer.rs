//! What users ask of a campaign: launch, pause, resume, stop.

use trunkline_auth::Principal;
use trunkline_domain::{Call, Campaign, CampaignId, CampaignState, Error, campaign::Move, error::Kind};
use trunkline_events::{Event, EventKind};
use trunkline_queue::DialJob;
use trunkline_telephony::CarrierError;

use crate::{Ctx, operators, voicemail};

/// Dials now, or at the start time; of a paused campaign: goes on.
///
/// # Errors
/// [`Error::Conflict`] when its state, its end time or an empty list forbids it.
pub async fn launch(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<Campaign, Error> {
    apply(ctx, who, id, Move::Launch).await
}

/// Dials nobody from now on; calls under way go on.
///
/// # Errors
/// [`Error::Conflict`] when its state forbids it.
pub async fn pause(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<Campaign, Error> {
    apply(ctx, who, id, Move::Pause).await
}

/// Goes on.
///
/// # Errors
/// [`Error::Conflict`] when its state forbids it.
pub async fn resume(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<Campaign, Error> {
    apply(ctx, who, id, Move::Resume).await
}

/// Ends for good: phones that have not been answered stop ringing, conversations go on to their end.
///
/// # Errors
/// [`Error::Conflict`] when its state forbids it.
pub async fn stop(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<Campaign, Error> {
    let stopped = apply(ctx, who, id, Move::Stop).await?;
    withdraw_all(ctx, &stopped).await?;
    Ok(stopped)
}

async fn apply(ctx: &Ctx, who: &Principal, id: CampaignId, asked: Move) -> Result<Campaign, Error> {
    if who.role == trunkline_domain::Role::Agent {
        return Err(Error::Forbidden(
            "campaigns are steered by users and managers".to_owned(),
        ));
    }
    for _ in 0..8 {
        let campaign = ctx
            .store
            .campaign(who.tenant, id)
            .await?
            .ok_or(Error::NotFound(Kind::Campaign))?;
        let next = moved(ctx, &campaign, asked).await?;
        match ctx
            .store
            .update_campaign(&next, event(&next, asked, campaign.state).as_ref())
            .await
        {
            Ok(()) => {}
            Err(error) if error.is_condition() => continue,
            Err(error) => return Err(error.into()),
        }
        if matches!(asked, Move::Launch | Move::Resume) {
            voicemail::needed(ctx, &next).await;
        }
        if next.state == CampaignState::Active {
            wake(ctx, &next).await;
        }
        return Ok(next);
    }
    Err(Error::Unavailable {
        what: "the campaign is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    })
}

async fn moved(ctx: &Ctx, campaign: &Campaign, asked: Move) -> Result<Campaign, Error> {
    let now = ctx.now();
    let mut next = campaign.clone();
    next.state = campaign.after(asked, now)?;
    if matches!(asked, Move::Launch | Move::Resume) {
        super::permit::launchable(ctx, campaign.tenant).await?;
        has_its_agent(ctx, campaign).await?;
        has_its_group(ctx, campaign).await?;
        if campaign.voice_agent.is_none() && campaign.group.is_none() {
            // Somebody must talk to who answers: those of no group of their own.
            next.group = operators::known_default_group(ctx, campaign.tenant).await?;
        }
    }
    if asked == Move::Launch && campaign.state != CampaignState::Paused {
        let slots = ctx.store.slots(campaign.id).await?;
        if slots.iter().all(|slot| slot.open_leads == 0) {
            return Err(Error::conflict(
                Kind::Campaign,
                "the campaign has no number left to dial; add phone numbers first",
            ));
        }
        next.launched_at.get_or_insert(now);
    }
    if next.state == CampaignState::Cancelled {
        next.ended_at = Some(now);
    }
    next.version += 1;
    next.updated_at = now;
    Ok(next)
}

/// While a campaign is a draft its agents may be deleted: nobody would talk on its calls.
async fn has_its_agent(ctx: &Ctx, campaign: &Campaign) -> Result<(), Error> {
    for (agent, which) in [
        (campaign.voice_agent, "agent"),
        (campaign.fallback.voice_agent(), "fallback agent"),
    ] {
        let Some(agent) = agent else { continue };
        if ctx.store.voice_agent(campaign.tenant, agent).await?.is_none() {
            let what = format!("the campaign's {which} was deleted; give the campaign another one first");
            return Err(Error::conflict(Kind::Campaign, what));
        }
    }
    Ok(())
}

/// And its group of human agents: nobody would take its calls.
async fn has_its_group(ctx: &Ctx, campaign: &Campaign) -> Result<(), Error> {
    let Some(group) = campaign.group else {
        return Ok(());
    };
    match ctx.store.group(campaign.tenant, group).await? {
        Some(_) => Ok(()),
        None => Err(Error::conflict(
            Kind::Campaign,
            "the campaign's agent group was deleted; give the campaign another one first",
        )),
    }
}

/// Lets every shard's pump look.
pub async fn wake(ctx: &Ctx, campaign: &Campaign) {
    for shard in 0..campaign.shards.max(1) {
        let job = DialJob::Refill {
            tenant: campaign.tenant,
            campaign: campaign.id,
            shard,
        };
        if let Err(error) = ctx.queues.dial(&job, 0).await {
            // Only a hint is lost: the tick looks at every active campaign.
            tracing::warn!(campaign.id = %campaign.id, "no wake-up sent: {error}");
        }
    }
}

/// The event of a campaign's move.
#[must_use]
pub fn event(campaign: &Campaign, asked: Move, from: CampaignState) -> Option<Event> {
    let kind = match (asked, campaign.state) {
        (Move::Launch | Move::Resume, CampaignState::Active) if from == CampaignState::Paused => {
            EventKind::CampaignResumed
        }
        (Move::Launch | Move::Resume, CampaignState::Active) => EventKind::CampaignStarted,
        (Move::Pause, _) => EventKind::CampaignPaused,
        (Move::Stop, _) => EventKind::CampaignCancelled,
        (Move::Complete, _) => EventKind::CampaignCompleted,
        (Move::Launch | Move::Resume, _) => return None,
    };
    Some(Event::new(
        kind,
        campaign.tenant,
        campaign.id.0,
        campaign.version,
        campaign.updated_at,
    ))
}

/// Asks each of the campaign's unanswered calls to stop.
async fn withdraw_all(ctx: &Ctx, campaign: &Campaign) -> Result<(), Error> {
    for call in ctx
        .store
        .unfinished_calls_of(campaign.tenant, campaign.id)
        .await?
    {
        withdraw(ctx, &call).await?;
    }
    Ok(())
}

/// Marks a call as asked to stop, and cancels it where the carrier has it and nobody has answered.
///
/// # Errors
/// When the store does not answer.
pub async fn withdraw(ctx: &Ctx, call: &Call) -> Result<(), Error> {
    let marked = super::fold::change(ctx, call.id, |call| {
        let waits = !call.status.is_ended() && !call.stop_requested;
        waits.then(|| Call {
            stop_requested: true,
            ..call.clone()
        })
    });
    if let Some(call) = marked.await? {
        use trunkline_domain::CallStatus::{Claimed, Placed, Ringing, Unsent};
        if call.status == Unsent {
            super::fold::end_as(
                ctx,
                call.id,
                trunkline_domain::Outcome::Cancelled,
                Some("withdrawn".to_owned()),
            )
            .await?;
        } else if call.status == Claimed && call.sid.is_none() {
            if let Some(found) = super::settle::find(ctx, &call).await? {
                keep_withdrawn(ctx, &found).await;
            }
        } else if matches!(call.status, Claimed | Placed | Ringing) {
            cancel_at_carrier(ctx, &call).await;
        }
    }
    Ok(())
}

/// Cancels a call that the carrier has just told of when it was asked to stop before: nobody could cancel it then, for want of the
/// carrier's id, or the carrier did not answer.
pub(super) async fn keep_withdrawn(ctx: &Ctx, call: &Call) {
    use trunkline_domain::CallStatus::{Claimed, Placed, Ringing};
    if call.stop_requested && matches!(call.status, Claimed | Placed | Ringing) {
        cancel_at_carrier(ctx, call).await;
    }
}

/// A phone that is not to ring rings on meanwhile, so a brown-out of the carrier is not waited for by the minute.
const PAUSES_MS: [u64; 3] = [100, 200, 400];

/// Cancels a queued or ringing call. When the carrier does not answer a few times, its next callback or the call's check tries again.
async fn cancel_at_carrier(ctx: &Ctx, call: &Call) {
    let Some(sid) = call.sid.as_deref() else { return };
    let began_ms = ctx.clock.boot_ms();
    let mut pauses = PAUSES_MS.into_iter();
    loop {
        let Err(error) = ctx.carrier.cancel(sid).await else {
            return;
        };
        let slow = ctx.clock.boot_ms().saturating_sub(began_ms) > 1_000;
        let again = matches!(error, CarrierError::Unreachable(_)) && !slow;
        let Some(pause_ms) = pauses.next().filter(|_| again) else {
            tracing::warn!(call.id = %call.id, "a call could not be cancelled now: {error}");
            return;
        };
        ctx.clock.sleep(std::time::Duration::from_millis(pause_ms)).await;
    }
}
