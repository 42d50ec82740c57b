//! Speech to text, language models, text to speech: the traits that a call
//! speaks through, the built-in offline parts, and the stubs for load tests.
//!
//! Every live part is a pair of bounded channels, so that the media server's
//! one `select!` loop can drive any of them and inference never delays a 20 ms
//! tick. Audio is mono `i16` at [`RATE_HZ`].

pub mod error;
pub mod llm;
pub mod stt;
pub mod tts;
pub mod vad;

pub use error::ProviderError;

/// Sample rate of all audio that crosses these traits: the telephone's 8 kHz.
pub const RATE_HZ: u32 = 8_000;
