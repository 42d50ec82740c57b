//! Recordings that the carrier made, of calls that human agents talk on: fetched, kept as ours, and deleted there.

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use trunkline_domain::{Call, CallId, Error, TenantId, call::Recording, recording};
use trunkline_queue::PostCallJob;
use trunkline_store::StoreError;
use trunkline_telephony::{CarrierError, Sound};

use super::ready;
use crate::Ctx;

/// Bytes of a part; the bucket takes no less than 5 MiB but for the last.
const PART_BYTES: usize = 8 * 1_024 * 1_024;
/// The least that a WAV has.
const HEADER_BYTES: usize = 44;
/// Four hours of both sides; no call lasts longer.
const BYTES_MAX: usize = 500_000_000;
/// How often a call that others change meanwhile is written anew.
const TRIES: usize = 8;

/// The carrier has made a recording of a call: it is fetched behind the webhook, if it was asked for.
///
/// # Errors
/// When store or queue do not answer; the carrier tells again.
pub async fn made(ctx: &Ctx, id: CallId, sid: &str, duration_s: Option<u32>) -> Result<(), Error> {
    let call = ctx.store.call_unchecked(id).await?;
    let Some(call) = call.filter(recording::is_carriers) else {
        // The media server's is the one that is kept.
        tracing::info!(call.id = %id, recording.sid = %sid, "the carrier made a recording that nobody asked for; it is left there");
        return Ok(());
    };
    let job = PostCallJob::Recording {
        tenant: call.tenant,
        call: id,
        recording: sid.to_owned(),
        duration_s: duration_s.unwrap_or(call.duration_s),
    };
    let sent = ctx.queues.post_call(&job, 0).await;
    sent.map_err(|error| Error::Unavailable {
        what: error.to_string(),
        retry_after_s: 5,
    })
}

/// Fetches a recording from the carrier, keeps it as the call's, and has the carrier delete its own. Repeating is harmless.
///
/// # Errors
/// When store, bucket or carrier do not answer, or the carrier does not have it.
pub async fn fetch(ctx: &Ctx, tenant: TenantId, id: CallId, sid: &str, duration_s: u32) -> Result<(), Error> {
    let call = ctx.store.call(tenant, id).await?;
    // One that is not wanted any more, since the call or its recording was deleted, is not left at the carrier either.
    if let Some(call) = call.filter(|call| recording::is_carriers(call) && call.recording.is_none()) {
        let Some(sound) = ctx.carrier.recording(sid).await.map_err(unavailable)? else {
            return Err(Error::Unavailable {
                what: "the carrier does not have the recording that it told of".to_owned(),
                retry_after_s: 30,
            });
        };
        keep(ctx, &call, sound, duration_s).await?;
    }
    if let Err(error) = ctx.carrier.delete_recording(sid).await {
        tracing::warn!(call.id = %id, recording.sid = %sid, "a recording is left at the carrier: {error}");
    }
    Ok(())
}

async fn keep(ctx: &Ctx, call: &Call, sound: Sound, duration_s: u32) -> Result<(), Error> {
    let key = recording::wav_key(call.tenant, call.id);
    ctx.blobs.put_parts(&key, "audio/wav", parts(sound)).await?;
    let listed = ctx.blobs.list(&key).await?;
    let size_bytes = listed
        .first()
        .map(|(_, bytes)| *bytes)
        .ok_or_else(|| StoreError::NoAnswer("the bucket: what was written is not there".to_owned()))?;
    let recording = Recording {
        key: key.clone(),
        size_bytes,
        duration_s,
        ready_at: ctx.now(),
    };
    for _ in 0..TRIES {
        let now = ctx.store.call(call.tenant, call.id).await?;
        let Some(before) = now.filter(|now| now.record) else {
            // Deleted meanwhile.
            return Ok(ctx.blobs.delete(&key).await?);
        };
        let after = Call {
            recording: Some(recording.clone()),
            version: before.version + 1,
            ..before.clone()
        };
        let event = ready(&after, after.version, ctx.now());
        match ctx.store.correct_call(&before, &after, Some(&event)).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Contended.into())
}

/// What comes in pieces of any size, in parts that the bucket takes. What is no WAV, or without end, is refused.
fn parts(sound: Sound) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    let state = Some((sound, BytesMut::new(), 0_usize));
    stream::try_unfold(state, |state| async move {
        let Some((mut sound, mut part, mut total)) = state else {
            return Ok(None);
        };
        while part.len() < PART_BYTES {
            let Some(piece) = sound.next().await else {
                if total > 0 && part.is_empty() {
                    return Ok(None);
                }
                if total + part.len() < HEADER_BYTES {
                    return Err(refused("it ends before its header"));
                }
                return Ok(Some((part.freeze(), None)));
            };
            part.extend_from_slice(&piece.map_err(|error| refused(&error.to_string()))?);
            if total == 0 && part.len() >= 4 && !part.starts_with(b"RIFF") {
                return Err(refused("it is no WAV"));
            }
        }
        total += part.len();
        if total > BYTES_MAX {
            return Err(refused("it is larger than any call"));
        }
        Ok(Some((part.freeze(), Some((sound, BytesMut::new(), total)))))
    })
}

fn refused(what: &str) -> StoreError {
    StoreError::NoAnswer(format!("the carrier's recording: {what}"))
}

fn unavailable(error: CarrierError) -> Error {
    Error::Unavailable {
        what: error.to_string(),
        retry_after_s: 30,
    }
}
