//! The `api-recordings` Lambda.

fn main() {}
