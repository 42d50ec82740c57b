//! Carriers: the trait, Twilio's REST, TwiML, signatures and callback forms.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod carrier;
pub mod form;
pub mod hooks;
pub mod participants;
pub mod signature;
pub mod twilio;
pub mod twiml;
pub mod words;

pub use carrier::{Carrier, CarrierCall, CarrierError, DialError, DialOrder, RingOrder, Sound};
pub use hooks::HookUrls;
pub use participants::{Change, Guest, Part, Seat};
pub use twilio::{Twilio, TwilioConfig};
pub use twiml::Verb;
