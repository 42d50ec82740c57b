//! The deployment as a whole: maintenance and totals, for its admin.

mod maintenance;
mod stats;

pub use maintenance::{closed, set};
pub use stats::{Stats, stats};
