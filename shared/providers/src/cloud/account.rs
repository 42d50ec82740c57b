//! Whose key is used, and where.

use super::Vendor;

/// An account with a vendor.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// With whom.
    pub vendor: Vendor,
    /// Its secret. Never shown: not in `Debug`, errors or logs.
    pub api_key: String,
    /// The organization that is billed, where one key serves several (OpenAI).
    pub organization: Option<String>,
    /// Where the API is; [`Vendor::default_base_url`], or a proxy or stand-in.
    /// `http` and `https` also name where its sockets (`ws`, `wss`) are.
    pub base_url: String,
}

impl Account {
    /// An account at the vendor's own address.
    #[must_use]
    pub fn new(vendor: Vendor, api_key: impl Into<String>) -> Self {
        Self {
            vendor,
            api_key: api_key.into(),
            organization: None,
            base_url: vendor.default_base_url().to_owned(),
        }
    }
}

/// Without the key.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("vendor", &self.vendor)
            .field("api_key", &"…")
            .field("organization", &self.organization)
            .field("base_url", &self.base_url)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let shown = format!("{:?}", Account::new(Vendor::Openai, "sk-live-1234"));
        assert!(
            !shown.contains("1234") && shown.contains("api.openai.com"),
            "{shown}"
        );
    }
}
