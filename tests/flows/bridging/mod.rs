//! A caller and a human agent over real sockets: whoever comes, whoever does not, and whoever leaves first, nothing is left over.

mod floor;
mod from_ai;
mod leaves;
mod machines;
mod meets;
mod nobody;
mod recorded;
pub(crate) mod scene;
