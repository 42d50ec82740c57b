//! The queues and their messages in SQLite.

mod messages;
mod queues;
mod receive;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use self::messages::NewMessage;
pub(crate) use self::queues::Queue;
pub(crate) use self::receive::{Received, Take};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS queues (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        created_s INTEGER NOT NULL,
        modified_s INTEGER NOT NULL,
        settings TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue INTEGER NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        trace TEXT,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        receives INTEGER NOT NULL DEFAULT 0,
        first_received_ms INTEGER,
        nonce TEXT,
        came_from TEXT
    );
    CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, visible_ms);
    CREATE INDEX IF NOT EXISTS messages_expiry ON messages (expires_ms);
";

/// The database. Each call is one transaction; times are milliseconds since 1970.
pub(crate) struct Store(Mutex<Connection>);

impl Store {
    /// Opens or creates the file at `path`.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        Ok(Self(Mutex::new(crate::sqlite::open(path, SCHEMA)?)))
    }

    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        Self::open(Path::new(":memory:")).unwrap()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a call rolled its transaction back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction that takes the write lock at once, so that it never fails half-way for want of it.
fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}
