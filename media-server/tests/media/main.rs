//! The media server over real sockets: a scripted Twilio client talks to it,
//! with providers and a platform of our own behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod admission;
mod browser;
mod conversation;
mod doubles;
mod endings;
mod handover;
mod phone;
mod voice;
mod voice_refusals;
