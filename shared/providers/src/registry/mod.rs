//! Which parts a call speaks with, by name, and how far the built-in ones are.

mod choice;
mod engines;
mod lazy;
mod speech;

pub use choice::{Choice, UnknownProvider};
pub use speech::{Providers, Speech, SpeechOptions, SpeechStatus};
