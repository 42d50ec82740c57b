//! api-meta.
