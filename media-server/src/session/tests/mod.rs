//! Conversations on a virtual clock.

mod endings;
mod interruptions;
mod properties;
mod providers;
mod turns;
mod world;
