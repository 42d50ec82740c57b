//! An answering machine: greeting, beep, then silence while it records.

use super::{Deed, Own, Party, Senses, script};
use crate::audio::FRAME_MS;

/// It hangs up after so much silence.
const SILENCE_MS_MAX: u32 = 30_000;
/// And records no longer than this.
const MESSAGE_MS_MAX: u32 = 120_000;
const PICK_UP_MS: u32 = 300;
const BEFORE_BEEP_MS: u32 = 300;

#[derive(Debug)]
enum Phase {
    PickingUp { for_ms: u32 },
    Greeting,
    BeforeBeep { for_ms: u32 },
    Beeping,
    Recording { for_ms: u32, quiet_ms: u32 },
}

/// An answering machine.
#[derive(Debug)]
pub(crate) struct Machine {
    phase: Phase,
    /// When above 0: hang up so long after the beep.
    talk_ms: u32,
}

impl Machine {
    pub(crate) fn new(talk_ms: u32) -> Self {
        Self {
            phase: Phase::PickingUp { for_ms: 0 },
            talk_ms,
        }
    }

    fn recording(&mut self, for_ms: u32, quiet_ms: u32, loud: bool) -> Deed {
        let for_ms = for_ms + FRAME_MS;
        let quiet_ms = if loud { 0 } else { quiet_ms + FRAME_MS };
        self.phase = Phase::Recording { for_ms, quiet_ms };
        let out_of_time = self.talk_ms > 0 && for_ms >= self.talk_ms;
        if out_of_time || quiet_ms >= SILENCE_MS_MAX || for_ms >= MESSAGE_MS_MAX {
            Deed::HangUp
        } else {
            Deed::Wait
        }
    }
}

impl Party for Machine {
    fn tick(&mut self, senses: Senses) -> Deed {
        match self.phase {
            Phase::PickingUp { for_ms } if for_ms >= PICK_UP_MS => {
                self.phase = Phase::Greeting;
                Deed::Say(script::GREETING)
            }
            Phase::PickingUp { for_ms } => {
                self.phase = Phase::PickingUp {
                    for_ms: for_ms + FRAME_MS,
                };
                Deed::Wait
            }
            Phase::Greeting => {
                if senses.own == Own::Silent {
                    self.phase = Phase::BeforeBeep { for_ms: 0 };
                }
                Deed::Wait
            }
            Phase::BeforeBeep { for_ms } if for_ms >= BEFORE_BEEP_MS => {
                self.phase = Phase::Beeping;
                Deed::Beep
            }
            Phase::BeforeBeep { for_ms } => {
                self.phase = Phase::BeforeBeep {
                    for_ms: for_ms + FRAME_MS,
                };
                Deed::Wait
            }
            Phase::Beeping => {
                if senses.own == Own::Silent {
                    self.phase = Phase::Recording {
                        for_ms: 0,
                        quiet_ms: 0,
                    };
                }
                Deed::Wait
            }
            Phase::Recording { for_ms, quiet_ms } => self.recording(for_ms, quiet_ms, senses.loud),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

    #[test]
    fn greets_beeps_and_hangs_up_after_half_a_minute_of_silence() {
        let (mut machine, mut stage) = (Machine::new(0), Stage::new());
        stage.pass(&mut machine, 10_000, false);
        assert_eq!(stage.lines(), [script::GREETING]);
        assert_eq!(stage.beeps.len(), 1);
        assert!(
            stage.beeps[0] > stage.said[0].0 + LINE_MS,
            "the beep follows the greeting"
        );
        stage.pass(&mut machine, 5000, true);
        let quiet_from = stage.now_ms;
        stage.pass(&mut machine, 60_000, false);
        assert_eq!(stage.hung_up, Some(quiet_from + SILENCE_MS_MAX));
    }

    #[test]
    fn with_talk_time_it_hangs_up_that_long_after_the_beep() {
        let (mut machine, mut stage) = (Machine::new(2000), Stage::new());
        stage.pass(&mut machine, 20_000, false);
        let after_beep = stage.hung_up.unwrap() - stage.beeps[0];
        assert!((2500..2700).contains(&after_beep), "{after_beep}");
    }

    #[test]
    fn a_message_without_end_is_cut_off() {
        let (mut machine, mut stage) = (Machine::new(0), Stage::new());
        stage.pass(&mut machine, 10_000, false);
        stage.pass(&mut machine, 200_000, true);
        assert!(stage.hung_up.is_some());
    }
}
