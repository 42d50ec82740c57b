//! An import's file, read again from the bucket: its rows after the checkpoint, some at a time.

use std::io;

use bytes::Bytes;
use tokio::sync::mpsc;
use trunkline_domain::Error;
use trunkline_imports::{FileError, LeadRow, Mapping, Row, RowError, open};
use trunkline_store::{Blobs, imports::Import};

use super::pipe::{Incoming, Pieces, pipe};
use crate::Ctx;

/// Bytes of the file that are fetched at once: a connection that is read slowly for minutes would be cut.
const FETCH_BYTES: u64 = 1_024 * 1_024;
/// Rows after which the checkpoint moves: twenty transactions' worth.
const ROWS: u64 = 1_980;
/// And sooner when they are long,
const BYTES: usize = 4_000_000;
/// or much is wrong with them.
const ERRORS: usize = 2_000;

/// Rows in one piece: what is done again when a job dies.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// How many rows, wrong ones included.
    pub(super) rows: u64,
    /// Those that are leads.
    pub(super) leads: Vec<LeadRow>,
    /// How many are not.
    pub(super) invalid: u64,
    /// Why not.
    pub(super) errors: Vec<RowError>,
    bytes: usize,
}

/// Why there are no more rows.
#[derive(Debug)]
pub(super) enum Broken {
    /// It will not be otherwise another time.
    ForGood(String),
    /// The bucket does not answer.
    ForNow(Error),
}

/// The rows after the import's checkpoint, in their order; the next piece is read while one is worked on.
pub(super) fn batches(ctx: &Ctx, import: &Import) -> mpsc::Receiver<Result<Batch, Broken>> {
    let (pieces, incoming) = pipe();
    let (out, batches) = mpsc::channel(1);
    tokio::spawn(fetch(
        ctx.blobs.clone(),
        import.file.clone(),
        import.bytes,
        pieces,
    ));
    let (mapping, country, done) = (
        import.mapping.clone(),
        import.country.clone(),
        import.counts.total,
    );
    tokio::task::spawn_blocking(move || {
        if let Err(error) = parse(incoming, &mapping, country.as_deref(), done, &out) {
            // Nobody listens any more when the import was ended meanwhile.
            drop(out.blocking_send(Err(broken(error))));
        }
    });
    batches
}

async fn fetch(blobs: Blobs, file: String, bytes: u64, pieces: Pieces) {
    let mut at = 0;
    while at < bytes {
        let last = (at + FETCH_BYTES - 1).min(bytes - 1);
        let piece = piece(&blobs, &file, (at, last)).await;
        let got = piece.as_ref().map_or(0, Bytes::len);
        at += u64::try_from(got).unwrap_or(0);
        if pieces.send(piece).await.is_err() || got == 0 {
            return;
        }
    }
}

async fn piece(blobs: &Blobs, file: &str, range: (u64, u64)) -> io::Result<Bytes> {
    match blobs.read_range(file, range).await {
        Ok(Some(bytes)) if bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(io::ErrorKind::NotFound.into()),
        Err(error) => Err(io::Error::other(error)),
    }
}

fn parse(
    source: Incoming,
    mapping: &Mapping,
    country: Option<&str>,
    done: u64,
    out: &mpsc::Sender<Result<Batch, Broken>>,
) -> Result<(), FileError> {
    let mut rows = open(source, mapping, country)?;
    rows.pass(done)?;
    let mut batch = Batch::default();
    for row in rows {
        batch.add(row?);
        if batch.is_full() && out.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
            return Ok(());
        }
    }
    if batch.rows > 0 {
        drop(out.blocking_send(Ok(batch)));
    }
    Ok(())
}

fn broken(error: FileError) -> Broken {
    match error {
        FileError::Read(error) if error.kind() == io::ErrorKind::NotFound => {
            Broken::ForGood("the uploaded file is not kept any more; upload it again".to_owned())
        }
        FileError::Read(error) => Broken::ForNow(Error::internal(error)),
        other @ (FileError::Empty
        | FileError::NotText(_)
        | FileError::NoPhone { .. }
        | FileError::Header(_)
        | FileError::Mapping(_)
        | FileError::RowTooLong { .. }) => Broken::ForGood(other.to_string()),
    }
}

impl Batch {
    fn add(&mut self, row: Row) {
        self.rows += 1;
        match row {
            Row::Lead(lead) => {
                self.bytes += size(&lead);
                self.leads.push(*lead);
            }
            Row::Wrong(errors) => {
                self.invalid += 1;
                self.errors.extend(errors);
            }
        }
    }

    const fn is_full(&self) -> bool {
        self.rows >= ROWS || self.bytes >= BYTES || self.errors.len() >= ERRORS
    }
}

/// The bytes of a row, of what may be long.
fn size(lead: &LeadRow) -> usize {
    let notes = lead.notes.as_ref().map_or(0, String::len);
    let custom = lead.custom_fields.iter();
    let custom = custom.map(|(name, value)| name.len() + value.as_str().map_or(0, str::len));
    500 + notes + custom.sum::<usize>()
}
