//! The `job-scheduler` Lambda.

fn main() {}
