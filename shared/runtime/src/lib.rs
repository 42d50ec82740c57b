//! trunkline-runtime.
