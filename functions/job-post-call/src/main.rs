//! The `job-post-call` Lambda.

fn main() {}
