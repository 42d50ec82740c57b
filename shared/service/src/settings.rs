//! This deployment's choices, read once by the runtime's configuration.

use chrono::Duration;
use trunkline_domain::CallerId;

use crate::parts::Vendors;

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Only the invited, and whom the admin makes.
    Closed,
}

/// This deployment's choices.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What clients and carriers call: no slash at the end.
    pub public_url: String,
    /// Where carriers send webhooks.
    pub hook_url: String,
    /// Where carriers open media streams: `ws://` or `wss://`, no slash at the end.
    pub media_url: String,
    /// `From` when a campaign has none.
    pub caller_id: CallerId,
    /// How long the carrier's list may lag behind a placed call.
    pub settle: Duration,
    /// Calls started per second and carrier account; none: unlimited.
    pub carrier_cps: Option<u32>,
    /// Whether calls keep to the law's windows, beside a campaign's own hours.
    pub legal_windows: bool,
    /// Conversations at once over all media servers, while none has published its own capacity.
    pub max_conversations: u32,
    /// Who may register.
    pub registration: Registration,
    /// Whether requests are limited.
    pub rate_limits: bool,
    /// Whether URLs that point to private addresses may be called.
    pub allow_private_urls: bool,
    /// The carrier is a simulator on loopback.
    pub simulated_carrier: bool,
    /// This process's name among its peers, such as a task id.
    pub instance: String,
    /// Forced providers (`TRUNKLINE_STT`, `_LLM`, `_TTS`); none: by the agent's settings.
    pub forced_stt: Option<String>,
    /// See `forced_stt`.
    pub forced_llm: Option<String>,
    /// See `forced_stt`.
    pub forced_tts: Option<String>,
    /// The deployment's own accounts with the vendors of speech and language.
    pub vendors: Vendors,
}
