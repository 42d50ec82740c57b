//! trunkline-carrier-sim.
