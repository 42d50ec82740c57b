//! What the carrier's callbacks mean. Each names our call and its epoch; whatever their order and
//! repetition, a call ends the same, and one that is not ours to talk on is hung up.

use trunkline_auth::StreamGrant;
use trunkline_domain::{
    AnsweredBy, Call, CallId, CallStatus, Campaign, Error, call::Next, call_status::Report,
};
use trunkline_store::StoreError;

use super::{correct, fold, steer};
use crate::{Ctx, voicemail};

/// How often a stream that died is opened anew before the call is given up.
const RESUMES: u32 = 2;

/// What the carrier is told to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Open a media stream.
    Stream {
        /// Our id.
        call: CallId,
        /// Which placing of the row.
        epoch: u32,
        /// Which stream of the call.
        generation: u32,
        /// The right to open it, once, within a minute.
        token: String,
    },
    /// Play a file, then end the call.
    Play {
        /// Where it is.
        url: String,
    },
    /// Say a sentence, then end the call.
    Say {
        /// What.
        text: String,
    },
    /// End the call.
    Hangup,
}

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
    open_stream(ctx, &call).await
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
/// When the store does not answer.
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
    let message = campaign(ctx, &call)
        .await?
        .and_then(|campaign| campaign.voicemail_message_url);
    let done = match message {
        None => ctx.carrier.hang_up(sid).await,
        // The greeting still runs: the media server hears the beep and asks for the message then.
        Some(_) if by == AnsweredBy::MachineStart => Ok(()),
        Some(_) => {
            fold::change(ctx, id, |call| {
                Some(Call {
                    next: Some(Next::Voicemail),
                    ..call.clone()
                })
            })
            .await?;
            let url = format!(
                "{}/webhooks/twilio/stream-ended?callId={id}&e={epoch}&gen={}",
                ctx.settings.hook_url, call.gen_next
            );
            ctx.carrier.redirect(sid, &url).await
        }
    };
    if let Err(error) = done {
        // The media server hears the machine too.
        tracing::warn!(call.id = %id, "a machine's call could not be steered: {error}");
    }
    Ok(())
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
    match call.next {
        Some(Next::Hangup) => Ok(Answer::Hangup),
        Some(Next::Operator | Next::Goodbye) => Ok(Answer::Say {
            text: NO_OPERATOR.to_owned(),
        }),
        Some(Next::Voicemail) => {
            let message = match call.campaign {
                Some(campaign) => voicemail::playable(ctx, call.tenant, campaign).await?,
                None => None,
            };
            Ok(message.map_or(Answer::Hangup, |url| Answer::Play { url }))
        }
        None | Some(Next::Resume | Next::Listen) if call.gen_next > generation + 1 => {
            // A repeated callback: the stream that it asks for is open already.
            open_stream(ctx, &call).await
        }
        None | Some(Next::Listen) if generation >= RESUMES => Ok(Answer::Say {
            text: GAVE_UP.to_owned(),
        }),
        None | Some(Next::Resume | Next::Listen) => open_stream(ctx, &call).await,
    }
}

const NO_OPERATOR: &str = "I am sorry, nobody is free to take your call right now. Goodbye.";
const GAVE_UP: &str = "I am sorry, we have a technical problem and cannot go on with this call. Goodbye.";

/// Makes the next stream of a call and the token that opens it.
async fn open_stream(ctx: &Ctx, call: &Call) -> Result<Answer, Error> {
    if call.voice_agent.is_none() {
        return Ok(Answer::Say {
            text: NO_OPERATOR.to_owned(),
        });
    }
    let opened = fold::change(ctx, call.id, |call| {
        let talks = call.status == CallStatus::Talking;
        talks.then(|| Call {
            gen_next: call.gen_next + 1,
            next: None,
            instance: None,
            ..call.clone()
        })
    });
    let Some(call) = opened.await?.filter(|call| call.status == CallStatus::Talking) else {
        return Ok(Answer::Hangup);
    };
    let generation = call.gen_next - 1;
    let token = ctx.keys.stream_token(
        StreamGrant {
            call: call.id,
            epoch: call.epoch,
            generation,
        },
        ctx.now(),
    );
    Ok(Answer::Stream {
        call: call.id,
        epoch: call.epoch,
        generation,
        token,
    })
}

/// A call at the carrier that no row of ours stands for: it is ended, and somebody is told.
async fn stray(ctx: &Ctx, id: CallId, epoch: u32, sid: &str) -> Result<Answer, Error> {
    tracing::error!(call.id = %id, call.epoch = epoch, metric = "stray_call", "a call at the carrier is not ours to talk on; it is ended");
    if let Err(error) = ctx.carrier.hang_up(sid).await {
        tracing::warn!(call.id = %id, "the stray call could not be ended: {error}");
    }
    Ok(Answer::Hangup)
}

async fn campaign(ctx: &Ctx, call: &Call) -> Result<Option<Campaign>, StoreError> {
    match call.campaign {
        Some(campaign) => ctx.store.campaign(call.tenant, campaign).await,
        None => Ok(None),
    }
}
