//! The wall clock of the embedded services.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970. Wall-clock time, because visibility, retention and modification times outlive the
/// process.
pub(crate) fn now_ms() -> i64 {
    // A clock before 1970 is no clock: then everything is simply due.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
