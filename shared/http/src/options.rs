//! What the composition root decides about the HTTP surface.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;
use trunkline_service::readiness::Part;

/// Which browsers' origins may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// Any, without credentials.
    Any,
    /// These, as `https://app.example.com`.
    Only(Vec<String>),
}

impl CorsOrigins {
    /// Reads `*`, or origins separated by commas.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let origins: Vec<String> = text
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_owned())
            .filter(|o| !o.is_empty())
            .collect();
        if origins.is_empty() || origins.iter().any(|origin| origin == "*") {
            Self::Any
        } else {
            Self::Only(origins)
        }
    }
}

/// Where `/openapi.json` comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OpenApiSource {
    /// The document of the routers at hand: all of them are here.
    #[default]
    Routers,
    /// The bucket, below [`OpenApiSource::KEY`]: this is one function among many.
    Bucket,
}

impl OpenApiSource {
    /// Where in the bucket the whole platform's document is. Whoever has all routers puts it there.
    pub const KEY: &str = "meta/openapi.json";
}

/// The text is no address or network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address or network such as 10.0.0.0/8")]
pub struct NotANetwork(pub String);

/// What the composition root decides about the HTTP surface.
#[derive(Clone)]
pub struct HttpOptions {
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Which browsers' origins may call.
    pub cors_origins: CorsOrigins,
    /// When set, only requests whose `X-Origin-Secret` is this are served: those that came through the distribution
    /// in front, whose `CloudFront-Viewer-Address` is then the client's.
    pub origin_secret: Option<Arc<str>>,
    /// Parts that readiness asks beyond those of every deployment, such as the speech models.
    pub parts: Vec<Arc<dyn Part>>,
    /// Where `/openapi.json` comes from.
    pub openapi: OpenApiSource,
    /// The version that `/version` tells.
    pub version: &'static str,
    /// The commit that it was built from, where known.
    pub commit: Option<&'static str>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            cors_origins: CorsOrigins::Any,
            origin_secret: None,
            parts: Vec::new(),
            openapi: OpenApiSource::Routers,
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("TRUNKLINE_COMMIT"),
        }
    }
}

impl HttpOptions {
    /// Reads a list of addresses and networks, separated by commas.
    ///
    /// # Errors
    /// [`NotANetwork`] names the first that is none.
    pub fn read_proxies(text: &str) -> Result<Vec<IpNet>, NotANetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| {
                let address = part.parse::<IpAddr>().map(IpNet::from);
                address
                    .or_else(|_| part.parse())
                    .map_err(|_| NotANetwork(part.to_owned()))
            })
            .collect()
    }
}

/// Without the secret.
impl std::fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpOptions")
            .field("trusted_proxies", &self.trusted_proxies)
            .field("cors_origins", &self.cors_origins)
            .field("openapi", &self.openapi)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_what_is_no_network_is_named() {
        assert_eq!(
            HttpOptions::read_proxies(" 127.0.0.1, 10.0.0.0/8 ,::1,")
                .unwrap()
                .len(),
            3
        );
        assert_eq!(
            HttpOptions::read_proxies("proxy.local").unwrap_err(),
            NotANetwork("proxy.local".to_owned())
        );
        assert_eq!(CorsOrigins::read("*"), CorsOrigins::Any);
        assert_eq!(
            CorsOrigins::read("https://a.b/, https://c.d"),
            CorsOrigins::Only(vec!["https://a.b".into(), "https://c.d".into()])
        );
    }
}
