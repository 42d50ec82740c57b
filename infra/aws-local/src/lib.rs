//! trunkline-aws-local.
