//! trunkline-telephony.
