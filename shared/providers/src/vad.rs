//! Voice activity: is this 20 ms speech?

/// Samples in a 20 ms frame at 8 kHz.
pub const FRAME: usize = 160;

/// One call's detector; keeps state between frames.
pub trait VoiceActivity: Send + std::fmt::Debug {
    /// Takes the next 20 ms and answers the probability of speech, 0 to 1.
    fn push(&mut self, frame: &[i16; FRAME]) -> f32;
    /// Forgets what it has heard.
    fn reset(&mut self);
}

/// Makes detectors; the model's weights are shared by all of them.
pub trait VoiceActivityFactory: Send + Sync + std::fmt::Debug {
    /// Its name: `silero`, `energy`.
    fn name(&self) -> &'static str;
    /// A detector for one call.
    fn open(&self) -> Box<dyn VoiceActivity>;
}

/// Audio that the tests of several detectors share.
#[cfg(test)]
pub(crate) mod tests_audio {
    use super::FRAME;

    pub(crate) fn silence(frames: usize) -> Vec<[i16; FRAME]> {
        vec![[0; FRAME]; frames]
    }

    /// Even noise of a given peak.
    pub(crate) fn noise(frames: usize, peak: i16) -> Vec<[i16; FRAME]> {
        let mut seed = 1_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let unit = i32::try_from(seed >> 16).unwrap() - 32_768;
            i16::try_from(unit * i32::from(peak) / 32_768).unwrap()
        };
        (0..frames).map(|_| std::array::from_fn(|_| next())).collect()
    }

    /// A steady tone of a given peak.
    pub(crate) fn tone(frames: usize, hz: f32, peak: i16) -> Vec<[i16; FRAME]> {
        let at = |i: usize| {
            let angle = std::f32::consts::TAU * hz * i as f32 / 8_000.0;
            crate::audio::to_i16(angle.sin() * f32::from(peak) / 32_768.0)
        };
        (0..frames)
            .map(|frame| std::array::from_fn(|i| at(frame * FRAME + i)))
            .collect()
    }
}
