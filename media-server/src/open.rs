//! Open mode: streams for load tests.

use std::net::SocketAddr;

use crate::port::CallPlan;

/// Accepts streams that no call, token or carrier stands behind.
///
/// For load tests: anyone who reaches the socket may talk, so it exists only for
/// a server that listens on loopback and is reachable by nothing else.
#[derive(Debug, Clone)]
pub struct OpenMode {
    pub(crate) plan: CallPlan,
}

/// Open mode was asked for on an address that others can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("open media streams need a loopback address such as 127.0.0.1, not {0}")]
pub struct NotLoopback(pub SocketAddr);

impl OpenMode {
    /// The caller asserts that this is where the server is reached; `plan` is
    /// how such streams are held ([`CallPlan::stub`]).
    ///
    /// # Errors
    /// [`NotLoopback`]
    pub fn on(address: SocketAddr, plan: CallPlan) -> Result<Self, NotLoopback> {
        if address.ip().is_loopback() {
            Ok(Self { plan })
        } else {
            Err(NotLoopback(address))
        }
    }
}
