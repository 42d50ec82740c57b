//! Recordings: found by their call, streamed from the bucket, never whole in memory.

mod carrier;
mod recognise;
mod transcribe;
mod utterances;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use trunkline_auth::Principal;
use trunkline_domain::{Call, CallId, Error, TenantId, call::Recording, error::Kind, page::Page, recording};
use trunkline_events::{Event, EventKind};

use crate::{
    Ctx, calls,
    calls::{CallView, CallsQuery, Transcript},
};

pub use carrier::{fetch, made};
pub use recognise::Recogniser;
pub use transcribe::{run as run_transcription, transcribe};

/// A recording with its call.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The call.
    pub call: Call,
    /// Its recording.
    pub recording: Recording,
}

/// A page of the calls that have a recording.
///
/// # Errors
/// As of [`calls::list`].
pub async fn list(ctx: &Ctx, who: &Principal, mut asked: CallsQuery) -> Result<Page<CallView>, Error> {
    asked.filter.recorded = true;
    calls::list(ctx, who, &asked).await
}

/// A call's recording.
///
/// # Errors
/// [`Error::NotFound`] of the recording, also when there is no such call.
pub async fn get(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Recorded, Error> {
    recorded(calls::get(ctx, who, id).await.map_err(unrecorded)?)
}

/// A call's recording with all that a list shows of it.
///
/// # Errors
/// As of [`get`].
pub async fn view(ctx: &Ctx, who: &Principal, id: CallId) -> Result<CallView, Error> {
    get(ctx, who, id).await?;
    calls::view(ctx, who, id).await.map_err(unrecorded)
}

/// What was said on a call, recorded or not.
///
/// # Errors
/// [`Error::NotFound`] of a recording: who asks here asks for one.
pub async fn transcript(ctx: &Ctx, who: &Principal, id: CallId) -> Result<Transcript, Error> {
    calls::transcript(ctx, who, id).await.map_err(unrecorded)
}

/// Who asks for a recording of a call that is not there is told of the recording.
fn unrecorded(error: Error) -> Error {
    match error {
        Error::NotFound(_) => Error::NotFound(Kind::Recording),
        other @ (Error::Malformed(_)
        | Error::Invalid(_)
        | Error::Conflict { .. }
        | Error::BadCredentials
        | Error::TokenExpired
        | Error::TokenInvalid(_)
        | Error::Forbidden(_)
        | Error::RateLimited { .. }
        | Error::Unavailable { .. }
        | Error::TooLarge { .. }
        | Error::UnsupportedMedia(_)
        | Error::Internal(_)) => other,
    }
}

/// The recording behind a signed link, whose signature the caller has checked.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_signed(ctx: &Ctx, id: CallId) -> Result<Recorded, Error> {
    recorded(
        ctx.store
            .call_unchecked(id)
            .await?
            .ok_or(Error::NotFound(Kind::Recording))?,
    )
}

fn recorded(call: Call) -> Result<Recorded, Error> {
    let recording = call.recording.clone().ok_or(Error::NotFound(Kind::Recording))?;
    Ok(Recorded { call, recording })
}

/// The path under which a call's recording is fetched.
#[must_use]
pub fn download_path(call: CallId) -> String {
    format!("/call-recordings/{call}/download")
}

/// Where a call's recording can be fetched without a token, for 15 minutes; none when it has none.
#[must_use]
pub fn download_url(ctx: &Ctx, call: &Call) -> Option<String> {
    call.recording.as_ref()?;
    let signed = ctx.keys.sign_path(&download_path(call.id), ctx.now());
    Some(format!("{}{signed}", ctx.settings.public_url))
}

/// A recording's bytes, or the bytes `first..=last` of it, as they come from the bucket.
///
/// # Errors
/// [`Error::NotFound`] when the bucket has lost it.
pub async fn open(
    ctx: &Ctx,
    recording: &Recording,
    range: Option<(u64, u64)>,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<>, Error> {
    read(ctx, &recording.key, range).await
}

/// An object's bytes, or the bytes `first..=last` of it, as they come from the bucket.
pub(crate) async fn read(
    ctx: &Ctx,
    key: &str,
    range: Option<(u64, u64)>,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<>, Error> {
    let blob = ctx
        .blobs
        .get(key, range)
        .await?
        .ok_or(Error::NotFound(Kind::Recording))?;
    Ok(stream::unfold(Some(blob.body), |body| async move {
        let mut body = body?;
        match body.next().await? {
            Ok(bytes) => Some((Ok(bytes), Some(body))),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    })
    .boxed())
}

/// Deletes a call's recording; the call and what was said stay.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while the call is in progress.
pub async fn delete(ctx: &Ctx, who: &Principal, id: CallId) -> Result<(), Error> {
    for _ in 0..8 {
        let before = get(ctx, who, id).await?.call;
        if !before.status.is_ended() {
            return Err(Error::conflict(
                Kind::Recording,
                "the call is not over; delete its recording after its end",
            ));
        }
        // The row last: what a crash leaves is still found by a repetition.
        delete_blobs(ctx, before.tenant, before.id).await?;
        let after = Call {
            recording: None,
            record: false,
            version: before.version + 1,
            ..before.clone()
        };
        match ctx.store.correct_call(&before, &after, None).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Unavailable {
        what: "the call is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    })
}

/// Deletes all that a call's recording is made of.
pub(crate) async fn delete_blobs(ctx: &Ctx, tenant: TenantId, call: CallId) -> Result<(), Error> {
    let listed = ctx.blobs.list(&recording::prefix(tenant, call)).await?;
    let deletes = listed
        .into_iter()
        .map(|(key, _)| async move { ctx.blobs.delete(&key).await });
    Ok(stream::iter(deletes).buffer_unordered(8).try_collect().await?)
}

/// That a recording can be fetched, as the event of a version.
pub(crate) fn ready(call: &Call, seq: u64, at: trunkline_domain::Instant) -> Event {
    Event::new(EventKind::RecordingReady, call.tenant, call.id.0, seq, at)
}
