//! Addresses and URLs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use trunkline_http::{CorsOrigins, HttpOptions};

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
#[must_use]
pub fn reachable(bound: SocketAddr) -> SocketAddr {
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

/// Browsers' origins that may call: `*`, or a list.
pub(super) fn cors_origins(vars: &Vars<'_>) -> Result<CorsOrigins> {
    let name = "TRUNKLINE_CORS_ORIGINS";
    let text = vars.text_or(name, "*")?;
    if text == "*" {
        return Ok(CorsOrigins::Any);
    }
    let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    let checked = origins.map(|origin| {
        let url = url::Url::parse(origin).ok().filter(|url| url.origin().is_tuple());
        let exact = url.map(|url| url.origin().ascii_serialization());
        exact.filter(|exact| exact == origin).ok_or_else(|| {
            let problem = format!("`{origin}` is no origin such as https://console.example.com, and not `*`");
            ConfigError::new(name, problem)
        })
    });
    checked.collect::<Result<_>>().map(CorsOrigins::Only)
}

/// Whose `X-Forwarded-For` counts.
pub(super) fn trusted_proxies(vars: &Vars<'_>) -> Result<Vec<IpNet>> {
    let name = "TRUNKLINE_TRUSTED_PROXIES";
    let text = vars.text_or(name, "")?;
    HttpOptions::read_proxies(&text).map_err(|error| ConfigError::new(name, error.to_string()))
}
