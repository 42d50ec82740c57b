//! A session's time, which stands still while its call is paused.

use std::time::Duration;

use tokio::time::Instant;

/// A call that is paused for longer is over.
const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Milliseconds from the stream's start, without the pauses.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    paused: Option<Instant>,
}

impl Clock {
    pub(crate) fn since(started: Instant) -> Self {
        Self {
            started,
            paused: None,
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        let now = self.paused.unwrap_or_else(Instant::now);
        u64::try_from((now - self.started).as_millis()).unwrap_or(u64::MAX)
    }

    /// When the session's clock will show `ms`, should no pause come between.
    pub(crate) fn at(&self, ms: u64) -> Instant {
        self.started + Duration::from_millis(ms)
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    pub(crate) fn pause(&mut self) {
        self.paused.get_or_insert_with(Instant::now);
    }

    pub(crate) fn resume(&mut self) {
        if let Some(paused) = self.paused.take() {
            self.started += paused.elapsed();
        }
    }

    /// When the pause has lasted too long.
    pub(crate) fn pause_ends(&self) -> Option<Instant> {
        self.paused.map(|paused| paused + PAUSE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_takes_no_time() {
        let mut clock = Clock::since(Instant::now());
        tokio::time::advance(Duration::from_millis(300)).await;
        clock.pause();
        tokio::time::advance(Duration::from_secs(10)).await;
        clock.pause();
        assert_eq!(clock.now_ms(), 300);
        clock.resume();
        tokio::time::advance(Duration::from_millis(20)).await;
        clock.resume();
        assert_eq!(clock.now_ms(), 320);
        assert_eq!(clock.at(500), Instant::now() + Duration::from_millis(180));
    }
}
