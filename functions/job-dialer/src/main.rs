//! The `job-dialer` Lambda.

fn main() {}
