//! Requests to addresses that users give: webhooks, integrations, files.
//!
//! Whoever gives the platform a URL to call could give one of its own insides. So the name is resolved here, every address is
//! checked, and the request connects to the very address that was checked: at save time ([`Outbound::check`]) and again at each
//! call ([`Outbound::send`]). No redirects are followed, no proxy is used, and time and bytes are bounded.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod address;
mod resolve;
mod send;
#[cfg(test)]
mod send_tests;
mod url;

use std::sync::{Arc, OnceLock};

pub use resolve::Lookup;
pub use send::{Answer, Failure, Method, Request};

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    allow_private: bool,
    lookup: Arc<dyn Lookup>,
    // Made at the first request: reading the machine's roots of trust costs some milliseconds, and most functions send nothing.
    http: Arc<OnceLock<reqwest::Client>>,
}

impl Outbound {
    /// With the system's resolver. `allow_private` lets private addresses through, for tests on loopback.
    #[must_use]
    pub fn new(allow_private: bool) -> Self {
        Self::with_lookup(allow_private, Arc::new(resolve::System))
    }

    /// With another resolver.
    #[must_use]
    pub fn with_lookup(allow_private: bool, lookup: Arc<dyn Lookup>) -> Self {
        Self {
            allow_private,
            lookup,
            http: Arc::default(),
        }
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound")
            .field("allow_private", &self.allow_private)
            .finish_non_exhaustive()
    }
}
