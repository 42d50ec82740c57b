//! What is wrong with a file, and what with a row.

use trunkline_domain::FieldError;

/// Why a file cannot be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing in it.
    #[error("the file is empty; its first row must name the columns, one of them `phone`")]
    Empty,
    /// No text at all.
    #[error("the file is {0}, not a CSV file; save or export the list as CSV (UTF-8) and upload that")]
    NotText(&'static str),
    /// The header names no column of phone numbers.
    #[error(
        "no column holds phone numbers: the first row names {}; name one `phone`, or say which it is in `field_mapping`",
        named(.columns)
    )]
    NoPhone {
        /// The columns that it names.
        columns: Vec<String>,
    },
    /// The header itself is wrong.
    #[error("the first row, which names the columns, is wrong: {0}")]
    Header(String),
    /// The mapping of columns to fields does not fit.
    #[error("{}", .0.iter().map(|e| format!("{}: {}", e.field, e.what)).collect::<Vec<_>>().join("; "))]
    Mapping(Vec<FieldError>),
    /// A row without end.
    #[error(
        "row {row} is longer than {limit_bytes} bytes; perhaps a quotation mark (\") opens in it that nothing closes"
    )]
    RowTooLong {
        /// Its number, as a spreadsheet counts.
        row: u64,
        /// The most that a row may have.
        limit_bytes: usize,
    },
    /// The source failed.
    #[error("the file could not be read to its end")]
    Read(#[source] std::io::Error),
}

/// What is wrong with one field of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row as a spreadsheet numbers it: the header is 1.
    pub row: u64,
    /// The lead's field, such as `phone`; `row` when it is the row's shape.
    pub field: String,
    /// What stood there, at most 100 characters of it.
    pub value: String,
    /// What was wrong, and what would be right.
    pub error: String,
}

impl RowError {
    pub(crate) fn new(row: u64, field: impl Into<String>, value: &str, error: impl Into<String>) -> Self {
        Self {
            row,
            field: field.into(),
            value: value.chars().take(100).collect(),
            error: error.into(),
        }
    }
}

/// The first columns by name, for a message.
pub(crate) fn named(columns: &[String]) -> String {
    let shown: Vec<String> = columns
        .iter()
        .take(10)
        .map(|name| format!("`{}`", name.chars().take(40).collect::<String>()))
        .collect();
    let more = columns.len().saturating_sub(shown.len());
    match (shown.is_empty(), more) {
        (true, _) => "nothing".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
