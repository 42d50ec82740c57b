//! The `api-auth` Lambda.

fn main() {}
