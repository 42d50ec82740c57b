//! api-calls.
