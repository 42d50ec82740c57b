//! The `api-calls` Lambda.

fn main() {}
