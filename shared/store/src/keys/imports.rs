//! Keys of imports.

use trunkline_domain::{ImportId, Instant};

use super::time;

/// An import: its row in `dialing`, what was wrong with its rows in `ephemeral`.
#[must_use]
pub fn import(import: ImportId) -> String {
    format!("I#{import}")
}
/// An import's id, out of its key.
pub(crate) fn read_import(pk: &str) -> Option<ImportId> {
    pk.strip_prefix("I#")?.parse().ok()
}
/// Begins the sort keys of what was wrong with an import's rows.
pub const IMPORT_ERRORS: &str = "ERR#";
/// What was wrong with the rows after these many: one of its chunks.
#[must_use]
pub fn import_errors(rows_before: u64, chunk: u32) -> String {
    format!("{IMPORT_ERRORS}{rows_before:012}#{chunk:04}")
}
/// Begins the sort keys of the rows that were passed over.
pub const IMPORT_PASSED: &str = "PASS#";
/// Those among the rows after these many: one of its chunks.
#[must_use]
pub fn import_passed(rows_before: u64, chunk: u32) -> String {
    format!("{IMPORT_PASSED}{rows_before:012}#{chunk:04}")
}
/// Index `due`, begins the sort keys of unfinished imports: apart from the times of all else.
pub const IMPORT_DUE: &str = "import#";
/// Index `due`, sort key of an import that is not finished.
#[must_use]
pub fn import_due(at: Instant) -> String {
    format!("{IMPORT_DUE}{}", time(at))
}
