//! The media server: a phone call's audio in, a conversation, audio out.
//!
//! [`session`] and [`audio`] are pure; [`stream`] speaks the carriers'
//! protocols; `driver` joins them to the providers; [`port`] is what the
//! server needs of the platform.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod audio;
pub mod session;
