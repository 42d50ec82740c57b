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
