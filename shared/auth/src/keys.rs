//! The keys that tokens and signed links are made with, all derived from one secret; and the one that seals.

use aws_lc_rs::hmac;

use crate::SealKey;

/// The given secret is too short to make keys of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token secret has {0} bytes; give at least 32 random ones")]
pub struct WeakKey(pub usize);

/// One key a kind of token, so that a token of one kind never passes for another.
#[derive(Clone)]
pub struct TokenKeys {
    pub(crate) access: Vec<u8>,
    pub(crate) refresh: Vec<u8>,
    pub(crate) stream: hmac::Key,
    pub(crate) link: hmac::Key,
    pub(crate) desk: hmac::Key,
    seal: SealKey,
}

impl TokenKeys {
    /// Derives the keys from the deployment's secret.
    ///
    /// # Errors
    /// [`WeakKey`] when the secret has fewer than 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, WeakKey> {
        if secret.len() < 32 {
            return Err(WeakKey(secret.len()));
        }
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derive = |purpose: &str| hmac::sign(&root, purpose.as_bytes()).as_ref().to_vec();
        let mut seal = [0; 32];
        seal.copy_from_slice(&derive("trunkline sealed values v1"));
        let hmac_key = |purpose: &str| hmac::Key::new(hmac::HMAC_SHA256, &derive(purpose));
        Ok(Self {
            access: derive("trunkline access token v1"),
            refresh: derive("trunkline refresh token v1"),
            stream: hmac_key("trunkline media-stream token v1"),
            link: hmac_key("trunkline signed link v1"),
            desk: hmac_key("trunkline desk message v1"),
            seal: SealKey::new(seal),
        })
    }

    /// With a data key of its own for what is sealed, so that a change of the secret, which ends all tokens, loses no
    /// sealed value. Without one, sealed values are lost with the secret.
    #[must_use]
    pub fn sealing_with(self, data_key: [u8; 32]) -> Self {
        Self {
            seal: SealKey::new(data_key),
            ..self
        }
    }

    /// The key that seals.
    #[must_use]
    pub const fn seal(&self) -> &SealKey {
        &self.seal
    }
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(TokenKeys::new(&[7; 31]).unwrap_err(), WeakKey(31));
        assert!(TokenKeys::new(&[7; 32]).is_ok());
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = TokenKeys::new(b"0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(format!("{keys:?}"), "TokenKeys(…)");
    }
}
