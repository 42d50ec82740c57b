//! Tokens that are used once: what is stored is their fingerprint, never they themselves.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A token for an e-mail or an invitation: 32 random bytes as 43 URL-safe characters.
#[derive(Clone, PartialEq, Eq)]
pub struct OneUseToken(String);

impl OneUseToken {
    /// From random bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(secret))
    }

    /// The text for its holder.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.0)
    }
}

impl std::fmt::Debug for OneUseToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneUseToken(…)")
    }
}

/// SHA-256 of a text, as 43 URL-safe characters. Enough for what has 256 bits of chance; not for passwords.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_not_the_token() {
        let token = OneUseToken::new([5; 32]);
        assert_eq!(token.reveal().len(), 43);
        assert_ne!(token.fingerprint(), token.reveal());
        assert_eq!(fingerprint(token.reveal()), token.fingerprint());
        assert_eq!(format!("{token:?}"), "OneUseToken(…)");
    }
}
