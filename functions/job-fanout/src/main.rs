//! The `job-fanout` Lambda.

fn main() {}
