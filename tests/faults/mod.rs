//! What goes wrong outside, and what must not go wrong inside.

mod crash;
