//! The `api-meta` Lambda.

fn main() {}
