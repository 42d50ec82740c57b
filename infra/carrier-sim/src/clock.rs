//! The only place that reads the clock.

use chrono::{DateTime, Utc};

/// A moment in UTC, as the carrier reports it.
pub(crate) type Moment = DateTime<Utc>;

/// The present moment, cut to whole milliseconds (what the ledger keeps).
pub(crate) fn now() -> Moment {
    from_ms(Utc::now().timestamp_millis())
}

/// Milliseconds since 1970 as a moment; the epoch itself for values no calendar has.
pub(crate) fn from_ms(ms: i64) -> Moment {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// `Tue, 31 Aug 2010 20:36:28 +0000`, the form of every date in the carrier's JSON.
pub(crate) fn rfc2822(at: Moment) -> String {
    at.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_carrier_writes_them() {
        assert_eq!(
            rfc2822(from_ms(1_283_286_988_000)),
            "Tue, 31 Aug 2010 20:36:28 +0000"
        );
        assert_eq!(
            rfc2822(from_ms(1_283_460_000_000)),
            "Thu, 02 Sep 2010 20:40:00 +0000"
        );
    }
}
