//! Agents, campaigns, calls and recordings against the embedded DynamoDB, SQS and S3.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod after_call;
mod agents;
mod analysed;
mod campaigns;
mod desks;
mod ended;
mod gap;
mod grants;
mod imports;
mod voicemail;
mod web_calls;
mod who_is_paid;
mod windows;
mod world;
