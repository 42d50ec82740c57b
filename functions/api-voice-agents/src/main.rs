//! The `api-voice-agents` Lambda.

fn main() {}
