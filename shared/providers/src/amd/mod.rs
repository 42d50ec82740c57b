//! Answering-machine detection: who picked up, a person or a machine?
//!
//! Pure: the media server gives each 20 ms frame with its speech flag, and the
//! words heard so far; time is counted in frames.

mod detector;
mod phrases;
mod tone;

pub use detector::{Detector, Heard, Verdict};
pub use phrases::is_machine_greeting;
pub use tone::{Tone, tone_of};
