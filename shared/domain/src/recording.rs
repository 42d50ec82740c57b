//! Where recordings lie in the bucket.

use crate::{Call, CallId, TenantId};

/// Whether the carrier records a call: it was dialled for human agents, so no media server hears them. It records from the answer on, both
/// sides apart; what a media server does on such a call is on it too, and is not recorded again.
#[must_use]
pub const fn is_carriers(call: &Call) -> bool {
    call.record && call.dialled_for.is_some()
}

/// A segment of a stream: about 5 s, both tracks.
#[must_use]
pub fn segment_key(tenant: TenantId, call: CallId, generation: u32, n: u32) -> String {
    format!("rec/{tenant}/{call}/{generation:02}/{n:06}.ulaw")
}

/// Everything of a call's recording begins with this.
#[must_use]
pub fn prefix(tenant: TenantId, call: CallId) -> String {
    format!("rec/{tenant}/{call}/")
}

/// The finished recording: stereo WAV, caller left, agent right.
#[must_use]
pub fn wav_key(tenant: TenantId, call: CallId) -> String {
    format!("rec/{tenant}/{call}/call.wav")
}
