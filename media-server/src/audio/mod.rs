//! Telephone audio, purely: mu-law, frames, level.

pub mod frames;
pub mod level;
pub mod mulaw;

/// Samples (and mu-law bytes) in a 20 ms frame at 8 kHz.
pub const FRAME: usize = trunkline_providers::vad::FRAME;

/// What a frame lasts.
pub const FRAME_MS: u64 = 20;

/// Samples in a millisecond of telephone audio.
pub const SAMPLES_PER_MS: u64 = 8;

/// 20 ms of linear audio, 8 kHz mono.
pub type Frame = [i16; FRAME];

/// 20 ms of mu-law, as the carrier sends it.
pub type UlawFrame = [u8; FRAME];
