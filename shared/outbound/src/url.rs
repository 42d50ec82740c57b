//! What URLs are accepted at all.

use std::{net::IpAddr, time::Duration};

use trunkline_domain::Error;
use url::{Host, Url};

use crate::{Outbound, address::is_public};

/// How long a name may take to resolve while somebody waits for the answer.
const RESOLVE: Duration = Duration::from_secs(2);
/// Characters of a URL.
const LENGTH_MAX: usize = 2_048;

impl Outbound {
    /// Refuses a URL that is none, is not HTTP, or is known to lead to a private address. One whose name does not resolve now
    /// is accepted: the call checks again.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `field`.
    pub async fn check(&self, field: &str, text: &str) -> Result<Url, Error> {
        let wrong = |what: String| Error::invalid(field, what);
        if text.len() > LENGTH_MAX {
            return Err(wrong(format!("must be at most {LENGTH_MAX} characters")));
        }
        let url = Url::parse(text)
            .map_err(|_| wrong("is not a URL such as https://example.com/path".to_owned()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("must begin with https:// or http://".to_owned()));
        }
        if !self.allow_private && self.leads_inside(&url).await {
            let what = "points to a private address; it must be reachable from the public internet";
            return Err(wrong(what.to_owned()));
        }
        Ok(url)
    }

    async fn leads_inside(&self, url: &Url) -> bool {
        if is_literally_inside(url) {
            return true;
        }
        let Some(Host::Domain(name)) = url.host() else {
            return false;
        };
        match tokio::time::timeout(RESOLVE, self.lookup.lookup(name)).await {
            Ok(Ok(found)) => !found.into_iter().all(is_public),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

/// Whether a URL names a private address or this machine without a resolver being asked; the connector asks none for an address.
pub(crate) fn is_literally_inside(url: &Url) -> bool {
    match url.host() {
        None => true,
        Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost"
                || [".localhost", ".local", ".internal"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lookup;
    use std::sync::Arc;

    struct Table;

    #[async_trait::async_trait]
    impl Lookup for Table {
        async fn lookup(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
            let texts: &[&str] = match name {
                "public.example" => &["93.184.216.34"],
                "inside.example" => &["10.0.0.7"],
                "both.example" => &["93.184.216.34", "169.254.169.254"],
                "mapped.example" => &["::ffff:127.0.0.1"],
                _ => return Err(std::io::Error::other("no such name")),
            };
            Ok(texts.iter().map(|text| text.parse().unwrap()).collect())
        }
    }

    async fn said(url: &str, allow_private: bool) -> Result<Url, String> {
        let way = Outbound::with_lookup(allow_private, Arc::new(Table));
        way.check("url", url).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn what_leads_inside_is_refused_however_written() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://LOCALHOST:8000/",
            "http://localhost./",
            "http://a.localhost/",
            "http://metadata.google.internal/",
            "http://printer.local/",
            "https://inside.example/hook",
            "https://both.example/hook",
            "https://mapped.example/hook",
            "https://user@inside.example/",
        ] {
            let error = said(url, false).await.unwrap_err();
            assert!(
                error.starts_with("url: points to a private address"),
                "{url}: {error}"
            );
            assert!(said(url, true).await.is_ok(), "{url} is for tests");
        }
    }

    #[tokio::test]
    async fn public_names_pass_and_so_does_one_that_does_not_resolve_yet() {
        for url in [
            "https://public.example/hook?x=1",
            "http://93.184.216.34:8080",
            "https://later.example/",
        ] {
            assert!(said(url, false).await.is_ok(), "{url}");
        }
    }

    #[tokio::test]
    async fn what_is_no_web_address_is_refused() {
        for url in [
            "",
            "example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "https://a b/",
        ] {
            assert!(said(url, true).await.is_err(), "{url}");
        }
        let long = format!("https://public.example/{}", "a".repeat(2_048));
        assert!(said(&long, true).await.unwrap_err().contains("at most 2048"));
    }
}
