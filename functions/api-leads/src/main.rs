//! The `api-leads` Lambda.

fn main() {}
