//! job-fanout.
