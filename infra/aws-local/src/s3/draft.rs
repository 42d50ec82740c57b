//! An object or part that is being written: nobody sees it until it is kept.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

use futures::StreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::blobs::Blobs;
use super::objects::Objects;
use super::record::{About, Record, Sums};
use crate::clock::now_ms;

/// The most bytes of one put or part. Source: S3's limit.
const BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

const CHUNK: usize = 64 * 1024;

/// A blob that is being written. Unless it is kept, it is removed.
pub(super) struct Draft {
    objects: Arc<Objects>,
    blob: String,
    file: File,
    bytes: u64,
    md5: Md5,
    sums: ChecksumHasher,
    kept: bool,
}

/// What was written.
pub(super) struct Written {
    pub(super) md5: [u8; 16],
    pub(super) sums: Sums,
}

impl Draft {
    /// Begins a blob; `sums` says which checksums to compute on the way.
    pub(super) fn begin(objects: &Arc<Objects>, sums: ChecksumHasher) -> S3Result<Self> {
        let blob = Blobs::fresh_name();
        objects.index().doom(&blob)?;
        let file = objects.blobs().create(&blob).map_err(write_failed)?;
        Ok(Self {
            objects: Arc::clone(objects),
            blob,
            file,
            bytes: 0,
            md5: Md5::new(),
            sums,
            kept: false,
        })
    }

    /// Writes all that comes.
    pub(super) async fn take(&mut self, mut body: StreamingBlob) -> S3Result<()> {
        while let Some(chunk) = body.next().await {
            // A client that went away, or bytes that do not fit their signature.
            let chunk = chunk.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?;
            self.put(&chunk)?;
        }
        Ok(())
    }

    /// Appends a blob that is there already.
    pub(super) fn append(&mut self, mut blob: File) -> S3Result<u64> {
        let before = self.bytes;
        let mut chunk = vec![0; CHUNK];
        loop {
            match blob.read(&mut chunk) {
                Ok(0) => return Ok(self.bytes - before),
                Ok(read) => self.put(chunk.get(..read).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(write_failed(error)),
            }
        }
    }

    /// The sums of all that was written.
    pub(super) fn written(&mut self) -> Written {
        let md5 = std::mem::take(&mut self.md5).finalize();
        let sums = Sums::from(std::mem::take(&mut self.sums).finalize());
        Written { md5, sums }
    }

    /// What will point to the blob, as of now.
    pub(super) fn record(&self, e_tag: String, about: About) -> Record {
        Record {
            blob: self.blob.clone(),
            bytes: self.bytes,
            e_tag,
            modified_ms: now_ms(),
            about,
        }
    }

    /// Something points to the blob now.
    pub(super) fn keep(mut self) {
        self.kept = true;
    }

    fn put(&mut self, bytes: &[u8]) -> S3Result<()> {
        self.bytes += bytes.len() as u64;
        if self.bytes > BYTES_MAX {
            return Err(s3_error!(
                EntityTooLarge,
                "One put takes at most 5 GiB; use a multipart upload."
            ));
        }
        self.md5.update(bytes);
        self.sums.update(bytes);
        self.file.write_all(bytes).map_err(write_failed)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            self.objects.discard([self.blob.clone()]);
        }
    }
}

fn write_failed(error: io::Error) -> S3Error {
    tracing::error!(%error, "the embedded S3 cannot write or read its files");
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}
