//! Buckets.

use rusqlite::OptionalExtension;

use super::{Index, Result, begin, failed};

/// What became of a bucket that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::s3) enum Removal {
    /// It is gone.
    Done,
    /// It still has objects or uploads under way.
    NotEmpty,
    /// There is no such bucket.
    Missing,
}

impl Index {
    /// Makes a bucket; `false` when it is there already.
    pub(in crate::s3) fn create_bucket(&self, name: &str, now_ms: i64) -> Result<bool> {
        self.lock()
            .execute(
                "INSERT OR IGNORE INTO buckets (name, created_ms) VALUES (?1, ?2)",
                (name, now_ms),
            )
            .map(|made| made == 1)
            .map_err(failed)
    }

    /// Whether there is such a bucket.
    pub(in crate::s3) fn has_bucket(&self, name: &str) -> Result<bool> {
        self.lock()
            .prepare_cached("SELECT 1 FROM buckets WHERE name = ?1")
            .and_then(|mut statement| statement.exists([name]))
            .map_err(failed)
    }

    /// All buckets with the time they were made, in order.
    pub(in crate::s3) fn buckets(&self) -> Result<Vec<(String, i64)>> {
        let connection = self.lock();
        connection
            .prepare_cached("SELECT name, created_ms FROM buckets ORDER BY name")
            .and_then(|mut statement| {
                statement
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .map_err(failed)
    }

    /// Removes a bucket, if it is empty.
    pub(in crate::s3) fn delete_bucket(&self, name: &str) -> Result<Removal> {
        let mut connection = self.lock();
        let mut remove = || {
            let transaction = begin(&mut connection)?;
            let used: Option<bool> = transaction
                .query_row(
                    "SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ?1)
                         OR EXISTS (SELECT 1 FROM uploads WHERE bucket = ?1)
                     FROM buckets WHERE name = ?1",
                    [name],
                    |row| row.get(0),
                )
                .optional()?;
            match used {
                None => Ok(Removal::Missing),
                Some(true) => Ok(Removal::NotEmpty),
                Some(false) => {
                    transaction.execute("DELETE FROM buckets WHERE name = ?1", [name])?;
                    transaction.commit()?;
                    Ok(Removal::Done)
                }
            }
        };
        remove().map_err(failed)
    }
}
