//! A file on its way in: into the bucket in parts, and through a survey at the same time, so that what cannot be a list is refused before
//! anything of it is imported. Holds one part in memory.

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use trunkline_domain::{Error, ImportId, TenantId};
use trunkline_imports::{FileError, Survey, survey};

use super::pipe::{Pieces, pipe};
use crate::Ctx;

/// A part has so many bytes; the bucket takes no less but for the last, and at most 10,000 of them.
const PART_BYTES: usize = 5 * 1_024 * 1_024;
/// The largest file.
pub const FILE_BYTES_MAX: u64 = 10_000 * 5 * 1_024 * 1_024;

/// A file that came in, and can be read from its first row to its last.
#[derive(Debug)]
pub struct Received {
    pub(super) survey: Survey,
    pub(super) bytes: u64,
    key: String,
    /// A small file, which is not in the bucket yet.
    in_hand: Option<Bytes>,
}

/// Takes a file in, piece by piece.
///
/// # Errors
/// [`Error::Invalid`] on `file` when it is no list, as soon as that is seen; [`Error::TooLarge`]; what the pieces say; when the bucket
/// does not answer. Nothing stays behind.
pub async fn receive(
    ctx: &Ctx,
    tenant: TenantId,
    id: ImportId,
    pieces: impl Stream<Item = Result<Bytes, Error>> + Send,
) -> Result<Received, Error> {
    let (fed, incoming) = pipe();
    let surveying = tokio::task::spawn_blocking(move || survey(incoming));
    let mut intake = Intake {
        ctx,
        // A rerun of the same request must not write over the file that is being read.
        key: format!("imports/{tenant}/{id}-{}.csv", ctx.ids.uuid().simple()),
        held: BytesMut::new(),
        upload: None,
        bytes: 0,
    };
    let taken = intake.take_all(pieces, fed).await;
    let surveyed = surveying.await.map_err(Error::internal)?;
    let done = match (taken, surveyed) {
        (Err(error), _) => Err(error),
        (Ok(()), Err(error)) => Err(refusal(error)),
        (Ok(()), Ok(survey)) => intake.finish(survey).await,
    };
    if done.is_err() {
        intake.abandon().await;
    }
    done
}

/// What is wrong with a file, on the field that it came in.
pub(super) fn refusal(error: FileError) -> Error {
    match error {
        FileError::Mapping(fields) => Error::Invalid(fields),
        FileError::Read(error) => Error::internal(error),
        other @ (FileError::Empty
        | FileError::NotText(_)
        | FileError::NoPhone { .. }
        | FileError::Header(_)
        | FileError::RowTooLong { .. }) => Error::invalid("file", other.to_string()),
    }
}

struct Intake<'a> {
    ctx: &'a Ctx,
    key: String,
    held: BytesMut,
    upload: Option<Upload>,
    bytes: u64,
}

struct Upload {
    id: String,
    tags: Vec<String>,
}

impl Intake<'_> {
    async fn take_all(
        &mut self,
        pieces: impl Stream<Item = Result<Bytes, Error>> + Send,
        survey: Pieces,
    ) -> Result<(), Error> {
        let mut pieces = std::pin::pin!(pieces);
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            self.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            if self.bytes > FILE_BYTES_MAX {
                let limit_bytes = FILE_BYTES_MAX;
                return Err(Error::TooLarge { limit_bytes });
            }
            self.held.extend_from_slice(&piece);
            if survey.send(Ok(piece)).await.is_err() {
                // It has seen enough: this is no list, as its result says.
                return Ok(());
            }
            while self.held.len() >= PART_BYTES {
                let part = self.held.split_to(PART_BYTES).freeze();
                self.put(part).await?;
            }
        }
        Ok(())
    }

    async fn put(&mut self, part: Bytes) -> Result<(), Error> {
        let blobs = &self.ctx.blobs;
        let mut upload = match self.upload.take() {
            Some(upload) => upload,
            None => Upload {
                id: blobs.begin_parts(&self.key, "text/csv").await?,
                tags: Vec::new(),
            },
        };
        let number = i32::try_from(upload.tags.len() + 1).unwrap_or(i32::MAX);
        let put = blobs.put_part(&self.key, &upload.id, number, part).await;
        let put = put.map(|tag| upload.tags.push(tag));
        self.upload = Some(upload);
        Ok(put?)
    }

    async fn finish(&mut self, survey: Survey) -> Result<Received, Error> {
        let rest = self.held.split().freeze();
        let in_hand = if self.upload.is_none() {
            Some(rest)
        } else {
            if !rest.is_empty() {
                self.put(rest).await?;
            }
            if let Some(upload) = &self.upload {
                let finished = self
                    .ctx
                    .blobs
                    .finish_parts(&self.key, &upload.id, &upload.tags)
                    .await;
                finished?;
            }
            None
        };
        Ok(Received {
            survey,
            bytes: self.bytes,
            key: self.key.clone(),
            in_hand,
        })
    }

    async fn abandon(&self) {
        let Some(upload) = &self.upload else { return };
        if let Err(error) = self.ctx.blobs.abort_parts(&self.key, &upload.id).await {
            // The bucket's lifecycle rule clears it within a day.
            tracing::warn!("an unfinished upload is left behind: {error}");
        }
    }
}

impl Received {
    /// Puts it into the bucket, if it is not there yet; answers its key.
    pub(super) async fn stored(&mut self, ctx: &Ctx) -> Result<String, Error> {
        if let Some(bytes) = self.in_hand.clone() {
            ctx.blobs.put(&self.key, bytes, "text/csv").await?;
            self.in_hand = None;
        }
        Ok(self.key.clone())
    }

    /// Takes it out of the bucket again.
    pub async fn discard(&self, ctx: &Ctx) {
        if self.in_hand.is_none() {
            discard(ctx, &self.key).await;
        }
    }
}

/// Takes a file out of the bucket that is not needed any more.
pub(super) async fn discard(ctx: &Ctx, key: &str) {
    if let Err(error) = ctx.blobs.delete(key).await {
        // The bucket's lifecycle rule clears it in time.
        tracing::warn!("an uploaded list is left behind: {error}");
    }
}
