//! What the carrier is told.

use trunkline_domain::CallId;

/// What the carrier is told to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Open a media stream.
    Stream {
        /// Our id.
        call: CallId,
        /// Which placing of the row.
        epoch: u32,
        /// Which stream of the call.
        generation: u32,
        /// The right to open it, once, within a minute.
        token: String,
    },
    /// Into the room where caller and human agent meet.
    Room {
        /// Our id.
        call: CallId,
        /// Which placing of the row.
        epoch: u32,
        /// The how-manieth human agent's telephone; none: the caller.
        leg: Option<u32>,
    },
    /// Tell a human agent who is there, and ask for any key.
    Whisper {
        /// Our id.
        call: CallId,
        /// Which placing of the row.
        epoch: u32,
        /// The how-manieth human agent's telephone.
        leg: u32,
        /// Who is there.
        text: String,
    },
    /// Play a file, then end the call.
    Play {
        /// Where it is.
        url: String,
    },
    /// Say a sentence, then end the call.
    Say {
        /// What.
        text: String,
    },
    /// End the call.
    Hangup,
}
