//! What was wrong with an import's rows, and which were passed over: all of it, in chunks, for as long as the file itself may be kept.

use serde::{Deserialize, Serialize};
use trunkline_domain::{ImportId, Instant};

use super::Import;
use crate::{
    Result, Store, StoreError,
    item::{item, n, read, s, text},
    keys,
};

/// How long they are kept, as the bucket's rule has it for the file: thirty days.
pub const KEPT_S: i64 = 30 * 86_400;

/// Rows in one chunk: an item takes 400 KB, and one of these has about 1 KB at most.
pub const ERRORS_A_CHUNK: usize = 200;

/// Why a row became no lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowResult {
    /// Something was wrong with it.
    #[default]
    Invalid,
    /// The campaign or an earlier row has its number.
    Duplicate,
    /// Its number is not to be called.
    Dnc,
}

impl RowResult {
    /// As clients see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Duplicate => "duplicate",
            Self::Dnc => "dnc",
        }
    }
}

/// What was wrong with one field of one row, or why the row was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRowError {
    /// The row as a spreadsheet numbers it: the header is 1.
    pub row: u64,
    /// The lead's field, or the column's name; `row` when it is the row's shape.
    pub field: String,
    /// What stood there, or its beginning.
    pub value: String,
    /// What was wrong, and what would be right.
    pub error: String,
    /// What became of the row.
    #[serde(default)]
    pub result: RowResult,
}

/// The two lists of rows that became no leads. Apart, since of the wrong ones the first are shown, however many were passed over before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowList {
    /// Something was wrong with them.
    Wrong,
    /// Nothing was, and yet they are no new leads.
    PassedOver,
}

impl RowList {
    const fn begins(self) -> &'static str {
        match self {
            Self::Wrong => keys::IMPORT_ERRORS,
            Self::PassedOver => keys::IMPORT_PASSED,
        }
    }

    fn chunk(self, rows_before: u64, chunk: u32) -> String {
        match self {
            Self::Wrong => keys::import_errors(rows_before, chunk),
            Self::PassedOver => keys::import_passed(rows_before, chunk),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Chunk {
    errors: Vec<StoredRowError>,
}

impl Store {
    /// Keeps what was wrong with the rows after an import's checkpoint, or which were passed over. To be written before the checkpoint
    /// moves: a repetition after a crash writes the same over it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_import_errors(
        &self,
        import: &Import,
        list: RowList,
        errors: &[StoredRowError],
    ) -> Result<()> {
        for (chunk, errors) in (0..).zip(errors.chunks(ERRORS_A_CHUNK)) {
            let sk = list.chunk(import.counts.total, chunk);
            let errors = errors.to_vec();
            let mut row = item(keys::import(import.id), sk, &Chunk { errors })?;
            row.insert("expires_at".to_owned(), n(import.created_at.timestamp() + KEPT_S));
            let put = self
                .db
                .put_item()
                .table_name(&self.tables.ephemeral)
                .set_item(Some(row));
            put.send().await.map_err(StoreError::from_sdk)?;
        }
        Ok(())
    }

    /// Some of a list, in the rows' order, after a place that an earlier answer gave; and the place after it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn import_errors(
        &self,
        id: ImportId,
        list: RowList,
        after: Option<&str>,
        chunks: i32,
        now: Instant,
    ) -> Result<(Vec<StoredRowError>, Option<String>)> {
        let begins = list.begins();
        let query = self
            .db
            .query()
            .table_name(&self.tables.ephemeral)
            .key_condition_expression("PK = :pk AND SK BETWEEN :from AND :last")
            .filter_expression("expires_at > :now")
            .expression_attribute_values(":pk", s(keys::import(id)))
            // `~` comes after every letter of a key: the next page begins behind this one's last row.
            .expression_attribute_values(
                ":from",
                s(after.map_or_else(|| begins.to_owned(), |after| format!("{after}~"))),
            )
            .expression_attribute_values(":last", s(format!("{begins}~")))
            .expression_attribute_values(":now", n(now.timestamp()))
            .limit(chunks);
        let got = query.send().await.map_err(StoreError::from_sdk)?;
        let next = got.last_evaluated_key().and_then(|last| text(last, "SK"));
        let next = next.map(str::to_owned);
        let mut errors = Vec::new();
        for row in got.items.unwrap_or_default() {
            let Chunk { errors: more } = read(row)?;
            errors.extend(more);
        }
        Ok((errors, next))
    }
}
