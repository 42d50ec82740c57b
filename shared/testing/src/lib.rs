//! What tests of the platform stand on, in one place: the tables of `template.yaml` in a DynamoDB in memory, a clock that is turned by
//! hand, counted ids, a carrier that nobody reaches, routers that are asked without sockets, and users with tokens.
//!
//! Only tests depend on this crate (`[dev-dependencies]`), and of the crates that it stands on (`domain` to `http`) only their tests in
//! `tests/`: a test inside `src/` would meet its own crate's types twice. Those take [`trunkline_aws_local::TableSet`] alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test may stop at the first surprise"
)]

mod aws;
mod calls;
mod human_campaign;
mod parts;
mod platform;
mod requests;
mod world;

pub use aws::{Aws, Queue};
pub use calls::call;
pub use human_campaign::HumanCampaign;
pub use parts::{CountedIds, NoCarrier, TurnedClock};
pub use platform::{Client, PASSWORD, Platform};
pub use requests::{Answer, Instance, NO_ID, NOT_IDS, bearer};
pub use trunkline_aws_local::dynamo_memory::{Fault, Hook, Memory};
pub use world::{World, ctx, memory, settings};
