//! job-post-call.
