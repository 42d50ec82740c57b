//! Tests that see the whole platform: what it is built of, and what it does for its users.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and is the outside world, which has a clock and chance of its own"
)]

mod architecture;
mod contract;
mod faults;
mod flows;
mod licences;
mod sources;
mod support;
mod template;
