//! Speech to text, language models, text to speech: the traits that a call
//! speaks through, the built-in offline parts, and the stubs for load tests.
//!
//! Every live part is a pair of bounded channels, so that the media server's
//! one `select!` loop can drive any of them and inference never delays a 20 ms
//! tick. Audio is mono `i16` at [`RATE_HZ`].

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod amd;
pub mod audio;
pub mod builtin;
pub mod cloud;
pub mod error;
pub mod llm;
pub mod models;
pub mod registry;
pub mod stt;
pub mod stub;
pub mod tts;
pub mod vad;

mod nn;

pub use error::ProviderError;
pub use registry::{Providers, Speech, SpeechOptions, SpeechStatus};

/// Sample rate of all audio that crosses these traits: the telephone's 8 kHz.
pub const RATE_HZ: u32 = 8_000;
