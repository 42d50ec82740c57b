//! An account that was checked: where requests go, what they carry, and how its
//! failures are told.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::{Account, Vendor, words};
use crate::ProviderError;

/// The day of the vendor's documentation that its client was written from.
const CARTESIA_VERSION: HeaderValue = HeaderValue::from_static("2026-03-01");

/// Made once from an account; shared by all requests.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) vendor: Vendor,
    /// Kept only to be taken out of what the vendor says.
    key: String,
    base: Url,
    headers: HeaderMap,
}

/// Without the key.
impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("vendor", &self.vendor)
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    pub(super) fn new(account: &Account) -> Result<Self, ProviderError> {
        let vendor = account.vendor;
        let unusable = |reason: String| unavailable(vendor, reason);
        let key = account.api_key.trim();
        if key.is_empty() {
            return Err(unusable(format!("it has no API key; {}", mend(vendor))));
        }
        let headers = headers(account, key).ok_or_else(|| {
            unusable(format!(
                "its API key or organization is not one line of visible letters; {}",
                mend(vendor)
            ))
        })?;
        let base = base(&account.base_url).map_err(unusable)?;
        Ok(Self {
            vendor,
            key: key.to_owned(),
            base,
            headers,
        })
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The address of `path`, which starts with a slash.
    pub(super) fn http(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    /// The same for a socket.
    pub(super) fn socket(&self, path: &str) -> Url {
        let mut url = self.http(path);
        let scheme = if url.scheme() == "http" { "ws" } else { "wss" };
        // Cannot fail: both schemes are special, and so were the ones before.
        let _ = url.set_scheme(scheme);
        url
    }

    /// It answered wrongly or not at all; `reason` may quote it.
    pub(super) fn failed(&self, reason: impl AsRef<str>) -> ProviderError {
        ProviderError::Failed {
            provider: self.vendor.as_str(),
            reason: words::without_keys(reason.as_ref(), &self.key),
        }
    }

    /// What a refusal with this status and body means.
    pub(super) fn refused(&self, status: u16, body: &[u8]) -> ProviderError {
        let said = words::of_body(body)
            .map(|said| format!(": {}", words::without_keys(&said, &self.key)))
            .unwrap_or_default();
        let mend = mend(self.vendor);
        match status {
            401 => unavailable(self.vendor, format!("it refused the API key (401){said}; {mend}")),
            402 | 403 => unavailable(
                self.vendor,
                format!("it does not allow this account to do that ({status}){said}; {mend}"),
            ),
            429 => self.failed(format!("it has had too many requests (429){said}")),
            300..=399 => self.failed(format!(
                "it redirects ({status}), which is not followed; set the base URL to where it leads"
            )),
            _ => self.failed(format!("it answered {status}{said}")),
        }
    }
}

fn unavailable(vendor: Vendor, reason: String) -> ProviderError {
    ProviderError::Unavailable {
        provider: vendor.as_str(),
        reason,
    }
}

/// What somebody can do about a key that does not work.
fn mend(vendor: Vendor) -> String {
    let name = vendor.as_str().to_uppercase();
    format!("check {name}_API_KEY, or the key in the {vendor} integration")
}

fn headers(account: &Account, key: &str) -> Option<HeaderMap> {
    let secret = |value: &str| {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some(value)
    };
    let mut headers = HeaderMap::new();
    match account.vendor {
        Vendor::Openai => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {key}"))?);
            if let Some(organization) = account
                .organization
                .as_deref()
                .map(str::trim)
                .filter(|id| !id.is_empty())
            {
                let value = HeaderValue::from_str(organization).ok()?;
                headers.insert(HeaderName::from_static("openai-organization"), value);
            }
        }
        Vendor::Deepgram => {
            headers.insert(AUTHORIZATION, secret(&format!("Token {key}"))?);
        }
        Vendor::Cartesia => {
            headers.insert(AUTHORIZATION, secret(&format!("Bearer {key}"))?);
            headers.insert(HeaderName::from_static("cartesia-version"), CARTESIA_VERSION);
        }
        Vendor::Elevenlabs => {
            headers.insert(HeaderName::from_static("xi-api-key"), secret(key)?);
        }
    }
    Some(headers)
}

/// The base address; sockets' schemes are taken as the ones they begin with.
fn base(text: &str) -> Result<Url, String> {
    let wrong = |why: &str| format!("its base URL {why}; it is to be like `https://api.example.com/v1`");
    let text = text.trim();
    let text = match text.split_once("://") {
        Some(("ws", rest)) => format!("http://{rest}"),
        Some(("wss", rest)) => format!("https://{rest}"),
        _ => text.to_owned(),
    };
    let url = Url::parse(&text).map_err(|error| wrong(&format!("cannot be read ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("is not one of HTTP or WebSockets"));
    }
    // Names and keys in an address would be shown wherever it is.
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(wrong("has a user, a query or a fragment in it"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(base_url: &str, api_key: &str) -> Account {
        Account {
            base_url: base_url.to_owned(),
            ..Account::new(Vendor::Deepgram, api_key)
        }
    }

    #[test]
    fn paths_follow_the_base_and_sockets_its_scheme() {
        for (base, http, socket) in [
            (
                "http://127.0.0.1:9/dg/",
                "http://127.0.0.1:9/dg/v1/listen",
                "ws://127.0.0.1:9/dg/v1/listen",
            ),
            (
                "https://a.test",
                "https://a.test/v1/listen",
                "wss://a.test/v1/listen",
            ),
            (
                "wss://a.test/",
                "https://a.test/v1/listen",
                "wss://a.test/v1/listen",
            ),
        ] {
            let endpoint = Endpoint::new(&account(base, "k")).unwrap();
            assert_eq!(endpoint.http("/v1/listen").as_str(), http);
            assert_eq!(endpoint.socket("/v1/listen").as_str(), socket);
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_what_to_do_and_without_the_key() {
        for (base, key, part) in [
            ("https://a.test", " ", "DEEPGRAM_API_KEY"),
            ("https://a.test", "se\ncret", "one line"),
            ("a.test", "secret", "cannot be read"),
            ("ftp://a.test", "secret", "HTTP or WebSockets"),
            ("https://u:p@a.test", "secret", "a user"),
        ] {
            let error = Endpoint::new(&account(base, key)).unwrap_err();
            assert!(matches!(error, ProviderError::Unavailable { .. }), "{error:?}");
            let text = error.to_string();
            assert!(text.contains(part) && !text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn nothing_that_can_be_printed_has_the_key() {
        let endpoint = Endpoint::new(&account("https://a.test", "0123456789abcdef")).unwrap();
        let shown = format!(
            "{endpoint:?} {:?} {}",
            endpoint.headers(),
            endpoint.refused(401, b"0123456789abcdef is wrong")
        );
        assert!(!shown.contains("abcdef"), "{shown}");
    }
}
