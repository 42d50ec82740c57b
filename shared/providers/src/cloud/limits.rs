//! How long a vendor is waited for.

use std::time::Duration;

/// The bounds of every exchange. A call itself is less patient (6 s for a sign
/// of life) and drops what it no longer waits for; these hold for all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first packet of a socket to the end of its handshake.
    pub connect: Duration,
    /// From the request to the first byte of its answer, with the waits that a
    /// `Retry-After` asks for.
    pub answer: Duration,
    /// Before a second try, where the vendor names no time; doubled each time.
    pub backoff: Duration,
    /// Between two pieces of an answer.
    pub quiet: Duration,
    /// One send on a socket: half-dead ones never error.
    pub send: Duration,
    /// From the end of a turn to its text; then what is known must do.
    pub turn: Duration,
    /// From the loss of a recogniser's socket to its return; then it has failed.
    pub reconnect: Duration,
    /// The most time between two signs of life to a recogniser.
    pub keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            // Models that think before they write are silent meanwhile.
            answer: Duration::from_secs(20),
            backoff: Duration::from_millis(400),
            quiet: Duration::from_secs(20),
            send: Duration::from_secs(5),
            turn: Duration::from_secs(2),
            reconnect: Duration::from_secs(3),
            keep_alive: Duration::from_secs(4),
        }
    }
}

pub(super) const CONNECT: Duration = Duration::from_secs(5);
