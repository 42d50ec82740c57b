//! The composition root: everything in one process, and the tools around it.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod call_plan;
pub mod calls;
mod carrier_hooks;
mod causes;
pub mod cli;
mod desks;
mod env_file;
pub mod models;
pub mod openapi;
pub mod provision;
mod routes;
mod sockets;
pub mod stack;

pub use stack::{Stack, StartError};
pub use trunkline_runtime::Config;
