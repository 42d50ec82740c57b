//! The simulated carrier: the other side of the wire.
//!
//! It speaks Twilio's real protocol over real sockets (REST, signed webhooks, TwiML, Media Streams, conferences), so a
//! platform cannot tell it from the carrier. It shares no code with the platform: a misreading of the protocol on one side
//! would otherwise be invisible to the other. What the called party does is set by the last two digits of the number
//! (`number.rs`); every call ever placed is kept on disk and listed, which makes it the truth about "was anyone dialled twice".
//!
//! [`Sim::start`] is the way in; [`SimOptions`] says what can be set. It is steered over HTTP under `/sim` (`control.rs`).
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "another side of the wire: it has its own clock and ids, and answers in its own dialect"
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod amd;
mod audio;
mod call;
mod clock;
mod control;
mod dice;
mod faults;
mod hooks;
mod ids;
mod ledger;
mod leg;
mod live;
mod manners;
mod number;
mod options;
mod party;
mod rest;
mod room;
mod server;
mod sign;
mod sim;
mod stream;
mod switch;
mod tape;
mod twiml;
mod voice;

pub use audio::babble::Babble;
pub use options::SimOptions;
pub use sim::{Sim, SimError};
pub use voice::SimVoice;
