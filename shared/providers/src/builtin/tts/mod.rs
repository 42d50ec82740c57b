//! Text to speech by Piper.
//!
//! Text becomes spoken words ([`text`]), words become clauses ([`clause`]) and
//! sounds ([`pronounce`]), and the voice's network speaks one clause at a time
//! on its own thread ([`worker`]), so that the first clause is heard while the
//! others are made.

mod cache;
mod clause;
mod pronounce;
mod provider;
mod text;
mod voice;
mod worker;

pub use provider::Piper;
