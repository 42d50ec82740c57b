//! Objects.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Index, RECORD, Result, begin, doom, failed, json, record, spare};
use crate::s3::conditions::WriteIf;
use crate::s3::record::Record;

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::s3) struct Listed {
    pub(in crate::s3) key: String,
    pub(in crate::s3) record: Record,
}

impl Index {
    /// The object at `key`.
    pub(in crate::s3) fn object(&self, bucket: &str, key: &str) -> Result<Option<Record>> {
        find(&self.lock(), bucket, key).map_err(failed)
    }

    /// Lets `key` point to `new`, if what is there fits `write_if`. Gives the blob that it pointed to, whose
    /// file is to be removed.
    pub(in crate::s3) fn put(
        &self,
        bucket: &str,
        key: &str,
        new: &Record,
        write_if: &WriteIf,
    ) -> Result<Option<String>> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection).map_err(failed)?;
        let old = find(&transaction, bucket, key).map_err(failed)?;
        write_if.check(old.as_ref())?;
        let replaced = point(&transaction, bucket, key, new, old).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(replaced)
    }

    /// Removes the object; gives its blob, whose file is to be removed.
    pub(in crate::s3) fn delete(&self, bucket: &str, key: &str) -> Result<Option<String>> {
        let mut connection = self.lock();
        let mut remove = || {
            let transaction = begin(&mut connection)?;
            let blob: Option<String> = transaction
                .prepare_cached("DELETE FROM objects WHERE bucket = ?1 AND key = ?2 RETURNING blob")?
                .query_row([bucket, key], |row| row.get(0))
                .optional()?;
            if let Some(blob) = &blob {
                doom(&transaction, blob)?;
            }
            transaction.commit()?;
            Ok(blob)
        };
        remove().map_err(failed)
    }

    /// At most `limit` objects of the bucket in key order, from the first key after `after` that is not
    /// before `from`.
    pub(in crate::s3) fn page(
        &self,
        bucket: &str,
        from: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Listed>> {
        let connection = self.lock();
        connection
            .prepare_cached(&format!(
                "SELECT key, {RECORD} FROM objects WHERE bucket = ?1 AND key >= ?2 AND key > ?3 ORDER BY key LIMIT ?4"
            ))
            .and_then(|mut statement| {
                statement
                    .query_map(params![bucket, from, after, limit], |row| {
                        Ok(Listed { key: row.get(0)?, record: record(row, 1)? })
                    })?
                    .collect()
            })
            .map_err(failed)
    }
}

/// The object at `key`.
pub(super) fn find(connection: &Connection, bucket: &str, key: &str) -> rusqlite::Result<Option<Record>> {
    connection
        .prepare_cached(&format!(
            "SELECT {RECORD} FROM objects WHERE bucket = ?1 AND key = ?2"
        ))?
        .query_row([bucket, key], |row| record(row, 0))
        .optional()
}

/// Lets `key` point to `new` instead of `old`; gives the old blob, doomed.
pub(super) fn point(
    connection: &Connection,
    bucket: &str,
    key: &str,
    new: &Record,
    old: Option<Record>,
) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO objects (bucket, key, {RECORD}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        ))?
        .execute(params![
            bucket,
            key,
            new.blob,
            new.bytes,
            new.e_tag,
            new.modified_ms,
            json(&new.about)?
        ])?;
    spare(connection, &new.blob)?;
    let replaced = old.map(|old| old.blob);
    if let Some(blob) = &replaced {
        doom(connection, blob)?;
    }
    Ok(replaced)
}
