//! Where the carrier calls back. Opaque ids only: names and numbers never ride in a URL.

use trunkline_domain::CallId;

/// Asks the carrier to repeat a callback that failed, up to three times, whatever went wrong.
/// The fragment is for the carrier alone; it is not sent (Twilio, "Connection overrides").
const RETRIES: &str = "#rc=3&rp=all";

/// The conference in which a call's caller and human agent meet.
#[must_use]
pub fn room_name(call: CallId) -> String {
    format!("call_{call}")
}

/// The callback URLs of one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookUrls {
    base: String,
}

impl HookUrls {
    /// Below the public base URL of the webhooks, such as `https://calls.example.com`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    /// Asked for instructions once the call was answered.
    #[must_use]
    pub fn answer(&self, call: CallId, epoch: u32) -> String {
        self.of("answer", call, epoch)
    }

    /// Told that the phone rings, and how the call ended.
    #[must_use]
    pub fn status(&self, call: CallId, epoch: u32) -> String {
        self.of("status", call, epoch)
    }

    /// Told who or what answered.
    #[must_use]
    pub fn amd(&self, call: CallId, epoch: u32) -> String {
        self.of("amd", call, epoch)
    }

    /// Told that a recording of the carrier's own is ready.
    #[must_use]
    pub fn recording(&self, call: CallId, epoch: u32) -> String {
        self.of("recording", call, epoch)
    }

    /// Asked for instructions once the `leg`-th human agent's telephone was answered, and told its key.
    #[must_use]
    pub fn agent_answer(&self, call: CallId, epoch: u32, leg: u32) -> String {
        let (base, room) = (&self.base, room_name(call));
        format!(
            "{base}/webhooks/twilio/agent-answer?callId={call}&e={epoch}&leg={leg}&conferenceName={room}{RETRIES}"
        )
    }

    /// Told how the `leg`-th human agent's telephone ended.
    #[must_use]
    pub fn leg_status(&self, call: CallId, epoch: u32, leg: u32) -> String {
        format!(
            "{}/webhooks/twilio/status?callId={call}&e={epoch}&leg={leg}{RETRIES}",
            self.base
        )
    }

    /// Told who comes to a call's room, and who leaves.
    #[must_use]
    pub fn conference_status(&self, call: CallId, epoch: u32) -> String {
        self.of("conference-status", call, epoch)
    }

    /// Asked for instructions once the `generation`-th media stream has ended.
    #[must_use]
    pub fn stream_ended(&self, call: CallId, epoch: u32, generation: u32) -> String {
        let base = &self.base;
        format!("{base}/webhooks/twilio/stream-ended?callId={call}&e={epoch}&gen={generation}{RETRIES}")
    }

    /// The URL that the carrier signed, from the path and query that it asked for. Built from the
    /// configured base, never from `Host`, which a proxy changes.
    #[must_use]
    pub fn signed(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.base)
    }

    fn of(&self, hook: &str, call: CallId, epoch: u32) -> String {
        format!(
            "{}/webhooks/twilio/{hook}?callId={call}&e={epoch}{RETRIES}",
            self.base
        )
    }
}
