//! How loud a frame is, and how loud the line is when nobody speaks.

/// What silence is reported as, in dB below full scale.
pub(crate) const SILENCE_DB: f32 = -96.0;

/// The frame's level in dB below full scale; [`SILENCE_DB`] for digital silence.
pub(crate) fn level_db(frame: &[i16]) -> f32 {
    let energy: f32 = frame.iter().map(|&s| f32::from(s) * f32::from(s)).sum();
    let mean = energy / (frame.len().max(1) as f32 * 32_768.0 * 32_768.0);
    (10.0 * mean.max(1e-12).log10()).max(SILENCE_DB)
}

/// Frames of 20 ms in one bucket of the minimum search.
const BUCKET_FRAMES: u32 = 10;
/// Buckets kept: 1.6 s, longer than anyone speaks without a dip in level.
const BUCKETS: usize = 8;
/// Where the floor is put before the line has been heard.
const START_DB: f32 = -66.0;

/// Follows the line's noise by the lowest level of the last 1.6 s.
///
/// A minimum, not an average: long speech does not lift it, and a line that
/// becomes noisier is learnt within 1.6 s.
#[derive(Debug, Clone)]
pub(crate) struct NoiseFloor {
    buckets: [f32; BUCKETS],
    next: usize,
    current: f32,
    frames: u32,
}

impl NoiseFloor {
    pub(crate) fn new() -> Self {
        Self {
            buckets: [START_DB; BUCKETS],
            next: 0,
            current: 0.0,
            frames: 0,
        }
    }

    /// Takes the level of the next frame and answers the floor, both in dB.
    pub(crate) fn observe(&mut self, level: f32) -> f32 {
        self.current = self.current.min(level);
        self.frames += 1;
        if self.frames == BUCKET_FRAMES {
            self.buckets[self.next] = self.current;
            self.next = (self.next + 1) % BUCKETS;
            self.current = 0.0;
            self.frames = 0;
        }
        let lowest = self.buckets.iter().copied().fold(self.current, f32::min);
        lowest.clamp(-75.0, -30.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_scale_is_zero_and_nothing_is_silence() {
        assert!(level_db(&[i16::MIN; 160]).abs() < 0.01);
        assert!((level_db(&[0; 160]) - SILENCE_DB).abs() < f32::EPSILON);
        assert!((level_db(&[]) - SILENCE_DB).abs() < f32::EPSILON);
        assert!((level_db(&[3_277; 160]) + 20.0).abs() < 0.01);
    }

    #[test]
    fn the_floor_follows_a_noisier_line_within_two_seconds_and_not_a_sentence() {
        let mut floor = NoiseFloor::new();
        let quiet = (0..200).map(|_| floor.observe(-60.0)).last();
        assert_eq!(quiet, Some(-60.0));
        // Speech: loud, with the short dips that all speech has.
        let speech = (0..200)
            .map(|i| floor.observe(if i % 30 < 2 { -58.0 } else { -20.0 }))
            .last();
        assert_eq!(speech, Some(-58.0));
        let noisy = (0..100).map(|_| floor.observe(-40.0)).last();
        assert_eq!(noisy, Some(-40.0));
    }
}
