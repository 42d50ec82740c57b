//! The simulator over real sockets, against a small stand-in for the platform.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    missing_docs,
    unreachable_pub,
    reason = "a test may stop at the first surprise, and stands outside the platform's rules"
)]

mod bench;
mod calls;
mod conferences;
mod faults;
mod lists;
mod load;
mod operators;
mod platform;
mod rest;
mod socket;
mod streams;
mod verbs;
