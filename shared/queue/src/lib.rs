//! trunkline-queue.
