//! A caller and a human agent, from the answer to the end: the real services over the real store, a scripted carrier, and a clock that is
//! turned by hand. Whatever the order of what is told, and whoever dies in between, it ends clean and nobody is held.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod carrier;
mod crashes;
mod endings;
mod handover;
mod listening;
mod lost;
mod orders;
mod queue;
mod speed;
mod world;
