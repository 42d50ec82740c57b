//! Who is in a conference, and what a supervisor does there: listens, whispers, speaks.

use trunkline_domain::{CallerId, E164};

/// Somebody's place in a conference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The carrier's id of the conference.
    pub conference: String,
    /// Whose: the carrier's id of the call, or the label that came with the invitation.
    pub who: String,
}

/// What changes for somebody in a conference; none leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Hears music and is not heard, or hears and is heard again.
    Hold(bool),
    /// Is not heard, or is heard again.
    Mute(bool),
    /// Takes part in another way.
    Part(Part),
}

/// How a supervisor takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Hears everybody, and is heard by nobody.
    Listens,
    /// Is heard by one alone.
    Whispers {
        /// The carrier's id of that one's call.
        to: String,
    },
    /// Is heard by everybody.
    Speaks,
}

/// Somebody who is rung, and comes in when the telephone is answered. The conference neither begins nor ends with a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Whom to ring.
    pub phone: E164,
    /// Who rings.
    pub from: CallerId,
    /// Unique in the conference: by it the guest is found again, also when the answer to the invitation was lost. At most 128 characters.
    pub label: String,
    /// How it takes part.
    pub part: Part,
    /// How long it may ring, in seconds.
    pub ring_timeout_s: u32,
    /// How long it may stay, in seconds.
    pub time_limit_s: u32,
}
