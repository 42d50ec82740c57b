//! The store: index and blobs together.

use std::fs::File;
use std::io;
use std::path::Path;

use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::blobs::Blobs;
use super::index::Index;
use super::record::Record;

/// All buckets of one data folder.
pub(super) struct Objects {
    index: Index,
    blobs: Blobs,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(transparent)]
    Files(#[from] io::Error),
    #[error(transparent)]
    Index(#[from] rusqlite::Error),
}

impl Objects {
    /// Opens or creates the store in `folder`, and removes what a crash left half-done.
    pub(super) fn open(folder: &Path) -> Result<Self, OpenError> {
        let blobs = Blobs::open(&folder.join("blobs"))?;
        let index = Index::open(&folder.join("index.db"))?;
        let left_over = index.doomed()?;
        let store = Self { index, blobs };
        store.discard(left_over);
        Ok(store)
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The object at `key`, or the error that says whether the bucket or the key is missing.
    pub(super) fn find(&self, bucket: &str, key: &str) -> S3Result<Record> {
        match self.index.object(bucket, key)? {
            Some(record) => Ok(record),
            None => {
                self.require_bucket(bucket)?;
                Err(s3_error!(NoSuchKey, "There is no object with this key."))
            }
        }
    }

    /// The object at `key` with its bytes.
    pub(super) fn open_object(&self, bucket: &str, key: &str) -> S3Result<(Record, File)> {
        // A put or delete in between removes the file that we were about to open: then what is there now
        // counts.
        for _ in 0..4 {
            let record = self.find(bucket, key)?;
            match self.blobs.read(&record.blob) {
                Ok(file) => return Ok((record, file)),
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound
                        && self.find(bucket, key)?.blob != record.blob => {}
                Err(error) => {
                    tracing::error!(%error, blob = record.blob, "an object's file cannot be read");
                    return Err(S3Error::with_source(S3ErrorCode::InternalError, Box::new(error)));
                }
            }
        }
        Err(s3_error!(
            SlowDown,
            "The object is being replaced too fast to be read."
        ))
    }

    /// Refuses a bucket that is not there.
    pub(super) fn require_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.index.has_bucket(bucket)? {
            Ok(())
        } else {
            Err(s3_error!(NoSuchBucket, "There is no bucket {bucket}."))
        }
    }

    /// Removes the files of doomed blobs. One that cannot be removed stays doomed and is tried again at the
    /// next start.
    pub(super) fn discard(&self, blobs: impl IntoIterator<Item = String>) {
        for blob in blobs {
            let removed = self.blobs.remove(&blob);
            if let Err(error) = removed {
                tracing::warn!(%error, blob, "a file that nothing points to cannot be removed yet");
            } else if let Err(error) = self.index.forget(&blob) {
                tracing::warn!(
                    ?error,
                    blob,
                    "a removed file is still on the list of those to remove"
                );
            }
        }
    }
}
