//! The configuration: the only reader of the environment.

mod aws;
mod carrier;
mod net;
mod smtp;
mod speech;
mod variables;
mod vars;
mod vendors;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use chrono::Duration;
use ipnet::IpNet;
use trunkline_domain::{CallerId, E164, phone::NotE164};
use trunkline_http::{CorsOrigins, HttpOptions};
use trunkline_service::{Settings, realtime::Desks, settings::Registration};

pub use aws::{AwsConfig, QueueUrls};
pub use carrier::{CarrierConfig, SimulatorConfig};
pub use net::{Urls, reachable};
pub use smtp::{SmtpConfig, SmtpTls};
pub use speech::{SpeechConfig, threads};
pub use variables::{VARIABLES, Variable};
pub use vars::ConfigError;
use vars::{Result, Vars};

/// The simulator's own number, where no other is given.
const SIMULATED_CALLER: &str = "+15005550006";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person.
    Text,
    /// For a machine: an object a line.
    Json,
}

/// What a user can set, as read and checked. Secrets show as `…` in its debug text.
#[derive(Clone)]
pub struct Config {
    /// Where the API, webhooks and sockets are served.
    pub addr: SocketAddr,
    /// Everything that embedded parts keep.
    pub data_dir: PathBuf,
    /// What clients call, when it is not the address.
    pub public_url: Option<String>,
    /// What carriers send webhooks to, when it is not the public URL.
    pub hook_url: Option<String>,
    /// Where carriers open media streams, when it is not the public URL: `ws` or `wss`.
    pub media_url: Option<String>,
    /// Where desks' servers are told of events, when not by the addresses that they register.
    pub desk_url: Option<String>,
    /// Where this process is reached by its peers: `http://address:port`, when that is not where it listens.
    pub peer_url: Option<String>,
    /// Where the container's own address is asked for: ECS's task metadata.
    pub task_metadata_url: Option<String>,
    /// The first admin's address; none: made up.
    pub admin_email: Option<String>,
    /// The first admin's password; none: made up.
    pub admin_password: Option<String>,
    /// Whether requests are limited.
    pub rate_limits: bool,
    /// The carrier account.
    pub carrier: CarrierConfig,
    /// The simulated carrier.
    pub simulator: SimulatorConfig,
    /// Whether calls keep to the law's windows, beside a campaign's own hours.
    pub legal_windows: bool,
    /// Who may register.
    pub registration: Registration,
    /// How long the carrier's list may lag.
    pub settle: Duration,
    /// Media capacity, when set.
    pub max_conversations: Option<u32>,
    /// `From` when a campaign has none.
    pub caller_id: CallerId,
    /// Calls started per second and account; none: unlimited.
    pub carrier_cps: Option<u32>,
    /// Browsers' origins that may call.
    pub cors_origins: CorsOrigins,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether URLs that point to private addresses may be called.
    pub allow_private_urls: bool,
    /// Whether `/media-stream` takes streams without call or token.
    pub media_open: bool,
    /// How log lines are written.
    pub log: LogFormat,
    /// Which log lines are written, as `RUST_LOG` says it.
    pub log_filter: String,
    /// Speech providers.
    pub speech: SpeechConfig,
    /// The mail server; none: mails stay in the mailbox that the admin reads.
    pub smtp: Option<SmtpConfig>,
    /// Tables, queues and bucket.
    pub aws: AwsConfig,
    /// What tokens are signed with, when it is given rather than kept in the data folder.
    pub token_secret: Option<String>,
    /// What requests through the edge carry; none: requests are taken from anybody.
    pub origin_secret: Option<String>,
    /// This process's name among its peers, when its platform gives it one.
    pub instance: Option<String>,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// The first variable that cannot be used, with what would be right.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reader of the environment"
    )]
    pub fn from_env() -> std::result::Result<Self, ConfigError> {
        Self::read(&|name| std::env::var_os(name))
    }

    /// Reads variables from anywhere: a test's map.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn read(source: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let vars = &Vars(source);
        let addr = vars.parsed(
            "TRUNKLINE_ADDR",
            "give an IP address and a port such as 127.0.0.1:8000",
        )?;
        let addr = addr.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8000)));
        let data_dir = PathBuf::from(vars.text_or("TRUNKLINE_DATA_DIR", ".trunkline")?);
        let simulator = SimulatorConfig::read(vars)?;
        let carrier = CarrierConfig::read(vars, &simulator)?;
        let simulated = carrier.simulated;
        let registration = [("open", Registration::Open), ("closed", Registration::Closed)];
        let usual = if simulated {
            Registration::Open
        } else {
            Registration::Closed
        };
        let public_url = vars.web_url("TRUNKLINE_PUBLIC_URL")?;
        let config = Self {
            addr,
            smtp: SmtpConfig::read(vars, public_url.as_deref())?,
            public_url,
            hook_url: vars.web_url("TRUNKLINE_HOOK_URL")?,
            media_url: vars.url("TRUNKLINE_MEDIA_URL", &["http", "https", "ws", "wss"])?,
            desk_url: vars.web_url("TRUNKLINE_DESK_URL")?,
            peer_url: vars.web_url("TRUNKLINE_PEER_URL")?,
            task_metadata_url: vars.web_url("ECS_CONTAINER_METADATA_URI_V4")?,
            admin_email: email(vars, "TRUNKLINE_ADMIN_EMAIL")?,
            admin_password: vars.text("TRUNKLINE_ADMIN_PASSWORD")?,
            rate_limits: vars.switch("TRUNKLINE_RATE_LIMITS")?.unwrap_or(true),
            legal_windows: vars.switch("TRUNKLINE_LEGAL_WINDOWS")?.unwrap_or(!simulated),
            registration: vars
                .word("TRUNKLINE_REGISTRATION", &registration)?
                .unwrap_or(usual),
            settle: settle(vars, simulated)?,
            max_conversations: positive(vars, "TRUNKLINE_MAX_CONVERSATIONS")?,
            caller_id: caller_id(vars, &carrier)?,
            carrier_cps: carrier_cps(vars, simulated)?,
            cors_origins: net::cors_origins(vars)?,
            trusted_proxies: net::trusted_proxies(vars)?,
            allow_private_urls: vars.switch("TRUNKLINE_ALLOW_PRIVATE_URLS")?.unwrap_or(false),
            media_open: vars.switch("TRUNKLINE_MEDIA_OPEN")?.unwrap_or(false),
            log: vars
                .word(
                    "TRUNKLINE_LOG",
                    &[("text", LogFormat::Text), ("json", LogFormat::Json)],
                )?
                .unwrap_or(LogFormat::Text),
            log_filter: vars.text_or("RUST_LOG", "info")?,
            speech: SpeechConfig::read(vars, &data_dir)?,
            aws: AwsConfig::read(vars)?,
            token_secret: vars.text("TRUNKLINE_TOKEN_SECRET")?,
            origin_secret: vars.text("TRUNKLINE_ORIGIN_SECRET")?,
            instance: vars.text("HOSTNAME")?,
            data_dir,
            carrier,
            simulator,
        };
        config.check_open_doors()?;
        Ok(config)
    }

    /// The URLs, once it is known where this process listens (port 0 becomes a real one).
    #[must_use]
    pub fn urls(&self, bound: SocketAddr) -> Urls {
        Urls::new(
            self.public_url.as_deref(),
            self.hook_url.as_deref(),
            self.media_url.as_deref(),
            bound,
        )
    }

    /// The way to the instances that hold desks' sockets.
    #[must_use]
    pub fn desks(&self) -> Desks {
        match &self.desk_url {
            Some(url) => Desks::at(url),
            None => Desks::registered(),
        }
    }

    /// What the services are given.
    #[must_use]
    pub fn settings(&self, urls: &Urls, instance: &str) -> Settings {
        Settings {
            public_url: urls.public.clone(),
            hook_url: urls.hook.clone(),
            media_url: urls.media.clone(),
            caller_id: self.caller_id.clone(),
            settle: self.settle,
            carrier_cps: self.carrier_cps,
            legal_windows: self.legal_windows,
            max_conversations: self
                .max_conversations
                .unwrap_or_else(|| self.speech.conversations()),
            registration: self.registration,
            rate_limits: self.rate_limits,
            allow_private_urls: self.allow_private_urls,
            simulated_carrier: self.carrier.simulated,
            instance: instance.to_owned(),
            forced_stt: self.speech.forced_stt.clone(),
            forced_llm: self.speech.forced_llm.clone(),
            forced_tts: self.speech.forced_tts.clone(),
            vendors: self.speech.vendors.clone(),
        }
    }

    /// What the HTTP surface is given. The composition root adds the parts that readiness asks.
    #[must_use]
    pub fn http(&self) -> HttpOptions {
        HttpOptions {
            trusted_proxies: self.trusted_proxies.clone(),
            cors_origins: self.cors_origins.clone(),
            origin_secret: self.origin_secret.as_deref().map(std::sync::Arc::from),
            ..HttpOptions::default()
        }
    }

    /// Tests open these doors; nobody else's machine may be behind them.
    fn check_open_doors(&self) -> Result<()> {
        let public = self.public_url.as_deref();
        let private = self.addr.ip().is_loopback() && public.is_none_or(net::is_loopback_url);
        for (open, variable) in [
            (self.allow_private_urls, "TRUNKLINE_ALLOW_PRIVATE_URLS"),
            (self.media_open, "TRUNKLINE_MEDIA_OPEN"),
        ] {
            if open && !private {
                let problem = "it is for tests: TRUNKLINE_ADDR and TRUNKLINE_PUBLIC_URL must then both be on \
                               loopback, such as 127.0.0.1:8000";
                return Err(ConfigError::new(variable, problem));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Config");
        shown
            .field("addr", &self.addr)
            .field("data_dir", &self.data_dir)
            .field("carrier", &self.carrier);
        shown
            .field("simulator", &self.simulator)
            .field("speech", &self.speech)
            .field("aws", &self.aws);
        shown.finish_non_exhaustive()
    }
}

fn email(vars: &Vars<'_>, name: &str) -> Result<Option<String>> {
    match vars.text(name)? {
        Some(text) if !text.contains('@') => Err(ConfigError::new(
            name,
            format!("`{text}` is no e-mail address such as admin@example.com"),
        )),
        other => Ok(other),
    }
}

fn settle(vars: &Vars<'_>, simulated: bool) -> Result<Duration> {
    let given: Option<u32> = vars.parsed("TRUNKLINE_SETTLE_S", "give whole seconds, such as 60")?;
    let seconds = given.unwrap_or(if simulated { 3 } else { 60 });
    Ok(Duration::seconds(i64::from(seconds)))
}

fn positive(vars: &Vars<'_>, name: &str) -> Result<Option<u32>> {
    let right = "give a whole number of at least 1";
    match vars.parsed::<u32>(name, right)? {
        Some(0) => Err(ConfigError::new(name, format!("`0` cannot be used: {right}"))),
        other => Ok(other),
    }
}

/// Whoever has a real carrier's account may dial by it, and must say from what number: the simulator's is nobody's.
fn caller_id(vars: &Vars<'_>, carrier: &CarrierConfig) -> Result<CallerId> {
    let name = "TRUNKLINE_CALLER_ID";
    let given: Option<E164> = vars.explained(name)?;
    if given.is_none() && !carrier.simulated && carrier.account.is_some() {
        let problem = "a real carrier needs it: give a number of the account, such as +14155550123";
        return Err(ConfigError::new(name, problem));
    }
    match given {
        Some(number) => Ok(CallerId(number)),
        None => SIMULATED_CALLER
            .parse()
            .map(CallerId)
            .map_err(|error: NotE164| ConfigError::new(name, error.to_string())),
    }
}

fn carrier_cps(vars: &Vars<'_>, simulated: bool) -> Result<Option<u32>> {
    let name = "TRUNKLINE_CARRIER_CPS";
    if vars.text(name)?.is_some_and(|text| text == "unlimited") {
        return Ok(None);
    }
    Ok(positive(vars, name)?.or(if simulated { None } else { Some(1) }))
}

#[cfg(test)]
mod tests;
