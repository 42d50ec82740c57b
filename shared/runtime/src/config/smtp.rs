//! The mail server.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::{
    net::is_loopback_url,
    vars::{ConfigError, Result, Vars},
};

const NAME: &str = "TRUNKLINE_SMTP_URL";
/// What would be right.
const RIGHT: &str = "give a URL such as smtp://user:password@mail.example.com:587 (STARTTLS) or smtps://… (TLS from the first byte)";

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte.
    Wrapped,
    /// After STARTTLS, which the server must offer.
    StartTls,
    /// Not at all: on this machine alone.
    None,
}

/// The mail server, and who is its client. The password shows in no debug text.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// User and password.
    pub credentials: Option<(String, String)>,
    /// Whom mails come from.
    pub from: String,
}

impl SmtpConfig {
    /// Reads the variables; none without a URL.
    pub(super) fn read(vars: &Vars<'_>, public_url: Option<&str>) -> Result<Option<Self>> {
        let from = sender(vars)?;
        let Some(text) = vars.text(NAME)? else {
            return Ok(None);
        };
        // The text may hold a password, so no error repeats it.
        let wrong = |what: &str| ConfigError::new(NAME, format!("{what}: {RIGHT}"));
        let url = Url::parse(&text).map_err(|_| wrong("it is no URL"))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("it has no host"))?.to_owned();
        if url.query().is_some() || url.fragment().is_some() || !["", "/"].contains(&url.path()) {
            return Err(wrong("it has a path, `?` or `#`"));
        }
        let near = is_loopback_url(&format!("http://{host}/"));
        let (tls, port) = match (url.scheme(), near) {
            ("smtps", _) => (SmtpTls::Wrapped, 465),
            ("smtp", true) => (SmtpTls::None, 25),
            ("smtp", false) => (SmtpTls::StartTls, 587),
            _ => return Err(wrong("it is no smtp or smtps URL")),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
        let user = decoded(url.username()).map_err(|_| wrong("its user is not UTF-8"))?;
        let password = decoded(url.password().unwrap_or_default());
        let password = password.map_err(|_| wrong("its password is not UTF-8"))?;
        let from = match from {
            Some(from) => from,
            None if user.contains('@') => user.clone(),
            None => format!("trunkline@{}", domain(public_url)),
        };
        Ok(Some(Self {
            // An IPv6 address stands in brackets in a URL, and without them elsewhere.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            tls,
            credentials: (!user.is_empty()).then_some((user, password)),
            from,
        }))
    }
}

fn sender(vars: &Vars<'_>) -> Result<Option<String>> {
    let name = "TRUNKLINE_SMTP_FROM";
    let from = vars.text(name)?;
    match from {
        Some(from) if !from.contains('@') => {
            let problem = format!("`{from}` is no e-mail address such as calls@example.com");
            Err(ConfigError::new(name, problem))
        }
        from => Ok(from),
    }
}

/// The deployment's own domain; a made-up one where it has none.
fn domain(public_url: Option<&str>) -> String {
    let url = public_url.and_then(|url| Url::parse(url).ok());
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) if name.contains('.') => name.to_owned(),
        Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | None => "trunkline.local".to_owned(),
    }
}

impl std::fmt::Debug for SmtpConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn read(url: &str, from: &str, public: Option<&str>) -> Result<Option<SmtpConfig>> {
        let source = |name: &str| match name {
            NAME => Some(OsString::from(url)),
            "TRUNKLINE_SMTP_FROM" => Some(OsString::from(from)),
            _ => None,
        };
        SmtpConfig::read(&Vars(&source), public)
    }

    #[test]
    fn a_url_says_where_how_and_as_whom() {
        let far = read("smtp://me%40example.com:p%3Ass@mail.example.com", "", None)
            .unwrap()
            .unwrap();
        assert_eq!(
            (far.host.as_str(), far.port, far.tls),
            ("mail.example.com", 587, SmtpTls::StartTls)
        );
        assert_eq!(
            far.credentials,
            Some(("me@example.com".to_owned(), "p:ss".to_owned()))
        );
        assert_eq!(far.from, "me@example.com");
        let wrapped = read("smtps://mail.example.com:4650", "calls@example.com", None)
            .unwrap()
            .unwrap();
        assert_eq!(
            (wrapped.port, wrapped.tls, wrapped.credentials),
            (4650, SmtpTls::Wrapped, None)
        );
        assert_eq!(wrapped.from, "calls@example.com");
        let near = read("smtp://127.0.0.1:2525", "", Some("https://calls.example.com"))
            .unwrap()
            .unwrap();
        assert_eq!(
            (near.tls, near.from.as_str()),
            (SmtpTls::None, "trunkline@calls.example.com")
        );
        assert_eq!(read("", "", None).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_telling_the_password() {
        for url in [
            "mail.example.com",
            "http://u:secret@mail.example.com",
            "smtp://",
            "smtp://u:secret@mail.example.com/path",
            "smtp://u:secret@mail.example.com?tls=none",
        ] {
            let error = read(url, "", None).unwrap_err().to_string();
            assert!(error.starts_with(NAME) && !error.contains("secret"), "{error}");
        }
        assert!(read("smtps://mail.example.com", "nobody", None).is_err());
        let shown = read("smtps://u:secret@mail.example.com", "", None).unwrap();
        assert!(!format!("{shown:?}").contains("secret"));
    }
}
