//! api-recordings.
