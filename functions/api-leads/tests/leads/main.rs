//! Leads, asked as a client of the document asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod bad_files;
mod dnc;
mod explain;
mod imports;
mod world;
mod wrong;
