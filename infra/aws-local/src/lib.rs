//! Embedded AWS: DynamoDB with streams, SQS and S3, spoken by the real AWS SDKs over loopback and kept on
//! disk.
//!
//! [`AwsLocal::start`] makes the data folder private (0700), locks it, and starts each service that is asked for
//! on a free loopback port, in a thread and an async runtime of its own, so that disk work there never delays
//! the 20 ms media ticks of the caller's runtime. A new access key and secret are made at each start; every
//! service refuses any other.
//!
//! What is acknowledged survives the end of the process, `SIGKILL` included: each database is in SQLite's WAL
//! mode with `synchronous = NORMAL`, so a write is in the operating system's hands before it is answered. (A
//! power cut can lose the last moments, but never damages the files.) The folder's lock dies with the
//! process.
//!
//! Clients set the region to [`AwsLocal::REGION`] and, for S3, `force_path_style(true)`.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the other side of a wire: it has a clock and makes ids of its own, as AWS does"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod clock;
mod dynamo;
#[cfg(feature = "memory")]
pub mod dynamo_memory;
mod endpoint;
mod error;
mod folder;
mod keys;
#[cfg(feature = "memory")]
mod memory_tables;
mod s3;
mod service;
mod sqlite;
mod sqs;
mod stack;

pub use dynamo::{SweepError, Swept};
pub use error::StartError;
#[cfg(feature = "memory")]
pub use memory_tables::TableSet;
pub use service::Service;
pub use stack::{AwsLocal, Options};
