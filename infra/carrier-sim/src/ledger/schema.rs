//! The ledger's tables.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::LedgerError;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS calls (
        seq          INTEGER PRIMARY KEY AUTOINCREMENT,
        sid          TEXT NOT NULL UNIQUE,
        parent_sid   TEXT,
        called       TEXT NOT NULL,
        caller       TEXT NOT NULL,
        direction    TEXT NOT NULL,
        status       TEXT NOT NULL,
        created_ms   INTEGER NOT NULL,
        updated_ms   INTEGER NOT NULL,
        started_ms   INTEGER,
        answered_ms  INTEGER,
        ended_ms     INTEGER,
        answered_by  TEXT,
        fate         TEXT NOT NULL,
        said         TEXT NOT NULL DEFAULT '[]',
        heard_ms     INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS calls_called ON calls (called, seq);
    CREATE INDEX IF NOT EXISTS calls_caller ON calls (caller, seq);
    CREATE INDEX IF NOT EXISTS calls_parent ON calls (parent_sid) WHERE parent_sid IS NOT NULL;
    CREATE TABLE IF NOT EXISTS recordings (
        seq         INTEGER PRIMARY KEY AUTOINCREMENT,
        sid         TEXT NOT NULL UNIQUE,
        call_sid    TEXT NOT NULL,
        source      TEXT NOT NULL,
        channels    INTEGER NOT NULL,
        status      TEXT NOT NULL,
        started_ms  INTEGER NOT NULL,
        duration_ms INTEGER
    );
    CREATE INDEX IF NOT EXISTS recordings_call ON recordings (call_sid);
";

/// What a process that died left unfinished: a call somebody had answered is completed, any other has failed.
const SETTLE_UNFINISHED: &str = "
    UPDATE calls SET status = CASE WHEN answered_ms IS NULL THEN 'failed' ELSE 'completed' END, ended_ms = updated_ms
        WHERE status IN ('queued', 'initiated', 'ringing', 'in-progress');
    UPDATE recordings SET status = 'absent' WHERE status = 'in-progress';
";

/// Opens the file, makes the tables, settles what was unfinished.
pub(super) fn open(path: &Path) -> Result<Connection, LedgerError> {
    prepare(path).map_err(|error| {
        let locked = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked];
        if error
            .sqlite_error_code()
            .is_some_and(|code| locked.contains(&code))
        {
            return LedgerError::InUse(path.to_owned());
        }
        LedgerError::Unusable {
            path: path.to_owned(),
            why: error.to_string(),
        }
    })
}

fn prepare(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(std::time::Duration::from_millis(500))?;
    // Exclusive: the lock lies on the file until the process ends, so two simulators cannot share a folder by mistake.
    db.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
    )?;
    db.execute_batch(TABLES)?;
    db.execute_batch(SETTLE_UNFINISHED)?;
    Ok(db)
}
