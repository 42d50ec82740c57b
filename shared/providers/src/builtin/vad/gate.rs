//! Keeps quiet frames away from the network: most of a call is one side quiet,
//! and a level costs a hundredth of an inference.

use crate::audio::level::{NoiseFloor, level_db};
use crate::vad::FRAME;

/// How far above the line's noise a frame must be to be looked at.
const ABOVE_FLOOR_DB: f32 = 7.0;
/// Below this nothing is looked at.
const LEAST_DB: f32 = -58.0;
/// Frames that stay open after the last loud one: 300 ms, so that the
/// network sees the end of speech for itself.
const HOLD_FRAMES: u32 = 15;

/// Decides for each frame whether the network should hear it.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    floor: NoiseFloor,
    hold: u32,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            floor: NoiseFloor::new(),
            hold: 0,
        }
    }

    /// Whether this frame is to be heard. `speaking`: the network's last word
    /// was that someone speaks, which keeps the gate open by itself.
    pub(crate) fn observe(&mut self, frame: &[i16; FRAME], speaking: bool) -> bool {
        let level = level_db(frame);
        let floor = self.floor.observe(level);
        if speaking || (level > LEAST_DB && level > floor + ABOVE_FLOOR_DB) {
            self.hold = HOLD_FRAMES;
        } else {
            self.hold = self.hold.saturating_sub(1);
        }
        self.hold > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vad::tests_audio::{noise, silence, tone};

    #[test]
    fn quiet_frames_are_skipped_and_loud_ones_are_not() {
        let mut gate = Gate::new();
        assert!(silence(100).iter().all(|frame| !gate.observe(frame, false)));
        assert!(gate.observe(&tone(1, 300.0, 2_000)[0], false));
        // Held open for the rest of the word, then closed again.
        let open = silence(50)
            .iter()
            .filter(|frame| gate.observe(frame, false))
            .count();
        assert_eq!(open, 14);
    }

    #[test]
    fn steady_noise_is_learnt_and_then_skipped() {
        let mut gate = Gate::new();
        noise(150, 400).iter().for_each(|frame| {
            gate.observe(frame, false);
        });
        assert!(noise(100, 400).iter().all(|frame| !gate.observe(frame, false)));
    }

    #[test]
    fn the_networks_word_keeps_it_open() {
        let mut gate = Gate::new();
        gate.observe(&tone(1, 300.0, 2_000)[0], false);
        assert!(silence(100).iter().all(|frame| gate.observe(frame, true)));
    }
}
