//! The `api-campaigns` Lambda.

fn main() {}
