//! job-dialer.
