//! trunkline-auth.
