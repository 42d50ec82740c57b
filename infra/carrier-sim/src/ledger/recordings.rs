//! Recordings in the ledger. The sound itself is a file beside it (`tape.rs`).

use rusqlite::{OptionalExtension, Row, params};

use super::{Ledger, LedgerError};
use crate::clock::{self, Moment};

const COLUMNS: &str = "sid, call_sid, source, channels, status, started_ms, duration_ms";

/// A recording of a call.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) sid: String,
    pub(crate) call_sid: String,
    /// `OutboundAPI` or `RecordVerb`.
    pub(crate) source: &'static str,
    pub(crate) channels: u16,
    /// `in-progress`, `completed`, `absent`.
    pub(crate) status: &'static str,
    pub(crate) started: Moment,
    pub(crate) duration_ms: Option<u64>,
}

impl Ledger {
    /// Writes a recording, or what has changed about it.
    pub(crate) async fn save_recording(&self, recording: Recording) {
        self.note(move |db| {
            db.prepare_cached(&format!(
                "INSERT INTO recordings ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (sid) DO UPDATE SET status = excluded.status, duration_ms = excluded.duration_ms"
            ))?
            .execute(params![
                recording.sid,
                recording.call_sid,
                recording.source,
                recording.channels,
                recording.status,
                recording.started.timestamp_millis(),
                recording.duration_ms,
            ])?;
            Ok(())
        })
        .await;
    }

    /// The recording with this SID.
    pub(crate) async fn recording(&self, sid: &str) -> Result<Option<Recording>, LedgerError> {
        let sid = sid.to_owned();
        self.run(move |db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM recordings WHERE sid = ?1"))?
                .query_row([sid], read)
                .optional()
        })
        .await
    }

    /// Recordings, newest first (of one call, if given), and whether more follow.
    pub(crate) async fn recordings(
        &self,
        call_sid: Option<String>,
        size: u32,
        skip: u32,
    ) -> Result<(Vec<Recording>, bool), LedgerError> {
        self.run(move |db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM recordings WHERE ?1 IS NULL OR call_sid = ?1 ORDER BY seq DESC LIMIT ?2 OFFSET ?3"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params![call_sid, u64::from(size) + 1, skip], read)?;
            let mut recordings: Vec<Recording> = rows.collect::<Result<_, _>>()?;
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let more = recordings.len() > size;
            recordings.truncate(size);
            Ok((recordings, more))
        })
        .await
    }

    /// Forgets a recording; whether there was one.
    pub(crate) async fn delete_recording(&self, sid: &str) -> Result<bool, LedgerError> {
        let sid = sid.to_owned();
        self.run(move |db| Ok(db.execute("DELETE FROM recordings WHERE sid = ?1", [sid])? > 0))
            .await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Recording> {
    let (source, status): (String, String) = (row.get("source")?, row.get("status")?);
    Ok(Recording {
        sid: row.get("sid")?,
        call_sid: row.get("call_sid")?,
        source: if source == "RecordVerb" {
            "RecordVerb"
        } else {
            "OutboundAPI"
        },
        channels: row.get("channels")?,
        status: match status.as_str() {
            "in-progress" => "in-progress",
            "completed" => "completed",
            _ => "absent",
        },
        started: clock::from_ms(row.get("started_ms")?),
        duration_ms: row.get("duration_ms")?,
    })
}
