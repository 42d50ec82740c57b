//! The writes of the dial-once protocol, each one transaction (ARCHITECTURE.md, "Dial once").

pub mod capacity;
pub mod checks;
pub mod claim;
pub mod dnc;
mod due;
pub mod fold;
pub mod number;
pub mod people;
pub mod pump;
pub mod ready;
pub mod slot;
pub mod web;
