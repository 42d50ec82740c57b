//! trunkline-service.
