//! What a media server asks and tells: may this stream talk, what was said, how it ended.

use trunkline_auth::StreamGrant;
use trunkline_domain::{
    AnsweredBy, Call, CallId, CallStatus, Campaign, Error, Lead, VoiceAgent, call::Next, error::Kind,
    recording::segment_key, shares::StreamShares, transcript::TranscriptLine,
};

use super::{correct, fold, opt_out};
use crate::{
    Ctx,
    bridging::{self, Stands},
    operators,
    parts::{self, CallParts},
    voicemail,
};

/// A stream that may talk, and all that its session needs.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The call; its `instance` names this media server now.
    pub call: Call,
    /// Who talks; none: a machine has answered a call that no voice agent talks on, and its beep is waited for.
    pub talker: Option<Talker>,
    /// Whom it talks to, where the call has a lead.
    pub lead: Option<Lead>,
    /// The campaign, where the call has one.
    pub campaign: Option<Campaign>,
    /// What was said in the call's earlier streams, oldest first.
    pub history: Vec<TranscriptLine>,
    /// Whether there are human agents who might take the caller over.
    pub handover: Handover,
}

/// Whether a caller might be handed to a human agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// There is nobody to whom.
    No,
    /// There are some.
    Possible,
    /// An earlier stream of the call has asked for one, who is still looked for.
    Sought,
}

/// A voice agent on a call.
#[derive(Debug, Clone)]
pub struct Talker {
    /// Who.
    pub agent: VoiceAgent,
    /// What hears, thinks and speaks.
    pub parts: CallParts,
}

/// Admits a stream: its token must be good and not used before; from now on the call names this
/// media server.
///
/// # Errors
/// [`Error::TokenInvalid`] or [`Error::TokenExpired`] for a token that is not this stream's or was
/// used; [`Error::Conflict`] when the call does not talk any more.
pub async fn admit(ctx: &Ctx, grant: StreamGrant, token: &str, sid: &str) -> Result<Admitted, Error> {
    let signed = ctx
        .keys
        .read_stream(token, ctx.now())
        .map_err(|error| Error::TokenInvalid(error.to_string()))?;
    if signed != grant {
        return Err(Error::TokenInvalid("the token is another stream's".to_owned()));
    }
    let taken = std::sync::atomic::AtomicBool::new(false);
    let changed = fold::change(ctx, grant.call, |call| {
        let free = call.epoch == grant.epoch
            && call.sid.as_deref() == Some(sid)
            && call.gen_next == grant.generation + 1
            && call.status == CallStatus::Talking
            && call.instance.is_none();
        taken.store(free, std::sync::atomic::Ordering::Relaxed);
        free.then(|| Call {
            instance: Some(ctx.settings.instance.clone()),
            ..call.clone()
        })
    });
    let call = changed.await?.ok_or(Error::NotFound(Kind::Call))?;
    if !taken.into_inner() {
        return Err(Error::TokenInvalid(
            "the stream was opened before, or the call is over".to_owned(),
        ));
    }
    let campaign = fold::campaign_of(ctx, &call).await?;
    let lead = match call.campaign {
        Some(campaign) => ctx.store.lead_by_number(call.tenant, campaign, &call.to).await?,
        None => None,
    };
    let history = if grant.generation > 0 {
        ctx.store.transcript_lines(call.id).await?
    } else {
        Vec::new()
    };
    let (talker, handover) = tokio::try_join!(talker(ctx, &call), handover(ctx, &call, campaign.as_ref()))?;
    if let (None, Some(campaign)) = (&talker, &campaign) {
        // It will be played within seconds.
        voicemail::needed(ctx, campaign).await;
    }
    Ok(Admitted {
        call,
        talker,
        lead,
        campaign,
        history,
        handover,
    })
}

/// Whether a group of human agents would be looked through for this caller, or is just now.
async fn handover(ctx: &Ctx, call: &Call, campaign: Option<&Campaign>) -> Result<Handover, Error> {
    if call.next == Some(Next::Listen) {
        return Ok(Handover::No);
    }
    // Only a stream that follows another may find a search under way.
    if call.gen_next > 1 && bridging::stands(ctx, call.id).await? == Stands::Looking {
        return Ok(Handover::Sought);
    }
    let named = campaign.is_some_and(|campaign| campaign.group.is_some());
    if named || operators::known_default_group(ctx, call.tenant).await?.is_some() {
        return Ok(Handover::Possible);
    }
    Ok(Handover::No)
}

/// Who talks on a stream: nobody on one that was opened to listen for a machine's beep.
async fn talker(ctx: &Ctx, call: &Call) -> Result<Option<Talker>, Error> {
    if call.next == Some(Next::Listen) {
        return Ok(None);
    }
    let agent = match call.voice_agent {
        Some(agent) => ctx.store.voice_agent(call.tenant, agent).await?,
        None => None,
    };
    let agent = agent.ok_or(Error::NotFound(Kind::VoiceAgent))?;
    let parts = parts::of_call(ctx, call.tenant, Some(&agent)).await?;
    Ok(Some(Talker { agent, parts }))
}

/// Stores a line as it was spoken.
///
/// # Errors
/// When the store does not answer; writing it again is harmless.
pub async fn line(ctx: &Ctx, call: CallId, line: &TranscriptLine) -> Result<(), Error> {
    Ok(ctx.store.put_line(call, line).await?)
}

/// Stores a piece of the recording, both tracks.
///
/// # Errors
/// When the bucket does not answer; writing it again is harmless.
pub async fn segment(ctx: &Ctx, call: &Call, generation: u32, n: u32, bytes: Vec<u8>) -> Result<(), Error> {
    let key = segment_key(call.tenant, call.id, generation, n);
    Ok(ctx.blobs.put(&key, bytes, "audio/basic").await?)
}

/// Stores who did a stream's work, which is what is paid for.
///
/// # Errors
/// When the store does not answer; writing it again is harmless.
pub async fn shares(ctx: &Ctx, call: CallId, shares: &StreamShares) -> Result<(), Error> {
    Ok(ctx.store.put_shares(call, shares).await?)
}

/// The person asked not to be called again.
///
/// # Errors
/// When the store does not answer; repeating is harmless.
pub async fn opted_out(ctx: &Ctx, call: &Call, source: &str) -> Result<(), Error> {
    opt_out::opt_out(ctx, call.tenant, &call.to, source).await
}

/// A stream's session is over: what follows, and who it turned out to talk to. Written before the
/// socket is closed, so that the carrier's question finds it.
///
/// # Errors
/// When the store does not answer.
pub async fn finish(
    ctx: &Ctx,
    call: CallId,
    generation: u32,
    next: Next,
    by: Option<AnsweredBy>,
) -> Result<(), Error> {
    if let Some(by) = by {
        correct::answered_by(ctx, call, by).await?;
    }
    fold::change(ctx, call, |call| {
        let mine = call.gen_next == generation + 1 && !call.status.is_ended();
        // A verdict that came meanwhile, such as "voicemail", stays; so does a human agent who comes, and what a broken stream was for.
        let stays = |known: &Next| match known {
            Next::Voicemail | Next::Operator => true,
            Next::Listen => next == Next::Resume,
            Next::Hangup | Next::Resume | Next::Goodbye => false,
        };
        let next = call.next.filter(stays).unwrap_or(next);
        mine.then(|| Call {
            next: Some(next),
            ..call.clone()
        })
    })
    .await?;
    Ok(())
}

/// Says how many conversations this media server can carry, for the next 15 s.
///
/// # Errors
/// When the store does not answer.
pub async fn heartbeat(ctx: &Ctx, places: u32) -> Result<(), Error> {
    let until = ctx.now() + chrono::Duration::seconds(15);
    Ok(ctx
        .store
        .publish_capacity(&ctx.settings.instance, places, until)
        .await?)
}
