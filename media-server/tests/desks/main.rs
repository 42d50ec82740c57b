//! Desks over real sockets, in the raw protocol, with a platform that says what it is told to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod client;
mod elsewhere;
mod limits;
mod platform;
mod telling;
mod tokens;
