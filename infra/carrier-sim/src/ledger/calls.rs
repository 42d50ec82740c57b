//! Calls in the ledger: placed, changed, fetched, listed.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params, params_from_iter};

use super::{Ledger, LedgerError};
use crate::{
    call::{Call, Direction, Status},
    clock::{self, Moment},
};

const COLUMNS: &str = "sid, parent_sid, called, caller, direction, status, created_ms, updated_ms, started_ms, \
    answered_ms, ended_ms, answered_by, fate, said, heard_ms";

/// A span of time; either end may be open. Both ends belong to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Option<Moment>,
    pub(crate) until: Option<Moment>,
}

/// Which calls to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallFilter {
    pub(crate) to: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) parent_sid: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) started: Span,
    pub(crate) ended: Span,
    /// Hides calls to the number (ends with; none: all) made after the moment: the list lags.
    pub(crate) hidden: Vec<(Option<String>, Moment)>,
}

/// Which part of the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) size: u32,
    /// Begins behind this call, so that new calls do not shift a reader's pages.
    pub(crate) after: Option<String>,
    /// Without `after`: skips so many.
    pub(crate) skip: u32,
}

impl Ledger {
    /// Writes a new call. Returns how many calls to the same number came before it. Once this returns, the call outlives the process.
    pub(crate) async fn place(&self, call: Call) -> Result<u64, LedgerError> {
        self.run(move |db| {
            let before: u64 = db
                .prepare_cached("SELECT COUNT(*) FROM calls WHERE called = ?1")?
                .query_row([&call.to], |row| row.get(0))?;
            insert(db, &call)?;
            Ok(before)
        })
        .await
    }

    /// Writes what has changed about a call.
    pub(crate) async fn save(&self, call: Call) {
        self.note(move |db| {
            db.prepare_cached(
                "UPDATE calls SET status = ?2, updated_ms = ?3, started_ms = ?4, answered_ms = ?5, ended_ms = ?6, \
                 answered_by = ?7, said = ?8, heard_ms = ?9 WHERE sid = ?1",
            )?
            .execute(params![
                call.sid,
                call.status.name(),
                call.updated.timestamp_millis(),
                ms(call.started),
                ms(call.answered),
                ms(call.ended),
                call.answered_by,
                said_text(&call),
                call.heard_ms,
            ])?;
            Ok(())
        })
        .await;
    }

    /// The call with this SID.
    pub(crate) async fn call(&self, sid: &str) -> Result<Option<Call>, LedgerError> {
        let sid = sid.to_owned();
        self.run(move |db| {
            db.prepare_cached(&format!("SELECT {COLUMNS} FROM calls WHERE sid = ?1"))?
                .query_row([sid], read)
                .optional()
        })
        .await
    }

    /// Calls, newest first, and whether more follow.
    pub(crate) async fn calls(
        &self,
        filter: CallFilter,
        page: Page,
    ) -> Result<(Vec<Call>, bool), LedgerError> {
        self.run(move |db| list(db, &filter, &page)).await
    }
}

fn insert(db: &Connection, call: &Call) -> rusqlite::Result<()> {
    db.prepare_cached(&format!(
        "INSERT INTO calls ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    ))?
    .execute(params![
        call.sid,
        call.parent_sid,
        call.to,
        call.from,
        call.direction.name(),
        call.status.name(),
        call.created.timestamp_millis(),
        call.updated.timestamp_millis(),
        ms(call.started),
        ms(call.answered),
        ms(call.ended),
        call.answered_by,
        call.fate,
        said_text(call),
        call.heard_ms,
    ])?;
    Ok(())
}

fn list(db: &Connection, filter: &CallFilter, page: &Page) -> rusqlite::Result<(Vec<Call>, bool)> {
    let mut query = Query::default();
    query.equals("called", filter.to.as_deref());
    query.equals("caller", filter.from.as_deref());
    query.equals("parent_sid", filter.parent_sid.as_deref());
    query.equals("status", filter.status.map(Status::name));
    query.within("started_ms", filter.started);
    query.within("ended_ms", filter.ended);
    for (to, since) in &filter.hidden {
        let since = Box::new(since.timestamp_millis());
        match to {
            Some(to) => query.and(
                "NOT (created_ms > ? AND called LIKE '%' || ?)",
                vec![since, Box::new(to.clone())],
            ),
            None => query.and("created_ms <= ?", vec![since]),
        }
    }
    if let Some(after) = &page.after {
        query.and(
            "seq < COALESCE((SELECT seq FROM calls WHERE sid = ?), 0)",
            vec![Box::new(after.clone())],
        );
    }
    let condition = query.text();
    let sql = format!("SELECT {COLUMNS} FROM calls{condition} ORDER BY seq DESC LIMIT ? OFFSET ?");
    // One more than asked for tells whether there is a next page.
    query.values.push(Box::new(u64::from(page.size) + 1));
    query
        .values
        .push(Box::new(if page.after.is_some() { 0 } else { page.skip }));
    let mut statement = db.prepare_cached(&sql)?;
    let mut calls: Vec<Call> = statement
        .query_map(params_from_iter(query.values.iter()), read)?
        .collect::<Result<_, _>>()?;
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let more = calls.len() > size;
    calls.truncate(size);
    Ok((calls, more))
}

/// Conditions and their values, gathered.
#[derive(Default)]
struct Query {
    conditions: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

impl Query {
    fn and(&mut self, condition: &str, values: Vec<Box<dyn ToSql>>) {
        self.conditions.push(condition.to_owned());
        self.values.extend(values);
    }

    fn equals(&mut self, column: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.and(&format!("{column} = ?"), vec![Box::new(value.to_owned())]);
        }
    }

    fn within(&mut self, column: &str, span: Span) {
        if let Some(from) = span.from {
            self.and(&format!("{column} >= ?"), vec![Box::new(from.timestamp_millis())]);
        }
        if let Some(until) = span.until {
            self.and(
                &format!("{column} <= ?"),
                vec![Box::new(until.timestamp_millis())],
            );
        }
    }

    fn text(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.conditions.join(" AND "))
        }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Call> {
    let moment = |name: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(clock::from_ms));
    let status: String = row.get("status")?;
    let direction: String = row.get("direction")?;
    let said: String = row.get("said")?;
    Ok(Call {
        sid: row.get("sid")?,
        parent_sid: row.get("parent_sid")?,
        to: row.get("called")?,
        from: row.get("caller")?,
        // Only this program writes the file; a word it does not know can only be from a later version of it.
        direction: Direction::parse(&direction).unwrap_or(Direction::OutboundApi),
        status: Status::parse(&status).unwrap_or(Status::Failed),
        created: clock::from_ms(row.get("created_ms")?),
        updated: clock::from_ms(row.get("updated_ms")?),
        started: moment("started_ms")?,
        answered: moment("answered_ms")?,
        ended: moment("ended_ms")?,
        answered_by: row.get("answered_by")?,
        fate: row.get("fate")?,
        said: serde_json::from_str(&said).unwrap_or_default(),
        heard_ms: row.get("heard_ms")?,
    })
}

fn ms(moment: Option<Moment>) -> Option<i64> {
    moment.map(|at| at.timestamp_millis())
}

fn said_text(call: &Call) -> String {
    serde_json::json!(call.said).to_string()
}
