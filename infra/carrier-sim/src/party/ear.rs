//! Listening by loudness: when somebody has begun to speak, and when they are done.

use crate::audio::FRAME_MS;

/// Shorter bursts are clicks, not speech.
const SPEECH_MS_MIN: u32 = 100;

/// What an ear makes of the line at this tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hears {
    /// Nothing, for so long.
    Nothing { ms: u32 },
    /// Somebody in the middle of an utterance that began so long ago, short pauses included.
    Voice { ms: u32 },
    /// The utterance is over. Told once.
    Ended,
}

/// Listens for utterances.
#[derive(Debug)]
pub(crate) struct Ear {
    /// This much silence ends an utterance.
    pause_ms: u32,
    voiced_ms: u32,
    since_start_ms: u32,
    quiet_ms: u32,
}

impl Ear {
    pub(crate) fn new(pause_ms: u32) -> Self {
        Self {
            pause_ms,
            voiced_ms: 0,
            since_start_ms: 0,
            quiet_ms: 0,
        }
    }

    /// Forgets what was heard so far: from now on a new utterance is waited for.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.pause_ms);
    }

    /// 20 ms more.
    pub(crate) fn tick(&mut self, loud: bool) -> Hears {
        if loud {
            self.voiced_ms += FRAME_MS;
            self.quiet_ms = 0;
        } else {
            self.quiet_ms += FRAME_MS;
        }
        if self.voiced_ms > 0 {
            self.since_start_ms += FRAME_MS;
        }
        let over = self.quiet_ms >= self.pause_ms;
        if self.voiced_ms < SPEECH_MS_MIN {
            if over {
                (self.voiced_ms, self.since_start_ms) = (0, 0);
            }
            return Hears::Nothing { ms: self.quiet_ms };
        }
        if over {
            self.reset();
            return Hears::Ended;
        }
        Hears::Voice {
            ms: self.since_start_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(ear: &mut Ear, ms: u32, loud: bool) -> Vec<Hears> {
        (0..ms / FRAME_MS).map(|_| ear.tick(loud)).collect()
    }

    #[test]
    fn an_utterance_ends_once_after_the_pause() {
        let mut ear = Ear::new(800);
        assert_eq!(run(&mut ear, 1000, true).last(), Some(&Hears::Voice { ms: 1000 }));
        let after = run(&mut ear, 2000, false);
        assert_eq!(
            after.iter().position(|h| *h == Hears::Ended),
            Some(39),
            "800 ms later"
        );
        assert_eq!(after.iter().filter(|h| **h == Hears::Ended).count(), 1);
    }

    #[test]
    fn a_breath_between_sentences_does_not_end_it() {
        let mut ear = Ear::new(800);
        run(&mut ear, 500, true);
        assert!(!run(&mut ear, 600, false).contains(&Hears::Ended));
        assert_eq!(run(&mut ear, 500, true).last(), Some(&Hears::Voice { ms: 1600 }));
    }

    #[test]
    fn a_click_is_not_speech() {
        let mut ear = Ear::new(800);
        run(&mut ear, 60, true);
        let after = run(&mut ear, 3000, false);
        assert!(after.iter().all(|h| matches!(h, Hears::Nothing { .. })));
    }
}
