//! The media server: a phone call's audio in, a conversation, audio out.
//!
//! [`session`] and [`audio`] are pure; [`stream`] speaks the carriers'
//! protocols; `driver` joins them to the providers; [`port`] is what the
//! server needs of the platform.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod audio;
pub mod port;
pub mod realtime;
pub mod recorder;
pub mod server;
pub mod session;
pub mod stream;

mod clock;
mod cloud;
mod driver;
mod ears;
mod job;
mod open;
mod outbox;
mod parts;
mod plan;
mod search;

pub use driver::Steer;
pub use open::{NotLoopback, OpenMode};
pub use parts::{NoProvider, Parts};
pub use port::{
    Accounts, CallPlan, CallPort, CallRef, PortError, Refused, StreamStart, VoiceCall, VoiceRefused,
    VoiceStart, WorkByName,
};
pub use server::{MediaOptions, MediaServer};
