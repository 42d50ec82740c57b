//! The ledger: every call ever placed, on disk before its POST is answered.
//!
//! SQLite on a thread of its own, so that no disk delays a 20 ms beat. Work that waits together is committed together, and
//! whoever asked hears back only after the commit. A commit is in the write-ahead log, which outlives a killed process.

mod calls;
mod recordings;
mod schema;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

pub(crate) use calls::{CallFilter, Page, Span};
pub(crate) use recordings::Recording;

/// So much work may wait for the disk.
const WAITING_MAX: usize = 4096;
/// So much of it goes into one commit.
const BATCH_MAX: usize = 256;

/// Why the ledger could not do its work.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error("the ledger {0} is in use by another simulator: give each its own data folder")]
    InUse(PathBuf),
    #[error("the ledger {path} cannot be used: {why}")]
    Unusable { path: PathBuf, why: String },
    #[error("the ledger refused: {0}")]
    Failed(String),
    #[error("the ledger is closed: the simulator is stopping")]
    Closed,
}

/// Run after the commit, with its outcome.
type Settle = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Settle + Send>;

/// The way to the ledger's thread.
pub(crate) struct Ledger {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    closed: tokio::sync::Mutex<Option<oneshot::Receiver<()>>>,
}

impl Ledger {
    /// Opens `carrier.sqlite` in the folder, and ends what an earlier process left unfinished.
    ///
    /// # Errors
    /// [`LedgerError::InUse`] when another simulator has it open, [`LedgerError::Unusable`] when it cannot be read or written.
    pub(crate) async fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join("carrier.sqlite");
        let (jobs, mut waiting) = mpsc::channel::<Job>(WAITING_MAX);
        let (opened, is_open) = oneshot::channel();
        let (finished, closed) = oneshot::channel();
        let thread_path = path.clone();
        let unusable = |why: String| LedgerError::Unusable {
            path: path.clone(),
            why,
        };
        std::thread::Builder::new()
            .name("sim-ledger".to_owned())
            .spawn(move || {
                match schema::open(&thread_path) {
                    Ok(db) => {
                        // Whoever opens waits for this; if they are gone, the channel of jobs is closed too.
                        let _ = opened.send(Ok(()));
                        while let Some(first) = waiting.blocking_recv() {
                            batch(&db, first, &mut waiting);
                        }
                    }
                    Err(error) => {
                        let _ = opened.send(Err(error));
                    }
                }
                let _ = finished.send(());
            })
            .map_err(|error| unusable(error.to_string()))?;
        is_open
            .await
            .map_err(|_| unusable("its thread ended".to_owned()))??;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            closed: tokio::sync::Mutex::new(Some(closed)),
        })
    }

    /// Writes what is waiting and closes the file.
    pub(crate) async fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(closed) = self.closed.lock().await.take() {
            // An error means the thread is gone, which is as closed as can be.
            let _ = closed.await;
        }
    }

    /// Does the work and returns its result once it is committed.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (answer, result) = oneshot::channel();
        self.submit(Box::new(move |db| {
            let outcome = work(db).map_err(|error| LedgerError::Failed(error.to_string()));
            Box::new(move |committed| {
                // Nobody waiting: the request was given up.
                let _ = answer.send(committed.and(outcome));
            })
        }))
        .await?;
        result.await.map_err(|_| LedgerError::Closed)?
    }

    /// Does the work in turn, without waiting for the disk; a failure is logged.
    async fn note(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        let job: Job = Box::new(move |db| {
            let outcome = work(db).map_err(|error| LedgerError::Failed(error.to_string()));
            Box::new(move |committed| {
                if let Err(error) = committed.and(outcome) {
                    tracing::error!(%error, "a change of a call was not written; the list shows its earlier state");
                }
            })
        });
        if let Err(error) = self.submit(job).await {
            tracing::debug!(%error, "a late change of a call is not written");
        }
    }

    async fn submit(&self, job: Job) -> Result<(), LedgerError> {
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(LedgerError::Closed)?;
        jobs.send(job).await.map_err(|_| LedgerError::Closed)
    }
}

/// Commits `first` and whatever waits behind it as one.
fn batch(db: &Connection, first: Job, waiting: &mut mpsc::Receiver<Job>) {
    let begun = db.execute_batch("BEGIN IMMEDIATE");
    let mut settles = vec![first(db)];
    while settles.len() < BATCH_MAX {
        match waiting.try_recv() {
            Ok(job) => settles.push(job(db)),
            Err(_) => break,
        }
    }
    let committed = begun
        .and_then(|()| db.execute_batch("COMMIT"))
        .map_err(|error| LedgerError::Failed(error.to_string()));
    if committed.is_err() {
        // Leaves no transaction behind for the next batch; that there is none to roll back is no news.
        let _ = db.execute_batch("ROLLBACK");
    }
    for settle in settles {
        settle(committed.clone());
    }
}
