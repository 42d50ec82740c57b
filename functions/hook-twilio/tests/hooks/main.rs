//! The carrier's webhooks of human agents and their rooms, as the carrier sends them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test may stop at the first surprise, and one tells how long the answers took"
)]

mod order;
mod people;
mod refused;
mod speed;
mod world;
