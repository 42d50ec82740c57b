//! Somebody who picks up and hangs up a fixed time later: for load tests, and for dead air.

use super::{Deed, Party, Senses};
use crate::audio::FRAME_MS;

/// So long a line with dead air stays open when the platform does not end it.
pub(super) const DEAD_AIR_MS: u32 = 60_000;
const PICK_UP_MS: u32 = 300;

/// Hangs up after a fixed time.
#[derive(Debug)]
pub(crate) struct Brief {
    hello: Option<&'static str>,
    for_ms: u32,
    talk_ms: u32,
}

impl Brief {
    /// Says hello, then nothing.
    pub(crate) fn new(hello: &'static str, talk_ms: u32) -> Self {
        Self {
            hello: Some(hello),
            for_ms: 0,
            talk_ms,
        }
    }

    /// Says nothing at all.
    pub(crate) fn silent(talk_ms: u32) -> Self {
        Self {
            hello: None,
            for_ms: 0,
            talk_ms,
        }
    }
}

impl Party for Brief {
    fn tick(&mut self, _senses: Senses) -> Deed {
        self.for_ms += FRAME_MS;
        if self.for_ms >= self.talk_ms {
            return Deed::HangUp;
        }
        if self.for_ms < PICK_UP_MS {
            return Deed::Wait;
        }
        self.hello.take().map_or(Deed::Wait, Deed::Say)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

    #[test]
    fn hangs_up_when_the_time_is_over_whatever_is_said() {
        let (mut brief, mut stage) = (Brief::new("Hello?", 2000), Stage::new());
        stage.pass(&mut brief, 5000, true);
        assert_eq!((stage.lines(), stage.hung_up), (vec!["Hello?"], Some(2000)));
    }

    #[test]
    fn dead_air_stays_silent() {
        let (mut brief, mut stage) = (Brief::silent(DEAD_AIR_MS), Stage::new());
        stage.pass(&mut brief, 59_000, false);
        assert!(stage.said.is_empty() && stage.hung_up.is_none());
    }
}
