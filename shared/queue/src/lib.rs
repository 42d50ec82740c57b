//! Queues: one versioned message enum a queue, and partial-batch answers.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod batch;
pub mod message;
mod sender;

pub use batch::{BatchItem, failures};
pub use message::{BridgeJob, DialJob, ImportJob, MailJob, PostCallJob, Versioned, WebhookJob};
pub use sender::{QueueError, QueueNames, Queues};
