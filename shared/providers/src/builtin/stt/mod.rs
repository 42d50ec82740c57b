//! Speech to text by Whisper tiny.en.
//!
//! A call's audio waits in its own small task ([`turn`]); at the end of a turn
//! it goes to the one decoder thread ([`worker`]) over a bounded queue.

mod ct2;
mod decoder;
mod encoder;
mod mel;
mod provider;
mod text;
mod tokens;
mod turn;
mod whisper;
mod worker;

pub use provider::Whisper;
