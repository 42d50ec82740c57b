//! The `trunkline` Lambda.

fn main() {}
