//! How long a silence must be before the caller has finished.

use super::words;

/// How much a new pause counts against what is known of this caller.
const LEARNING: u64 = 3;

/// Learns a caller's own pauses and says how long to wait.
#[derive(Debug, Clone)]
pub struct Endpointer {
    base_ms: u64,
    max_ms: u64,
    /// Typical pause inside this caller's sentences; 0 while none was seen.
    pause_ms: u64,
}

impl Endpointer {
    /// Starts with the usual delay and a cap.
    #[must_use]
    pub fn new(base_ms: u64, max_ms: u64) -> Self {
        Self {
            base_ms,
            max_ms,
            pause_ms: 0,
        }
    }

    /// Silence after which a turn that sounds like `text` so far is over.
    #[must_use]
    pub fn delay_ms(&self, text: &str) -> u64 {
        // Half as long again as this caller usually pauses.
        let usual = self.base_ms.max(self.pause_ms + self.pause_ms / 2);
        let delay = if words::is_unfinished(text) {
            (usual * 2).max(1_200)
        } else {
            usual
        };
        delay.min(self.max_ms)
    }

    /// The caller paused for this long and then went on.
    pub fn went_on_after(&mut self, pause_ms: u64) {
        let pause_ms = pause_ms.min(self.max_ms);
        // Believed at once when longer than what is known, forgotten slowly: cutting in is worse than waiting.
        self.pause_ms = if pause_ms > self.pause_ms {
            pause_ms
        } else {
            (self.pause_ms * (LEARNING - 1) + pause_ms) / LEARNING
        };
    }

    /// A turn without pauses ended and the caller did not go on.
    pub fn was_right(&mut self) {
        self.pause_ms -= self.pause_ms / 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_thought_is_waited_for() {
        let endpoint = Endpointer::new(500, 3_000);
        assert_eq!(endpoint.delay_ms("I am free on Monday."), 500);
        assert_eq!(endpoint.delay_ms("I am free on Monday and"), 1_200);
        assert_eq!(endpoint.delay_ms(""), 500);
    }

    #[test]
    fn a_slow_speaker_gets_more_time_but_never_more_than_the_cap() {
        let mut endpoint = Endpointer::new(500, 3_000);
        endpoint.went_on_after(600);
        assert_eq!(endpoint.delay_ms("yes"), 900);
        endpoint.went_on_after(60_000);
        assert_eq!(endpoint.delay_ms("yes"), 3_000);
        assert_eq!(endpoint.delay_ms("yes and"), 3_000);
    }

    #[test]
    fn the_extra_time_is_forgotten_when_it_was_not_needed() {
        let mut endpoint = Endpointer::new(500, 3_000);
        endpoint.went_on_after(800);
        for _ in 0..40 {
            endpoint.was_right();
        }
        assert_eq!(endpoint.delay_ms("yes"), 500);
    }
}
