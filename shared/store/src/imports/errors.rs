//! What was wrong with an import's rows: all of it, in chunks, for as long as the file itself is kept.

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

/// Errors in one chunk: an item takes 400 KB, and one of these has about 1 KB at most.
pub const ERRORS_A_CHUNK: usize = 200;

/// What was wrong with one field of one row.
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
}

#[derive(Debug, Serialize, Deserialize)]
struct Chunk {
    errors: Vec<StoredRowError>,
}

impl Store {
    /// Keeps what was wrong with the rows after an import's checkpoint. To be written before the checkpoint moves: a repetition
    /// after a crash writes the same over it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_import_errors(&self, import: &Import, errors: &[StoredRowError]) -> Result<()> {
        for (chunk, errors) in (0..).zip(errors.chunks(ERRORS_A_CHUNK)) {
            let sk = keys::import_errors(import.counts.total, chunk);
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

    /// Some of what was wrong with an import's rows, in their order, after a place that an earlier answer gave; and the place after it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn import_errors(
        &self,
        id: ImportId,
        after: Option<&str>,
        chunks: i32,
        now: Instant,
    ) -> Result<(Vec<StoredRowError>, Option<String>)> {
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
                s(after.map_or_else(|| keys::IMPORT_ERRORS.to_owned(), |after| format!("{after}~"))),
            )
            .expression_attribute_values(":last", s(format!("{}~", keys::IMPORT_ERRORS)))
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
