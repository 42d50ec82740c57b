//! What the carrier's callbacks mean. Each names our call and its epoch; whatever their order and
//! repetition, a call ends the same, and one that is not ours to talk on is hung up.

mod answer;
mod people;
mod streams;

use trunkline_domain::{AnsweredBy, CallId, Error, bridge::Stage, call_status::Report};
use trunkline_telephony::CarrierError;

use super::{correct, fold, pacing, steer};
use crate::{Ctx, bridging};

pub use answer::Answer;
pub use people::{agent_answered, in_room, leg_status};

/// Somebody or something answered: what now?
///
/// # Errors
/// When the store does not answer; the carrier asks again.
pub async fn answered(
    ctx: &Ctx,
    id: CallId,
    epoch: u32,
    sid: &str,
    by: Option<AnsweredBy>,
) -> Result<Answer, Error> {
    let Some(call) = fold::bind(ctx, id, epoch, sid, Report::InProgress, None).await? else {
        return stray(ctx, id, epoch, sid).await;
    };
    let call = match by {
        Some(by) => correct::answered_by(ctx, id, by).await?.unwrap_or(call),
        None => call,
    };
    if call.status.is_ended() || call.stop_requested || ctx.store.number(call.tenant, &call.to).await?.dnc {
        return Ok(Answer::Hangup);
    }
    match call.voice_agent {
        Some(_) => streams::open_stream(ctx, &call).await,
        None => {
            let answer = people::answered(ctx, &call).await?;
            pacing::answered(ctx, &call).await;
            Ok(answer)
        }
    }
}

/// The carrier reports where a call stands.
///
/// # Errors
/// When the store does not answer; the carrier tells again, or the call's check asks.
pub async fn status(
    ctx: &Ctx,
    id: CallId,
    epoch: u32,
    sid: &str,
    report: Report,
    duration_s: Option<u32>,
) -> Result<(), Error> {
    match fold::bind(ctx, id, epoch, sid, report, duration_s).await? {
        Some(call) => steer::keep_withdrawn(ctx, &call).await,
        None if report.outcome().is_none() => {
            stray(ctx, id, epoch, sid).await?;
        }
        None => {}
    }
    Ok(())
}

/// The carrier heard who answered. A person never waited for it; a machine is left its message or hung up on.
///
/// # Errors
/// When the store does not answer, or the carrier does not while nobody else would hear the machine; the carrier tells again.
pub async fn amd(ctx: &Ctx, id: CallId, epoch: u32, sid: &str, by: AnsweredBy) -> Result<(), Error> {
    let Some(call) = ctx.store.call_unchecked(id).await? else {
        return Ok(());
    };
    if call.epoch != epoch || call.sid.as_deref().is_some_and(|known| known != sid) {
        return Ok(());
    }
    let Some(call) = correct::answered_by(ctx, id, by).await? else {
        return Ok(());
    };
    if !by.is_machine() || call.status.is_ended() {
        return Ok(());
    }
    let bridge = bridging::machine(ctx, id).await?;
    if bridge.is_some_and(|bridge| matches!(bridge.stage, Stage::Talking { .. })) {
        // Whoever talks to it knows better.
        return Ok(());
    }
    let done = if call.voice_agent.is_some() && by == AnsweredBy::MachineStart {
        // The greeting still runs: the media server hears the beep and asks for the message then.
        match fold::campaign_of(ctx, &call)
            .await?
            .and_then(|campaign| campaign.voicemail_message_url)
        {
            Some(_) => Ok(()),
            None => ctx.carrier.hang_up(sid).await,
        }
    } else {
        match people::for_machine(ctx, &call, by).await? {
            Some(call) => bridging::redirect(ctx, &call).await,
            None => ctx.carrier.hang_up(sid).await,
        }
    };
    match done {
        Ok(()) => Ok(()),
        Err(error @ CarrierError::Unreachable(_)) if call.voice_agent.is_none() => {
            Err(Error::internal(error))
        }
        Err(error) => {
            // The media server hears the machine too; and what the carrier refuses, it refuses again.
            tracing::warn!(call.id = %id, "a machine's call could not be steered: {error}");
            Ok(())
        }
    }
}

/// A media stream has ended: what the session wrote as `next` follows; nothing written means that
/// the media server died, so the conversation goes on in a new stream.
///
/// # Errors
/// When the store does not answer; the carrier asks again.
pub async fn stream_ended(
    ctx: &Ctx,
    id: CallId,
    epoch: u32,
    sid: &str,
    generation: u32,
) -> Result<Answer, Error> {
    let Some(call) = ctx.store.call_unchecked(id).await? else {
        return Ok(Answer::Hangup);
    };
    if call.epoch != epoch || call.sid.as_deref() != Some(sid) || call.status.is_ended() {
        return Ok(Answer::Hangup);
    }
    streams::follow(ctx, &call, generation).await
}

/// A call at the carrier that no row of ours stands for: it is ended, and somebody is told.
async fn stray(ctx: &Ctx, id: CallId, epoch: u32, sid: &str) -> Result<Answer, Error> {
    tracing::error!(call.id = %id, call.epoch = epoch, metric = "stray_call", "a call at the carrier is not ours to talk on; it is ended");
    if let Err(error) = ctx.carrier.hang_up(sid).await {
        tracing::warn!(call.id = %id, "the stray call could not be ended: {error}");
    }
    Ok(Answer::Hangup)
}
