//! The carrier account, and the simulated carrier.

use std::net::SocketAddr;

use super::{
    net::is_loopback_url,
    vars::{ConfigError, Result, Vars},
};

/// The simulator's account, as `trunkline simulator` has it by default. It names nothing outside this program.
pub(super) const SIMULATED_ACCOUNT: &str = "AC00000000000000000000000000005131";
/// The token that goes with it. Known to all on purpose: it guards a simulator on loopback, nothing else.
pub(super) const SIMULATED_TOKEN: &str = "simulated-carrier-token-not-a-secret";
const TWILIO: &str = "https://api.twilio.com";

#[derive(Clone, Copy)]
enum Kind {
    Simulator,
    Twilio,
    Exotel,
}

/// The carrier account that calls go out by.
#[derive(Clone, PartialEq, Eq)]
pub struct CarrierConfig {
    /// A simulator: its base URL is on loopback.
    pub simulated: bool,
    /// Where its API is; none: at the simulator that this process starts.
    pub api_base: Option<String>,
    /// The account and its token. None in a function that never asks the carrier.
    pub account: Option<(String, String)>,
}

impl CarrierConfig {
    pub(super) fn read(vars: &Vars<'_>, simulator: &SimulatorConfig) -> Result<Self> {
        let words = [
            ("simulator", Kind::Simulator),
            ("twilio", Kind::Twilio),
            ("exotel", Kind::Exotel),
        ];
        let kind = vars.word("TRUNKLINE_CARRIER", &words)?.unwrap_or(Kind::Simulator);
        let given = vars.web_url("TWILIO_API_BASE")?;
        let account = account(vars)?;
        match kind {
            Kind::Simulator => {
                if given.is_none() && simulator.addr.is_none() {
                    let problem = "it is needed to find the simulator, since TRUNKLINE_SIM_ADDR is off";
                    return Err(ConfigError::new("TWILIO_API_BASE", problem));
                }
                // Else one variable forgotten would dial real people with a simulator's defaults.
                if given.as_deref().is_some_and(|base| !is_loopback_url(base)) {
                    let problem = "it is not on loopback; for a real carrier set TRUNKLINE_CARRIER=twilio";
                    return Err(ConfigError::new("TWILIO_API_BASE", problem));
                }
                let account =
                    account.unwrap_or_else(|| (SIMULATED_ACCOUNT.to_owned(), SIMULATED_TOKEN.to_owned()));
                Ok(Self {
                    simulated: true,
                    api_base: given,
                    account: Some(account),
                })
            }
            Kind::Twilio => {
                let base = given.unwrap_or_else(|| TWILIO.to_owned());
                Ok(Self {
                    simulated: is_loopback_url(&base),
                    api_base: Some(base),
                    account,
                })
            }
            Kind::Exotel => {
                let problem = "`exotel` is not built yet; give `simulator` or `twilio`";
                Err(ConfigError::new("TRUNKLINE_CARRIER", problem))
            }
        }
    }
}

/// Without the token.
impl std::fmt::Debug for CarrierConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("CarrierConfig");
        shown
            .field("simulated", &self.simulated)
            .field("api_base", &self.api_base);
        shown
            .field("account", &self.account.as_ref().map(|(sid, _)| sid))
            .finish()
    }
}

fn account(vars: &Vars<'_>) -> Result<Option<(String, String)>> {
    let (sid, token) = (vars.text("TWILIO_ACCOUNT_SID")?, vars.text("TWILIO_AUTH_TOKEN")?);
    match (sid, token) {
        (None, None) => Ok(None),
        (Some(sid), _) if !sid.starts_with("AC") => Err(ConfigError::new(
            "TWILIO_ACCOUNT_SID",
            format!("`{sid}` is no account: one begins with AC"),
        )),
        (Some(sid), Some(token)) => Ok(Some((sid, token))),
        (Some(_), None) => Err(ConfigError::new(
            "TWILIO_AUTH_TOKEN",
            "it is needed with TWILIO_ACCOUNT_SID",
        )),
        (None, Some(_)) => Err(ConfigError::new(
            "TWILIO_ACCOUNT_SID",
            "it is needed with TWILIO_AUTH_TOKEN",
        )),
    }
}

/// The simulated carrier.
#[derive(Clone, PartialEq, Eq)]
pub struct SimulatorConfig {
    /// Where it listens; none: this process starts none.
    pub addr: Option<SocketAddr>,
    /// How long a simulated phone rings before its fate, in milliseconds.
    pub ring_ms: u64,
    /// After how many milliseconds whoever answered hangs up; 0: a person holds a conversation.
    pub talk_ms: u64,
    /// What all its chance comes from.
    pub seed: u64,
    /// The account it has, and its token.
    pub account: (String, String),
}

/// Without the token.
impl std::fmt::Debug for SimulatorConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("SimulatorConfig");
        shown
            .field("addr", &self.addr)
            .field("ring_ms", &self.ring_ms)
            .field("talk_ms", &self.talk_ms);
        shown
            .field("seed", &self.seed)
            .field("account", &self.account.0)
            .finish()
    }
}

impl SimulatorConfig {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self> {
        let name = "TRUNKLINE_SIM_ADDR";
        let addr = match vars.text(name)? {
            Some(text) if text == "off" => None,
            Some(_) | None => {
                let right = "give an IP address and a port such as 127.0.0.1:8001, or `off`";
                let addr: Option<SocketAddr> = vars.parsed(name, right)?;
                Some(addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8001))))
            }
        };
        if addr.is_some_and(|addr| !addr.ip().is_loopback()) {
            return Err(ConfigError::new(
                name,
                "its token is known to all, so it listens on loopback only",
            ));
        }
        let milliseconds = "give whole milliseconds, such as 1500";
        let account = account(vars)?;
        Ok(Self {
            addr,
            ring_ms: vars
                .parsed("TRUNKLINE_SIM_RING_MS", milliseconds)?
                .unwrap_or(1500),
            talk_ms: vars.parsed("TRUNKLINE_SIM_TALK_MS", milliseconds)?.unwrap_or(0),
            seed: vars
                .parsed("TRUNKLINE_SIM_SEED", "give a whole number")?
                .unwrap_or(1),
            account: account.unwrap_or_else(|| (SIMULATED_ACCOUNT.to_owned(), SIMULATED_TOKEN.to_owned())),
        })
    }
}
