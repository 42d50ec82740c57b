//! How every database of ours is opened.

use std::path::Path;

use rusqlite::Connection;

/// Opens a database so that a committed write survives the end of the process, and applies `schema`, which
/// must be repeatable (`CREATE … IF NOT EXISTS`).
///
/// With `NORMAL` a commit in WAL mode is a write to the page cache without `fsync`: `SIGKILL` loses nothing,
/// and a commit takes tens of microseconds. The file itself stays sound even through a power cut.
pub(crate) fn open(path: &Path, schema: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(schema)?;
    Ok(connection)
}
