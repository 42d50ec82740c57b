//! Every key of every table, and nothing else. ARCHITECTURE.md has the map.

use trunkline_domain::Instant;

mod calls;
mod dialing;
mod directory;
mod ephemeral;
mod identity;
mod imports;
mod webhooks;

pub use calls::*;
pub use dialing::*;
pub use directory::*;
pub use ephemeral::*;
pub use identity::*;
pub use imports::*;
pub use webhooks::*;

/// Sortable text of an instant: fixed width, milliseconds.
#[must_use]
pub fn time(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
