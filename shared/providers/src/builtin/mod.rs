//! The parts that need no key and, once the models are there, no network.

pub mod analysis;
pub mod dialogue;
pub mod stt;
pub mod tts;
pub mod vad;

mod load;
pub(crate) mod passage;
pub(crate) mod words;

pub use load::LoadError;
