//! What every process of the platform starts with: configuration, telemetry, clock and chance, clients,
//! and the two ways to be a Lambda: `serve` for requests, `consume` for queues and streams.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod aws;
pub mod carrier;
pub mod clock;
pub mod config;
pub mod data_key;
pub mod ids;
pub mod lambda;
pub mod peer;
pub mod secret;
pub mod telemetry;
pub mod wiring;

pub use aws::{Clients, Embedded};
pub use clock::SystemClock;
pub use config::{Config, ConfigError};
pub use ids::SystemIds;
pub use lambda::{Error, behind_edge, consume, on_event, serve, serve_api};
pub use wiring::WiringError;
