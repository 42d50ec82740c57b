//! The `hook-twilio` Lambda.

fn main() {}
