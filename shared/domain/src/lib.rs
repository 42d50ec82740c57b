//! trunkline-domain.
