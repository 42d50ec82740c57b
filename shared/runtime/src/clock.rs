//! The machine's clocks.

use std::time::Duration;

use chrono::{SubsecRound, Utc};
use trunkline_domain::Instant;
use trunkline_service::Clock;

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others are given"
    )]
    fn now(&self) -> Instant {
        Utc::now().trunc_subsecs(3)
    }

    fn boot_ms(&self) -> u64 {
        // The one that goes on while the machine sleeps: on Linux it has a name of its own, elsewhere it is the monotonic one.
        #[cfg(target_os = "linux")]
        let clock = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = rustix::time::ClockId::Monotonic;
        let since = rustix::time::clock_gettime(clock);
        let seconds = u64::try_from(since.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(since.tv_nsec).unwrap_or(0);
        seconds.saturating_mul(1_000) + nanos / 1_000_000
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn now_is_in_whole_milliseconds_and_boot_time_never_goes_back() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000_000, 0);
        let before = SystemClock.boot_ms();
        assert!(before > 0 && SystemClock.boot_ms() >= before);
    }
}
