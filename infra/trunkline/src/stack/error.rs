//! Why the platform cannot start, each in a sentence for the person who started it.

use std::{io, net::SocketAddr};

use crate::provision::{ProvisionError, TemplateError};

/// Why the platform cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error(
        "cannot listen on {addr}: {source}. Something else may be running there; set {variable} to another address, such as 127.0.0.1:8080"
    )]
    Bind {
        /// Which variable sets it.
        variable: &'static str,
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A real carrier without an account.
    #[error(
        "calls go to a real carrier, and no account is given: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or leave TRUNKLINE_CARRIER for the simulated one"
    )]
    NoAccount,
    /// The embedded stores.
    #[error(transparent)]
    Stores(#[from] trunkline_aws_local::StartError),
    /// The simulated carrier.
    #[error(transparent)]
    Simulator(#[from] trunkline_carrier_sim::SimError),
    /// Tables, queues, bucket.
    #[error("{source}{given}")]
    Provision {
        /// What could not be made.
        source: ProvisionError,
        /// Which endpoints variables name, in brackets; empty where they are embedded.
        given: String,
    },
    /// The template that was compiled in.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Configuration and clients.
    #[error(transparent)]
    Wiring(#[from] trunkline_runtime::WiringError),
    /// Open media streams where others can reach them.
    #[error(transparent)]
    OpenMedia(#[from] trunkline_media::NotLoopback),
    /// The mail server.
    #[error(transparent)]
    Mail(#[from] job_mail::NotAMailServer),
    /// The first admin.
    #[error("the first admin cannot be made: {0}")]
    Admin(#[from] trunkline_domain::Error),
}
