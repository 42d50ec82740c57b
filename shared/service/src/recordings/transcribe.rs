//! Transcribing a recording again: asked for by the API, done by job-post-call.
//!
//! The agent's words are known to the letter, so only the person's are recognised anew; the agent's too where none
//! are known, as of a human's. Where this deployment has no recogniser for recordings, the words heard during the
//! call stay, are worked up again, and the job says so.

use chrono::Duration;
use trunkline_auth::Principal;
use trunkline_domain::{
    Call, CallId, Error, TenantId,
    error::Kind,
    transcript::{Speaker, TranscriptLine, TranscriptSource, Transcription},
};
use trunkline_queue::PostCallJob;
use uuid::Uuid;

use super::{
    get, open,
    recognise::{Heard, NotHeard, Recogniser, recognise},
};
use crate::{Ctx, post_call};

/// A worker that has not finished by then is believed dead; below the queue's own time for a message.
const LEASE: Duration = Duration::minutes(11);
/// Workers that may begin before it is given up.
const TRIES_MAX: u32 = 5;
/// Seconds until another try, where the recogniser was not ready.
const AGAIN_S: u16 = 30;
/// What is recognised where the agent is gone.
const LANGUAGE: &str = "en";

/// Asks for a call's recording to be transcribed again. While that is under way, asking again changes nothing.
///
/// # Errors
/// [`Error::NotFound`] of call or recording; [`Error::Conflict`] before the call's end; [`Error::Unavailable`] when
/// the queue does not take it.
pub async fn transcribe(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Transcription, Error> {
    let call = get(ctx, who, id).await?.call;
    if !call.status.is_ended() {
        let what = "the call is not over; its recording can be transcribed after its end";
        return Err(Error::conflict(Kind::Recording, what));
    }
    let now = ctx.now();
    let known = ctx.store.transcription(id).await?;
    if let Some(known) = known.as_ref().filter(|known| known.is_under_way(now)) {
        // Its message may have been lost with who sent it.
        queue(ctx, &call, known.job, 0).await?;
        return Ok(known.clone());
    }
    let version = known.map_or(0, |known| known.version) + 1;
    let asked = Transcription::asked(ctx.ids.uuid(), now, version);
    match ctx.store.put_transcription(id, &asked).await {
        Ok(()) => {}
        Err(error) if error.is_condition() => {
            // Somebody else asked at the same moment.
            let theirs = ctx.store.transcription(id).await?;
            return theirs.ok_or(Error::NotFound(Kind::Recording));
        }
        Err(error) => return Err(error.into()),
    }
    queue(ctx, &call, asked.job, 0).await?;
    Ok(asked)
}

async fn queue(ctx: &Ctx, call: &Call, job: Uuid, delay_s: u16) -> Result<(), Error> {
    let job = PostCallJob::Transcribe {
        tenant: call.tenant,
        call: call.id,
        job,
    };
    ctx.queues.post_call(&job, delay_s).await.map_err(|error| {
        tracing::warn!(call.id = %call.id, "a transcription could not be queued: {error}");
        Error::Unavailable {
            what: "the queue does not take it now; try again".to_owned(),
            retry_after_s: 5,
        }
    })
}

/// Does what was asked for, unless another wish has followed or another worker is at it.
///
/// # Errors
/// When store, bucket or queue do not answer; repeating is harmless.
pub async fn run(
    ctx: &Ctx,
    recogniser: Option<&Recogniser>,
    tenant: TenantId,
    id: CallId,
    job: Uuid,
) -> Result<(), Error> {
    let Some(call) = ctx.store.call(tenant, id).await? else {
        return Ok(());
    };
    let wish = ctx.store.transcription(id).await?;
    let Some(wish) = wish.filter(|wish| wish.job == job && !wish.status.is_over()) else {
        return Ok(());
    };
    let now = ctx.now();
    if wish.is_taken(now) {
        // Should that worker die, this message finds it out.
        let left = wish.lease_until.map_or(0, |until| (until - now).num_seconds());
        return queue(ctx, &call, job, u16::try_from(left + 1).unwrap_or(900)).await;
    }
    if wish.tries >= TRIES_MAX {
        let reason = wish
            .reason
            .clone()
            .unwrap_or_else(|| "each worker broke off".to_owned());
        return write(ctx, id, &wish.over(None, Some(reason), now))
            .await
            .map(|_| ());
    }
    let taken = wish.taken(now + LEASE);
    if !write(ctx, id, &taken).await? {
        return Ok(());
    }
    match work(ctx, recogniser, &call).await {
        Ok((source, reason)) => {
            post_call::finish(ctx, tenant, id).await?;
            write(ctx, id, &taken.over(Some(source), reason, ctx.now())).await?;
            Ok(())
        }
        Err(NotHeard::Later(error)) => {
            tracing::info!(call.id = %id, "a recording is transcribed later: {error}");
            if write(ctx, id, &taken.put_back(error.to_string())).await? {
                queue(ctx, &call, job, AGAIN_S).await?;
            }
            Ok(())
        }
        Err(NotHeard::Broken(error)) => {
            tracing::warn!(call.id = %id, "a recording could not be transcribed: {error}");
            write(ctx, id, &taken.over(None, Some(error.to_string()), ctx.now())).await?;
            Ok(())
        }
        Err(NotHeard::Unread(error)) => {
            write(
                ctx,
                id,
                &taken.put_back("the recording could not be read".to_owned()),
            )
            .await?;
            Err(error)
        }
    }
}

/// `false`: somebody else wrote it first, or the call is gone.
async fn write(ctx: &Ctx, id: CallId, wish: &Transcription) -> Result<bool, Error> {
    match ctx.store.put_transcription(id, wish).await {
        Ok(()) => Ok(true),
        Err(error) if error.is_condition() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

type Done = (TranscriptSource, Option<String>);

fn kept(why: &str) -> Done {
    (TranscriptSource::Live, Some(why.to_owned()))
}

async fn work(ctx: &Ctx, recogniser: Option<&Recogniser>, call: &Call) -> Result<Done, NotHeard> {
    let Some(recogniser) = recogniser else {
        return Ok(kept(
            "this deployment has no recogniser for recordings; the words heard during the call were kept",
        ));
    };
    if call.gen_next > 1 {
        return Ok(kept(
            "the call went on in a second stream, so its recording has gaps; the words heard during the call were kept",
        ));
    }
    let Some(recording) = &call.recording else {
        return Ok(kept(
            "the recording was deleted; the words heard during the call were kept",
        ));
    };
    let unread = NotHeard::Unread;
    let lines = ctx
        .store
        .transcript_lines(call.id)
        .await
        .map_err(|error| unread(error.into()))?;
    let agent = match call.voice_agent {
        Some(agent) => ctx
            .store
            .voice_agent(call.tenant, agent)
            .await
            .map_err(|error| unread(error.into()))?,
        None => None,
    };
    let language = agent.map_or_else(|| LANGUAGE.to_owned(), |agent| agent.language);
    let tracks: &[Speaker] = if lines.iter().any(|line| line.speaker == Speaker::Agent) {
        &[Speaker::User]
    } else {
        &[Speaker::User, Speaker::Agent]
    };
    let wav = open(ctx, recording, None).await.map_err(unread)?;
    let heard = recognise(recogniser, &language, tracks, wav).await?;
    if heard.is_empty() && !lines.is_empty() {
        return Ok(kept(
            "nothing was understood in the recording; the words heard during the call were kept",
        ));
    }
    let began = began(call, &lines);
    for speaker in tracks {
        let theirs: Vec<TranscriptLine> = heard
            .iter()
            .filter(|heard| heard.speaker == *speaker)
            .map(|heard| line(heard, began))
            .collect();
        match ctx.store.replace_lines(call.id, *speaker, &theirs).await {
            Ok(()) => {}
            // Deleted meanwhile: there is nothing left to write to.
            Err(error) if error.is_condition() => return Ok(kept("the call was deleted")),
            Err(error) => return Err(unread(error.into())),
        }
    }
    Ok((TranscriptSource::Recording, None))
}

/// When the call's stream, and so its recording, began.
fn began(call: &Call, lines: &[TranscriptLine]) -> trunkline_domain::Instant {
    let known = lines.iter().find_map(|line| {
        let start = Duration::try_milliseconds(i64::try_from(line.start_ms).ok()?)?;
        line.at.checked_sub_signed(start)
    });
    known.or(call.answered_at).unwrap_or(call.created_at)
}

fn line(heard: &Heard, began: trunkline_domain::Instant) -> TranscriptLine {
    let start = i64::try_from(heard.start_ms)
        .ok()
        .and_then(Duration::try_milliseconds);
    TranscriptLine {
        generation: 0,
        start_ms: heard.start_ms,
        end_ms: heard.end_ms,
        speaker: heard.speaker,
        text: heard.text.clone(),
        confidence: heard.confidence,
        at: start
            .and_then(|start| began.checked_add_signed(start))
            .unwrap_or(began),
    }
}
