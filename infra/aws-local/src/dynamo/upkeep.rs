//! What AWS does by itself: expired items go, and stream records of more than a day.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dynoxide::Database;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::oneshot;

use crate::clock::now_ms;
use crate::error::StartError;
use crate::folder::DataFolder;
use crate::service::Service;

/// How often, at most. A sweep reads every table with a time to live, so a slow one waits longer: see
/// [`pause`].
const EVERY: Duration = Duration::from_secs(60);

/// How long stream records are kept: as long as DynamoDB keeps them.
const RECORDS_KEPT_S: i64 = 24 * 60 * 60;

/// How many stream records are kept at most, about one gigabyte: a consumer that far behind is not running.
const RECORDS_MAX: i64 = 500_000;

/// How many records go in one write, so that requests never wait long for the file.
const TRIM_AT_ONCE: i64 = 500;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Items whose time to live was over.
    pub expired_items: usize,
    /// Stream records that nobody needs any more.
    pub stream_records: usize,
}

/// Why a sweep failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// Expired items could not be removed.
    #[error("expired items could not be removed: {0}")]
    Items(#[from] dynoxide::DynoxideError),
    /// Stream records could not be trimmed.
    #[error("stream records could not be trimmed: {0}")]
    Records(#[from] rusqlite::Error),
    /// The upkeep has stopped, or has more sweeps waiting than it takes.
    #[error("the upkeep of the embedded DynamoDB takes no sweep now")]
    Busy,
}

type Reply = oneshot::Sender<Result<Swept, SweepError>>;

/// The thread that sweeps each minute. It stops when this value goes.
#[derive(Debug)]
pub(crate) struct Upkeep {
    orders: SyncSender<Reply>,
    thread: JoinHandle<()>,
}

impl Upkeep {
    /// Starts the thread for the database at `path`.
    pub(crate) fn start(
        database: Database,
        path: &Path,
        folder: Arc<DataFolder>,
    ) -> Result<Self, StartError> {
        let service = Service::DynamoDb;
        let records = Connection::open(path).map_err(|error| StartError::Open {
            service,
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let (orders, inbox) = sync_channel(4);
        let thread = thread::Builder::new()
            .name("aws-dynamodb-upkeep".to_owned())
            .spawn(move || {
                keep_up(&database, &records, &inbox);
                drop((database, records));
                drop(folder);
            })
            .map_err(|source| StartError::Thread { service, source })?;
        Ok(Self { orders, thread })
    }

    /// Sweeps now.
    pub(crate) async fn sweep(&self) -> Result<Swept, SweepError> {
        let (reply, swept) = oneshot::channel();
        match self.orders.try_send(reply) {
            Ok(()) => swept.await.unwrap_or(Err(SweepError::Busy)),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(SweepError::Busy),
        }
    }

    /// Ends the thread, after the sweep under way if there is one.
    pub(crate) async fn stopped(self) {
        drop(self.orders);
        let joined = tokio::task::spawn_blocking(|| self.thread.join()).await;
        if !matches!(joined, Ok(Ok(()))) {
            tracing::error!("the upkeep of the embedded DynamoDB panicked");
        }
    }
}

fn keep_up(database: &Database, records: &Connection, inbox: &Receiver<Reply>) {
    let mut wait = EVERY;
    loop {
        let reply = match inbox.recv_timeout(wait) {
            Ok(reply) => Some(reply),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let started = Instant::now();
        let swept = sweep(database, records);
        wait = pause(started.elapsed());
        match (reply, swept) {
            // Whoever asked may be gone; then nobody needs the answer.
            (Some(reply), swept) => drop(reply.send(swept)),
            (None, Ok(swept)) => tracing::debug!(?swept, "the embedded DynamoDB was swept"),
            (None, Err(error)) => {
                tracing::warn!(%error, "the embedded DynamoDB could not be swept; it will be tried again")
            }
        }
    }
}

/// A twentieth of the time at most goes to sweeping.
fn pause(last: Duration) -> Duration {
    EVERY.max(last * 20)
}

fn sweep(database: &Database, records: &Connection) -> Result<Swept, SweepError> {
    let expired_items = database.sweep_ttl()?;
    let stream_records = trim(records, now_ms() / 1000 - RECORDS_KEPT_S, RECORDS_MAX)?;
    Ok(Swept {
        expired_items,
        stream_records,
    })
}

/// Removes the records made before `oldest_s` (seconds since 1970), and the oldest ones of more than
/// `records_max`.
fn trim(records: &Connection, oldest_s: i64, records_max: i64) -> rusqlite::Result<usize> {
    let newest: i64 = records.query_row("SELECT COALESCE(MAX(id), 0) FROM _stream_records", [], |row| {
        row.get(0)
    })?;
    let mut removed = 0;
    // Ids grow with time, so the oldest stand first and the first that stays ends the search.
    loop {
        let last_to_go: Option<i64> = records
            .query_row(
                "SELECT MAX(id) FROM (SELECT id, created_at FROM _stream_records ORDER BY id LIMIT ?1)
                 WHERE created_at < ?2 OR id <= ?3",
                params![TRIM_AT_ONCE, oldest_s, newest - records_max],
                |row| row.get(0),
            )
            .optional()?
            .flatten();
        let Some(last_to_go) = last_to_go else {
            return Ok(removed);
        };
        removed += records.execute("DELETE FROM _stream_records WHERE id <= ?1", [last_to_go])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(made_at_s: impl IntoIterator<Item = i64>) -> Connection {
        let records = Connection::open_in_memory().unwrap();
        records
            .execute_batch(
                "CREATE TABLE _stream_records (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER)",
            )
            .unwrap();
        for at in made_at_s {
            records
                .execute("INSERT INTO _stream_records (created_at) VALUES (?1)", [at])
                .unwrap();
        }
        records
    }

    fn left(records: &Connection) -> i64 {
        records
            .query_row("SELECT COUNT(*) FROM _stream_records", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn records_older_than_a_day_go_in_bounded_steps() {
        let records = records(0..2 * TRIM_AT_ONCE + 7);
        let removed = trim(&records, 2 * TRIM_AT_ONCE, RECORDS_MAX).unwrap();
        assert_eq!(i64::try_from(removed).unwrap(), 2 * TRIM_AT_ONCE);
        assert_eq!(left(&records), 7);
        assert_eq!(trim(&records, 2 * TRIM_AT_ONCE, RECORDS_MAX).unwrap(), 0);
    }

    #[test]
    fn the_oldest_of_too_many_records_go() {
        let records = records(std::iter::repeat_n(100, 30));
        assert_eq!(trim(&records, 0, 10).unwrap(), 20);
        assert_eq!(left(&records), 10);
        let oldest: i64 = records
            .query_row("SELECT MIN(id) FROM _stream_records", [], |row| row.get(0))
            .unwrap();
        assert_eq!(oldest, 21);
    }

    #[test]
    fn a_slow_sweep_waits_longer() {
        assert_eq!(pause(Duration::from_secs(1)), EVERY);
        assert_eq!(pause(Duration::from_secs(10)), Duration::from_secs(200));
    }
}
