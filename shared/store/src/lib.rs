//! trunkline-store.
