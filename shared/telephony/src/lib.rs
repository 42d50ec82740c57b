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

pub use carrier::{Carrier, CarrierCall, CarrierError, DialError, DialOrder};
