//! Lists of leads, as people have them: files of comma-separated values from spreadsheets.
//!
//! [`open`] looks at the beginning of a file and reads its header; the [`Rows`] it gives are then read one by one, in constant
//! memory whatever the file's size; [`survey()`] looks over a file that has yet to be read. What is wrong with the file as a whole is a [`FileError`]; what is wrong
//! with a row is told by row, field, value and reason, and the other rows go on.
//!
//! Pure but for the `Read` that it is given: it knows no store and no clock. Whether a number is new, or may be called, is its caller's question.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod columns;
mod draft;
mod error;
mod fields;
mod limited;
mod number;
mod rows;
mod sniff;
mod survey;

pub use columns::{FIELDS, Mapping};
pub use error::{FileError, RowError};
pub use rows::{LeadRow, Row, Rows, open};
pub use survey::{Survey, survey};
