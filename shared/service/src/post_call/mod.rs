//! What comes after a call: its recording is joined, what was said is analysed, its price is reckoned.
//!
//! Done anew at every asking, and written only where it changed: a repeated message, a crash at any
//! point and late pieces of a recording all end the same.

mod analyse;
mod answer;
mod ask;
mod join;
pub mod price;
mod wav;

use chrono::Duration;
use trunkline_domain::{
    Call, CallId, Error, Outcome, TenantId, call::Analysis, prices::Rates, transcript::as_text,
};
use trunkline_events::{Event, EventKind};
use trunkline_queue::PostCallJob;
use trunkline_store::{AfterCall, CallText};

use crate::{Ctx, parts, recordings};

/// A media server gives up what it could not store after 30 s; nothing comes later than this after a call's end.
const LATE: Duration = Duration::seconds(35);
/// As long after its end a call's unit prices may still change: what a media server tells last may come after the first work.
const PRICED: Duration = Duration::minutes(10);
/// How often a call that others change meanwhile is worked up anew.
const TRIES: usize = 8;

/// Works up an ended call. Right after the end, pieces may still be on their way: then it asks to be
/// called once more.
///
/// # Errors
/// When store, bucket or queue do not answer; repeating is harmless.
pub async fn finish(ctx: &Ctx, tenant: TenantId, id: CallId) -> Result<(), Error> {
    let mut found = None;
    for _ in 0..TRIES {
        let Some(before) = ctx.store.call(tenant, id).await? else {
            // Deleted meanwhile: what was joined for it must not stay behind.
            return recordings::delete_blobs(ctx, tenant, id).await;
        };
        let Some(ended_at) = before.ended_at.filter(|_| before.status.is_ended()) else {
            tracing::warn!(call.id = %id, "a call that is not over was to be worked up; its end will ask again");
            return Ok(());
        };
        let settled = ctx.now() >= ended_at + LATE;
        match work(ctx, &before, settled, &mut found).await {
            Ok(()) => {
                if !settled && may_have_talked(&before) {
                    look_again(ctx, &before, ended_at).await?;
                }
                return Ok(());
            }
            Err(Work::Changed) => {}
            Err(Work::Failed(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable {
        what: format!("call {id} is being changed by others"),
        retry_after_s: 1,
    })
}

enum Work {
    /// Somebody else wrote the call meanwhile.
    Changed,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Work {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What an analysis found, and of which text: kept over tries, since a model is paid for each answer.
type Found = Option<(CallText, Analysis)>;

async fn work(ctx: &Ctx, before: &Call, settled: bool, found: &mut Found) -> Result<(), Work> {
    let joined = join::join(ctx, before).await?;
    let lines = ctx.store.transcript_lines(before.id).await?;
    let text = CallText {
        text: as_text(&lines),
        lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
    };
    let kept = ctx
        .store
        .call_texts(&[before.id])
        .await?
        .pop()
        .map(|(_, kept)| kept);
    let agent = match before.voice_agent {
        Some(agent) => ctx.store.voice_agent(before.tenant, agent).await?,
        None => None,
    };
    let parts = parts::of_call(ctx, before.tenant, agent.as_ref()).await?;
    let said_more = kept.as_ref().map_or(text.lines > 0, |kept| *kept != text);
    let mut call = before.clone();
    call.recording.clone_from(&joined.recording);
    if before.status.outcome() == Some(Outcome::Answered) && !lines.is_empty() {
        let known = match found.take() {
            Some((of, analysis)) if of == text => Some(analysis),
            Some(_) | None => before.analysis.clone().filter(|_| !said_more),
        };
        let analysis = analyse::analyse(&parts.llm, &lines, known).await;
        *found = Some((text.clone(), analysis.clone()));
        call.analysis = Some(analysis);
    }
    if call.duration_s > 0 || !lines.is_empty() {
        let rates = rates(ctx, before, &parts.effective()).await?;
        let priced = price::price(&call, &lines, rates);
        call.price = Some(priced);
        call.cost = priced.total();
    }
    if call != *before || said_more {
        write(ctx, before, call, &text, said_more).await?;
    }
    if settled {
        // All is in the WAV now, and nothing comes any more.
        join::forget(ctx, joined).await?;
    }
    Ok(())
}

/// A call keeps the prices of its first time, whatever the table says later; only who did the work may be told after it.
async fn rates(ctx: &Ctx, before: &Call, planned: &parts::Effective) -> Result<Rates, Work> {
    let late = before.ended_at.is_none_or(|ended| ctx.now() > ended + PRICED);
    if let Some(priced) = before.price.filter(|_| late) {
        return Ok(priced.rates);
    }
    let table = ctx.store.prices().await?;
    if let Some(priced) = before
        .price
        .filter(|priced| priced.rates.version != table.version)
    {
        return Ok(priced.rates);
    }
    let done = ctx.store.shares(before.id).await?;
    Ok(price::rates(before, planned, &done, &table))
}

async fn write(
    ctx: &Ctx,
    before: &Call,
    mut call: Call,
    text: &CallText,
    said_more: bool,
) -> Result<(), Work> {
    let now = ctx.now();
    let new_recording = call.recording.is_some() && call.recording != before.recording;
    let recorded = new_recording.then(|| recordings::ready(before, before.version + 1, now));
    // Up to three things happen to the call in this one write, and its version rises by as many.
    let mut seq = before.version + u64::from(new_recording);
    let said = said_more.then(|| {
        seq += 1;
        Event::new(EventKind::TranscriptReady, call.tenant, call.id.0, seq, now)
    });
    call.version = seq + 1;
    let analyzed = Event::new(EventKind::CallAnalyzed, call.tenant, call.id.0, call.version, now);
    let after = AfterCall {
        before,
        call: &call,
        text,
        analyzed: Some(&analyzed),
        recorded: recorded.as_ref(),
    };
    match ctx.store.write_after_call_and_tell(&after, said.as_ref()).await {
        Ok(()) => Ok(()),
        Err(error) if error.is_condition() => Err(Work::Changed),
        Err(error) => Err(error.into()),
    }
}

async fn look_again(ctx: &Ctx, call: &Call, ended_at: trunkline_domain::Instant) -> Result<(), Error> {
    let wait_s = (ended_at + LATE - ctx.now())
        .num_seconds()
        .clamp(0, LATE.num_seconds())
        + 1;
    let job = PostCallJob::Finish {
        tenant: call.tenant,
        call: call.id,
    };
    let sent = ctx
        .queues
        .post_call(&job, u16::try_from(wait_s).unwrap_or(u16::MAX))
        .await;
    sent.map_err(|error| Error::Unavailable {
        what: error.to_string(),
        retry_after_s: 5,
    })
}

/// Whether a media server may still hold something of it.
fn may_have_talked(call: &Call) -> bool {
    call.gen_next > 0 || call.answered_at.is_some()
}
