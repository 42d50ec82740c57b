//! Calls from a browser or an app: no carrier between, and a media server that holds both ends.

use chrono::Duration;
use trunkline_auth::Principal;
use trunkline_domain::{
    AnsweredBy, Call, CallId, CallStatus, CampaignId, Direction, Error, Instant, Role, Usd, VoiceAgentId,
    call_status::Report, error::Kind,
};
use trunkline_events::EventKind;
use trunkline_store::StoreError;

use super::{NOTES_MAX, TRIES, busy};
use crate::{
    Ctx,
    dialing::{
        fold::{self, event},
        media::{Admitted, Handover, Talker},
    },
};

/// The longest that such a call may last.
const TIME_LIMIT_S: u32 = 1_800;
/// How often somebody looks whether its media server is still there.
const LOOK: Duration = Duration::seconds(30);

/// Makes a call of the asker's to a voice agent of their tenant; it talks from now on, on this media server.
///
/// # Errors
/// [`Error::NotFound`] for another tenant's agent or campaign; [`Error::Unavailable`] when nobody
/// could carry the conversation.
pub async fn open(
    ctx: &Ctx,
    who: &Principal,
    agent: VoiceAgentId,
    campaign: Option<CampaignId>,
) -> Result<Admitted, Error> {
    who.require(Role::User)?;
    let agent = crate::voice_agents::get(ctx, who, agent).await?;
    let campaign = match campaign {
        None => None,
        Some(id) => Some(
            ctx.store
                .campaign(who.tenant, id)
                .await?
                .ok_or(Error::NotFound(Kind::Campaign))?,
        ),
    };
    let now = ctx.now();
    let capacity = ctx.store.media_capacity(now).await?;
    // Nobody is rung: both numbers are the platform's own.
    let number = ctx.settings.caller_id.clone();
    let id = CallId(ctx.ids.uuid());
    let call = Call {
        id,
        tenant: who.tenant,
        campaign: campaign.as_ref().map(|campaign| campaign.id),
        lead: None,
        attempt: 0,
        voice_agent: Some(agent.id),
        operator: None,
        direction: Direction::Web,
        to: number.0.clone(),
        from: number,
        status: CallStatus::Talking,
        epoch: 1,
        version: 1,
        sid: None,
        account: String::new(),
        claim_nonce: Some(ctx.ids.uuid().to_string()),
        post_by: None,
        check_at: Some(now + LOOK),
        looked_at: None,
        stop_requested: false,
        answered_by: Some(AnsweredBy::Human),
        record: campaign.as_ref().is_none_or(|campaign| campaign.record_calls),
        time_limit_s: TIME_LIMIT_S,
        reserve: Usd::ZERO,
        created_at: now,
        placed_at: Some(now),
        answered_at: Some(now),
        ended_at: None,
        duration_s: 0,
        cost: Usd::ZERO,
        price: None,
        gen_next: 1,
        instance: Some(ctx.settings.instance.clone()),
        next: None,
        recording: None,
        analysis: None,
        notes: None,
        conference: None,
        abandoned: false,
        dialled_for: None,
        taken: false,
        failure: None,
        cap_shard: shard(id, capacity.shards()),
        ring_timeout_s: 0,
        shard: 0,
    };
    let created = event(&call, EventKind::CallCreated, now);
    let parts = crate::parts::of_call(ctx, who.tenant, Some(&agent)).await?;
    let cap = capacity.cap_of(call.cap_shard);
    if !ctx.store.open_web_call(&call, cap, &created).await? {
        return Err(Error::Unavailable {
            what: "all lines are busy".to_owned(),
            retry_after_s: 5,
        });
    }
    Ok(Admitted {
        call,
        talker: Some(Talker { agent, parts }),
        lead: None,
        campaign,
        history: Vec::new(),
        // There is no telephone line that could be taken to a person.
        handover: Handover::No,
    })
}

fn shard(id: CallId, shards: u32) -> u32 {
    u32::from(id.0.as_bytes()[0]) % shards.max(1)
}

/// The conversation is over, after this long; repeating is harmless.
///
/// # Errors
/// When the store does not answer.
pub async fn end(ctx: &Ctx, id: CallId, duration_s: u32, failure: Option<&str>) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        let Some(before) = ctx.store.call_unchecked(id).await? else {
            return Ok(());
        };
        let now = ctx.now();
        let Some(mut call) = before.observe(Report::Completed, now, Some(duration_s)) else {
            return Ok(());
        };
        call.version = before.version + 1;
        call.failure = failure.map(str::to_owned);
        let ended = event(&call, EventKind::CallEnded, now);
        match ctx.store.end_web_call(&before, &call, &ended).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Contended)
}

/// Looks after a call whose instant has come: one whose media server has died, or that talks
/// past its limit, is over.
///
/// # Errors
/// When the store does not answer; the next tick comes back to it.
pub(crate) async fn check(ctx: &Ctx, call: &Call) -> Result<(), StoreError> {
    let now = ctx.now();
    if call.status.is_ended() || call.check_at.is_some_and(|at| at > now) {
        return Ok(());
    }
    let began = call.answered_at.unwrap_or(call.created_at);
    let over = now >= began + Duration::seconds(i64::from(call.time_limit_s) + 60);
    let live = ctx.store.media_instances(now).await?;
    let held = call
        .instance
        .as_ref()
        .is_some_and(|instance| live.contains(instance));
    if held && !over {
        return look_again(ctx, call, now).await;
    }
    tracing::warn!(call.id = %call.id, "a browser's call has no media server any more; it is ended");
    // It was there when last looked at.
    let last = call.check_at.map_or(now, |at| at - LOOK);
    let duration_s = u32::try_from((last - began).num_seconds().max(0)).unwrap_or(u32::MAX);
    end(ctx, call.id, duration_s, Some("the media server went away")).await
}

async fn look_again(ctx: &Ctx, call: &Call, now: Instant) -> Result<(), StoreError> {
    let next = Call {
        check_at: Some(now + LOOK),
        version: call.version + 1,
        ..call.clone()
    };
    match ctx.store.update_call(&next, None).await {
        Err(error) if !error.is_condition() => Err(error),
        // Somebody else wrote; the next tick looks again.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Keeps what a browser says of its call as the call's notes, while nobody has written any.
///
/// # Errors
/// [`Error::Invalid`] when it is too long.
pub async fn describe(ctx: &Ctx, id: CallId, metadata: &str) -> Result<(), Error> {
    if metadata.chars().count() > NOTES_MAX {
        return Err(Error::invalid(
            "metadata",
            format!("must be at most {NOTES_MAX} characters"),
        ));
    }
    let changed = fold::change(ctx, id, |call| {
        call.notes.is_none().then(|| Call {
            notes: Some(metadata.to_owned()),
            ..call.clone()
        })
    });
    changed.await?.map(|_| ()).ok_or_else(busy)
}
