//! job-scheduler.
