//! What a simulator is started with.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use crate::{audio::babble::Babble, voice::SimVoice};

/// What a simulator is started with. [`SimOptions::defaults`] is a good start; change what differs.
#[derive(Clone)]
pub struct SimOptions {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The folder for the ledger of calls and for recordings; made if missing.
    pub data_dir: PathBuf,
    /// The one account the simulator has: `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// The account's token: REST calls authenticate with it, webhooks are signed with it.
    pub auth_token: String,
    /// How long a phone rings before its fate, in milliseconds.
    pub ring_ms: u64,
    /// 0: a person holds a conversation. Else whoever answered hangs up this many milliseconds later (a machine plays its
    /// greeting and beep first, and counts from there).
    pub talk_ms: u64,
    /// What all chance comes from.
    pub seed: u64,
    /// The voice of the simulated people and of the carrier's `<Say>`.
    pub voice: Arc<dyn SimVoice>,
    /// The voice URL of the account's numbers: what `POST /sim/inbound` asks for instructions.
    pub inbound_url: Option<String>,
    /// The status callback URL of the account's numbers (told when an inbound call has ended).
    pub inbound_status_url: Option<String>,
}

impl SimOptions {
    /// The account SID every simulator has by default. It names nothing outside this program.
    pub const ACCOUNT_SID: &'static str = "AC00000000000000000000000000005131";
    /// The token that goes with it. Known to all on purpose: it guards a simulator on loopback, nothing else.
    pub const AUTH_TOKEN: &'static str = "simulated-carrier-token-not-a-secret";

    /// Loopback on a free port, data under `.trunkline/carrier`, the well-known account, 1.5 s of ringing, conversations,
    /// seed 1, and the crate's own babbling voice.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data_dir: PathBuf::from(".trunkline/carrier"),
            account_sid: Self::ACCOUNT_SID.to_owned(),
            auth_token: Self::AUTH_TOKEN.to_owned(),
            ring_ms: 1500,
            talk_ms: 0,
            seed: 1,
            voice: Arc::new(Babble),
            inbound_url: None,
            inbound_status_url: None,
        }
    }
}

impl std::fmt::Debug for SimOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimOptions")
            .field("addr", &self.addr)
            .field("data_dir", &self.data_dir)
            .field("account_sid", &self.account_sid)
            .field("ring_ms", &self.ring_ms)
            .field("talk_ms", &self.talk_ms)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
