//! Where recordings lie in the bucket.

use crate::{CallId, TenantId};

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
