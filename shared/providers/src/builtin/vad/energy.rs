//! Voice activity by level alone: no model, well under a microsecond a frame.

use crate::audio::level::{NoiseFloor, level_db};
use crate::vad::{FRAME, VoiceActivity, VoiceActivityFactory};

/// Makes detectors that call speech whatever stands well out of the line's noise.
///
/// Unlike [`super::Silero`] it takes any new sound for speech: a cough, a
/// door, the start of music.
#[derive(Debug, Default, Clone, Copy)]
pub struct Energy;

impl VoiceActivityFactory for Energy {
    fn name(&self) -> &'static str {
        "energy"
    }

    fn open(&self) -> Box<dyn VoiceActivity> {
        Box::new(Detector::new())
    }
}

/// Where the probability is one half: dB above the floor.
const MIDDLE_DB: f32 = 13.0;
/// How fast it changes around there, in dB.
const SLOPE_DB: f32 = 2.5;
/// Nothing below this is speech on a telephone line.
const LEAST_DB: f32 = -50.0;
/// How far a level falls in one frame at most: speech has short holes.
const FALL_DB: f32 = 3.0;

#[derive(Debug)]
struct Detector {
    floor: NoiseFloor,
    smooth: f32,
}

impl Detector {
    fn new() -> Self {
        Self {
            floor: NoiseFloor::new(),
            smooth: LEAST_DB - 20.0,
        }
    }
}

impl VoiceActivity for Detector {
    fn push(&mut self, frame: &[i16; FRAME]) -> f32 {
        let level = level_db(frame);
        let floor = self.floor.observe(level);
        // Up by half the step, so that one loud click is not yet speech; down slowly.
        self.smooth = if level > self.smooth {
            0.5 * (level + self.smooth)
        } else {
            level.max(self.smooth - FALL_DB)
        };
        if self.smooth < LEAST_DB {
            return 0.0;
        }
        crate::nn::sigmoid((self.smooth - floor - MIDDLE_DB) / SLOPE_DB)
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vad::tests_audio::{noise, silence, tone};

    fn share_of_speech(detector: &mut dyn VoiceActivity, frames: &[[i16; FRAME]]) -> f32 {
        let hits = frames.iter().filter(|frame| detector.push(frame) > 0.5).count();
        hits as f32 / frames.len() as f32
    }

    #[test]
    fn silence_and_steady_noise_are_no_speech() {
        let mut detector = Energy.open();
        assert!(share_of_speech(&mut *detector, &silence(100)) < f32::EPSILON);
        share_of_speech(&mut *detector, &noise(150, 300));
        assert!(share_of_speech(&mut *detector, &noise(200, 300)) < f32::EPSILON);
    }

    #[test]
    fn a_voice_that_starts_in_noise_is_heard_within_three_frames() {
        let mut detector = Energy.open();
        share_of_speech(&mut *detector, &noise(150, 100));
        let voice = tone(10, 200.0, 6_000);
        let first = voice.iter().position(|frame| detector.push(frame) > 0.5);
        assert!(first.is_some_and(|frame| frame <= 2), "{first:?}");
    }
}
