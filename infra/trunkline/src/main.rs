//! The `trunkline` binary: see [`trunkline::cli`].

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    trunkline::cli::run().await
}
