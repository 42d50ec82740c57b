//! The embedded services through the real AWS SDKs: what the platform relies on, and what outsiders were
//! promised.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test may stop at the first surprise, and has a clock and an environment"
)]

mod common;
mod dynamodb;
mod kill;
mod life;
mod memory;
mod s3_edges;
mod s3_objects;
mod s3_uploads;
mod sqs_batches;
mod sqs_messages;
mod sqs_queues;
mod streams;
