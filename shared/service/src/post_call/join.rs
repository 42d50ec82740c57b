//! Joining a recording in the bucket, a part at a time: an hour is 115 MB.

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use trunkline_domain::{Call, Error, call::Recording, recording};
use trunkline_store::StoreError;

use crate::Ctx;

use super::wav::{self, HEADER_BYTES, PAIR_BYTES, Piece, RATE, Segment};

/// Up to this size a WAV is written whole.
const WHOLE_BYTES: u64 = 20_000_000;
/// Bytes of a part of a larger one; the bucket takes no less than 5 MiB.
const PART_BYTES: usize = 8 * 1_024 * 1_024;
/// Segments that are fetched ahead.
const AHEAD: usize = 4;

/// What a call's recording is.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// The WAV; none when nothing was recorded.
    pub(super) recording: Option<Recording>,
    /// The keys of the segments that it is made of, or that belong to no recording.
    segments: Vec<String>,
}

/// Joins a call's segments, unless the WAV that it has is made of them already.
pub(super) async fn join(ctx: &Ctx, call: &Call) -> Result<Joined, Error> {
    let listed = ctx.blobs.list(&recording::prefix(call.tenant, call.id)).await?;
    let segments: Vec<Segment> = listed
        .iter()
        .filter_map(|(key, bytes)| Segment::of(key, *bytes))
        .collect();
    let keys: Vec<String> = segments.iter().map(|segment| segment.key.clone()).collect();
    if !call.record {
        // Not to be recorded, or its recording was deleted: what comes late is not kept.
        return Ok(Joined {
            recording: None,
            segments: keys,
        });
    }
    let pieces = wav::plan(segments);
    let pairs = wav::pairs(&pieces);
    if pairs == 0 {
        return Ok(Joined {
            recording: call.recording.clone(),
            segments: keys,
        });
    }
    let key = recording::wav_key(call.tenant, call.id);
    let size_bytes = HEADER_BYTES + pairs * PAIR_BYTES;
    let there = listed
        .iter()
        .any(|(listed, bytes)| *listed == key && *bytes == size_bytes);
    if let Some(known) = call
        .recording
        .as_ref()
        .filter(|known| there && known.size_bytes == size_bytes)
    {
        return Ok(Joined {
            recording: Some(known.clone()),
            segments: keys,
        });
    }
    // A WAV of the right size without a row that names it may be half of another join's work:
    // only the row says that one is done, so it is written again.
    write(ctx, &key, pairs, pieces).await?;
    let duration_s = u32::try_from(pairs.div_ceil(RATE)).unwrap_or(u32::MAX);
    let ready_at = ctx.now();
    Ok(Joined {
        recording: Some(Recording {
            key,
            size_bytes,
            duration_s,
            ready_at,
        }),
        segments: keys,
    })
}

/// Deletes the segments, once all is in the WAV.
pub(super) async fn forget(ctx: &Ctx, joined: Joined) -> Result<(), Error> {
    let deletes = joined.segments.into_iter();
    let deletes = deletes.map(|key| async move { ctx.blobs.delete(&key).await });
    Ok(stream::iter(deletes).buffer_unordered(8).try_collect().await?)
}

async fn write(ctx: &Ctx, key: &str, pairs: u64, pieces: Vec<Piece>) -> Result<(), Error> {
    let parts = parts(ctx, pairs, pieces);
    if HEADER_BYTES + pairs * PAIR_BYTES <= WHOLE_BYTES {
        let parts: Vec<Bytes> = parts.try_collect().await?;
        return Ok(ctx.blobs.put(key, parts.concat(), "audio/wav").await?);
    }
    Ok(ctx.blobs.put_parts(key, "audio/wav", parts).await?)
}

/// The WAV in parts, fetched as they are asked for.
fn parts(ctx: &Ctx, pairs: u64, pieces: Vec<Piece>) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    let blobs = ctx.blobs.clone();
    let sounds = stream::iter(pieces).map(move |piece| {
        let blobs = blobs.clone();
        async move {
            match piece {
                Piece::Silence(pairs) => Ok((Bytes::new(), pairs)),
                Piece::Sound(segment, pairs) => Ok::<_, StoreError>((blobs.read(&segment.key).await?, pairs)),
            }
        }
    });
    let sounds = sounds.buffered(AHEAD);
    let start = Some((Box::pin(sounds), wav::header(pairs)));
    stream::try_unfold(start, |state| async move {
        let Some((mut sounds, mut part)) = state else {
            return Ok(None);
        };
        while part.len() < PART_BYTES {
            match sounds.try_next().await? {
                Some((sound, pairs)) => wav::decode(&sound, pairs, &mut part),
                None => return Ok(Some((Bytes::from(part), None))),
            }
        }
        Ok(Some((
            Bytes::from(part),
            Some((sounds, Vec::with_capacity(PART_BYTES))),
        )))
    })
}
