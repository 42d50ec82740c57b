//! The vendors' clients against stand-ins that speak the vendors' documented
//! protocols, faults included.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod cartesia;
mod chat;
mod deepgram;
mod socket;
mod spoken;
mod web;
