//! Multipart uploads under way.

use rusqlite::{Connection, OptionalExtension, params};
use s3s::{S3Error, s3_error};

use super::objects::{find, point};
use super::{Index, RECORD, Result, begin, doom, failed, json, record, spare};
use crate::s3::conditions::WriteIf;
use crate::s3::record::{About, Record};

/// An upload: what it will become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct Upload {
    pub(in crate::s3) id: String,
    pub(in crate::s3) bucket: String,
    pub(in crate::s3) key: String,
    pub(in crate::s3) about: About,
}

/// A part that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct Part {
    pub(in crate::s3) number: i32,
    pub(in crate::s3) record: Record,
}

impl Index {
    /// Begins an upload.
    pub(in crate::s3) fn begin_upload(&self, upload: &Upload, now_ms: i64) -> Result<()> {
        let about = json(&upload.about).map_err(failed)?;
        self.lock()
            .execute(
                "INSERT INTO uploads (id, bucket, key, started_ms, about) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![upload.id, upload.bucket, upload.key, now_ms, about],
            )
            .map(|_inserted| ())
            .map_err(failed)
    }

    /// The upload `id`, which must be for this bucket and key.
    pub(in crate::s3) fn upload(&self, id: &str, bucket: &str, key: &str) -> Result<Upload> {
        let connection = self.lock();
        let about = connection
            .prepare_cached("SELECT about FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3")
            .and_then(|mut statement| {
                statement
                    .query_row([id, bucket, key], |row| row.get::<_, String>(0))
                    .optional()
            })
            .map_err(failed)?
            .ok_or_else(|| no_upload(id))?;
        let about = serde_json::from_str(&about).map_err(S3Error::internal_error)?;
        Ok(Upload {
            id: id.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            about,
        })
    }

    /// Keeps a part; gives the blob of an earlier one with its number, whose file is to be removed.
    pub(in crate::s3) fn put_part(&self, upload: &Upload, part: &Part) -> Result<Option<String>> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection).map_err(failed)?;
        // It may have been completed or aborted while the bytes were on their way.
        require(&transaction, &upload.id)?;
        let keep = || {
            let old: Option<String> = transaction
                .prepare_cached("SELECT blob FROM parts WHERE upload = ?1 AND number = ?2")?
                .query_row(params![upload.id, part.number], |row| row.get(0))
                .optional()?;
            let Record {
                blob,
                bytes,
                e_tag,
                modified_ms,
                about,
            } = &part.record;
            transaction
                .prepare_cached(&format!(
                    "INSERT OR REPLACE INTO parts (upload, number, {RECORD}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                ))?
                .execute(params![upload.id, part.number, blob, bytes, e_tag, modified_ms, json(about)?])?;
            spare(&transaction, blob)?;
            if let Some(old) = &old {
                doom(&transaction, old)?;
            }
            Ok(old)
        };
        let replaced = keep().map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(replaced)
    }

    /// The parts of an upload with numbers above `after`, in order.
    pub(in crate::s3) fn parts(&self, upload: &str, after: i32, limit: usize) -> Result<Vec<Part>> {
        let connection = self.lock();
        connection
            .prepare_cached(&format!(
                "SELECT number, {RECORD} FROM parts WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map(params![upload, after, limit], |row| {
                        Ok(Part { number: row.get(0)?, record: record(row, 1)? })
                    })?
                    .collect()
            })
            .map_err(failed)
    }

    /// Ends an upload as the object `new`; gives the blobs whose files are to be removed.
    pub(in crate::s3) fn complete(
        &self,
        upload: &Upload,
        new: &Record,
        write_if: &WriteIf,
    ) -> Result<Vec<String>> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection).map_err(failed)?;
        require(&transaction, &upload.id)?;
        let old = find(&transaction, &upload.bucket, &upload.key).map_err(failed)?;
        write_if.check(old.as_ref())?;
        let mut blobs = end(&transaction, &upload.id).map_err(failed)?;
        blobs.extend(point(&transaction, &upload.bucket, &upload.key, new, old).map_err(failed)?);
        transaction.commit().map_err(failed)?;
        Ok(blobs)
    }

    /// Ends an upload as nothing; gives the blobs whose files are to be removed.
    pub(in crate::s3) fn abort(&self, upload: &Upload) -> Result<Vec<String>> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection).map_err(failed)?;
        require(&transaction, &upload.id)?;
        let blobs = end(&transaction, &upload.id).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(blobs)
    }
}

fn require(connection: &Connection, id: &str) -> Result<()> {
    let there = connection
        .prepare_cached("SELECT 1 FROM uploads WHERE id = ?1")
        .and_then(|mut statement| statement.exists([id]))
        .map_err(failed)?;
    if there { Ok(()) } else { Err(no_upload(id)) }
}

/// Removes the upload and its parts; gives the parts' blobs, doomed.
fn end(connection: &Connection, id: &str) -> rusqlite::Result<Vec<String>> {
    let blobs: Vec<String> = connection
        .prepare_cached("DELETE FROM parts WHERE upload = ?1 RETURNING blob")?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for blob in &blobs {
        doom(connection, blob)?;
    }
    connection
        .prepare_cached("DELETE FROM uploads WHERE id = ?1")?
        .execute([id])?;
    Ok(blobs)
}

fn no_upload(id: &str) -> S3Error {
    s3_error!(
        NoSuchUpload,
        "There is no upload {id} for this key: it may have been completed or aborted."
    )
}
