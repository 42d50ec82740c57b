//! What each bucket and key point to, in SQLite.
//!
//! No blob is ever forgotten: its name stands in `doomed` from before its file is made until something points
//! to it, and again from when nothing does until its file is gone. After a crash whatever stands there is
//! removed.

mod buckets;
mod objects;
mod uploads;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Row, Transaction, TransactionBehavior};
use s3s::{S3Error, S3ErrorCode};

pub(super) use self::buckets::Removal;
pub(super) use self::objects::Listed;
pub(super) use self::uploads::{Part, Upload};
use super::record::Record;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS objects (
        bucket TEXT NOT NULL REFERENCES buckets (name),
        key TEXT NOT NULL,
        blob TEXT NOT NULL, bytes INTEGER NOT NULL, e_tag TEXT NOT NULL, modified_ms INTEGER NOT NULL, about TEXT NOT NULL,
        PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS uploads (
        id TEXT PRIMARY KEY,
        bucket TEXT NOT NULL REFERENCES buckets (name),
        key TEXT NOT NULL,
        started_ms INTEGER NOT NULL,
        about TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS parts (
        upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        blob TEXT NOT NULL, bytes INTEGER NOT NULL, e_tag TEXT NOT NULL, modified_ms INTEGER NOT NULL, about TEXT NOT NULL,
        PRIMARY KEY (upload, number)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS doomed (blob TEXT PRIMARY KEY) WITHOUT ROWID;
";

/// The columns of a [`Record`], in the order that [`record`] reads them.
const RECORD: &str = "blob, bytes, e_tag, modified_ms, about";

/// The index. Each call is one transaction.
pub(super) struct Index(Mutex<Connection>);

/// Why the index could not answer. What S3 itself would refuse is an [`S3Error`] already.
pub(super) type Result<T> = std::result::Result<T, S3Error>;

impl Index {
    /// Opens or creates the file at `path`.
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        Ok(Self(Mutex::new(crate::sqlite::open(path, SCHEMA)?)))
    }

    /// Notes that the blob is to be removed, unless something comes to point to it.
    pub(super) fn doom(&self, blob: &str) -> Result<()> {
        doom(&self.lock(), blob).map_err(failed)
    }

    /// Notes that the blob's file is gone.
    pub(super) fn forget(&self, blob: &str) -> Result<()> {
        spare(&self.lock(), blob).map_err(failed)
    }

    /// The blobs whose files are to be removed.
    pub(super) fn doomed(&self) -> rusqlite::Result<Vec<String>> {
        let connection = self.lock();
        let mut statement = connection.prepare("SELECT blob FROM doomed")?;
        statement.query_map([], |row| row.get(0))?.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a call rolled its transaction back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn doom(connection: &Connection, blob: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO doomed (blob) VALUES (?1)")?
        .execute([blob])?;
    Ok(())
}

fn spare(connection: &Connection, blob: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM doomed WHERE blob = ?1")?
        .execute([blob])?;
    Ok(())
}

/// Reads a [`Record`] whose columns begin at `first`.
fn record(row: &Row<'_>, first: usize) -> rusqlite::Result<Record> {
    let about: String = row.get(first + 4)?;
    let about = serde_json::from_str(&about).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(first + 4, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Record {
        blob: row.get(first)?,
        bytes: row.get(first + 1)?,
        e_tag: row.get(first + 2)?,
        modified_ms: row.get(first + 3)?,
        about,
    })
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A failure of the database, as S3 answers it.
fn failed(error: rusqlite::Error) -> S3Error {
    tracing::error!(%error, "the embedded S3's index failed");
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}
