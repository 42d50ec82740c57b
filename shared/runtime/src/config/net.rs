//! Addresses and URLs.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use super::vars::{ConfigError, Result, Vars};

/// The deployment's URLs, none with a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    /// What clients call.
    pub public: String,
    /// What carriers send webhooks to.
    pub hook: String,
    /// Where carriers open media streams: `ws` or `wss`.
    pub media: String,
}

impl Urls {
    pub(super) fn new(
        public: Option<&str>,
        hook: Option<&str>,
        media: Option<&str>,
        bound: SocketAddr,
    ) -> Self {
        let public = public.map_or_else(|| format!("http://{}", reachable(bound)), str::to_owned);
        let hook = hook.unwrap_or(&public).to_owned();
        let media = socket_url(media.unwrap_or(&public));
        Self { public, hook, media }
    }
}

/// Who listens on every address is reached from this machine by loopback.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        given @ (IpAddr::V4(_) | IpAddr::V6(_)) => given,
    };
    SocketAddr::new(ip, bound.port())
}

fn socket_url(url: &str) -> String {
    match url.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(_) | None => url.to_owned(),
    }
}

/// Whether a URL's host is this machine.
pub(super) fn is_loopback_url(url: &str) -> bool {
    match url::Url::parse(url).ok().as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Browsers' origins that may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Any, without credentials.
    Any,
    /// These, such as `https://console.example.com`.
    These(Vec<String>),
}

impl Origins {
    pub(super) fn read(vars: &Vars<'_>) -> Result<Self> {
        let name = "TRUNKLINE_CORS_ORIGINS";
        let text = vars.text_or(name, "*")?;
        if text == "*" {
            return Ok(Self::Any);
        }
        let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let checked = origins.map(|origin| {
            let url = url::Url::parse(origin).ok().filter(|url| url.origin().is_tuple());
            let exact = url.map(|url| url.origin().ascii_serialization());
            exact.filter(|exact| exact == origin).ok_or_else(|| {
                let problem =
                    format!("`{origin}` is no origin such as https://console.example.com, and not `*`");
                ConfigError::new(name, problem)
            })
        });
        checked.collect::<Result<_>>().map(Self::These)
    }
}

/// Addresses of proxies: one, or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyRange {
    network: IpAddr,
    bits: u8,
}

impl ProxyRange {
    pub(super) fn read_all(vars: &Vars<'_>) -> Result<Vec<Self>> {
        let name = "TRUNKLINE_TRUSTED_PROXIES";
        let text = vars.text_or(name, "")?;
        let ranges = text.split(',').map(str::trim).filter(|range| !range.is_empty());
        ranges
            .map(|range| {
                range
                    .parse()
                    .map_err(|problem: String| ConfigError::new(name, problem))
            })
            .collect()
    }

    /// Whether the address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == ip.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == ip.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for ProxyRange {
    type Err = String;
    /// Reads `10.0.0.0/8` or one address.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("`{text}` is no address or network such as 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most {
            Err(wrong())
        } else {
            Ok(Self { network, bits })
        }
    }
}
