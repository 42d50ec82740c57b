//! What goes wrong outside, and what must not go wrong inside.

mod bridges;
mod carrier;
mod crash;
mod resume;
mod streams;
mod told;
mod webhooks;
