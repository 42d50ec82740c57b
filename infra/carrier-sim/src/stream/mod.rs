//! Media Streams: a call's sound over a WebSocket to the platform, and back.
//!
//! Source: Twilio, "Media Streams: WebSocket messages". The client side here is the carrier.

mod link;
mod playout;
mod socket;
mod wire;

pub(crate) use link::{Link, Side};
pub(crate) use playout::Playout;
pub(crate) use wire::Incoming;

/// Why a stream did not come about, or broke.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("error 31920: the handshake with {url} failed: {why}")]
    Handshake { url: String, why: String },
    #[error("error 31921: the connection was closed from outside before the stream was stopped")]
    Closed,
    #[error("error 31951: the platform sent a message that is not of the protocol: {0}")]
    Message(String),
    #[error("error 31930: the platform sent more sound than the {0} s that the carrier keeps")]
    Overflow(usize),
    #[error("the platform does not read its socket; the stream is given up")]
    Stalled,
}
