//! Conversations on a virtual clock.

mod endings;
mod handover;
mod interruptions;
mod properties;
mod providers;
mod turns;
mod world;
