//! trunkline-media.
