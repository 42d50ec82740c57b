//! Sealing what is stored but must not be read by who reads the store: AES-256-GCM, bound to whose it is.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use trunkline_domain::TenantId;
use uuid::Uuid;

/// Begins what was sealed in this way, so that another way can be told from it later.
const VERSION: &str = "s1.";

/// The key that seals: 32 bytes, from a key service or a file.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

/// What was sealed cannot be opened: by another key, for another tenant or record, or damaged. It says no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value cannot be opened: it is damaged, or was sealed by another key or for another record")]
pub struct CannotOpen;

impl SealKey {
    /// Of a data key.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Seals a text for one record of a tenant; moved to another, it does not open.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn seal(&self, tenant: TenantId, record: Uuid, text: &str) -> Result<String, CannotOpen> {
        let mut bytes = text.as_bytes().to_vec();
        let nonce = self
            .key()?
            .seal_in_place_append_tag(bound_to(tenant, record), &mut bytes);
        let nonce = nonce.map_err(|_| CannotOpen)?;
        let sealed = [nonce.as_ref().as_slice(), &bytes].concat();
        Ok(format!("{VERSION}{}", STANDARD_NO_PAD.encode(sealed)))
    }

    /// Opens what was sealed for this record.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open(&self, tenant: TenantId, record: Uuid, sealed: &str) -> Result<String, CannotOpen> {
        let sealed = sealed.strip_prefix(VERSION).ok_or(CannotOpen)?;
        let mut bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| CannotOpen)?;
        if bytes.len() < NONCE_LEN {
            return Err(CannotOpen);
        }
        let (nonce, text) = bytes.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let text = self.key()?.open_in_place(nonce, bound_to(tenant, record), text);
        String::from_utf8(text.map_err(|_| CannotOpen)?.to_vec()).map_err(|_| CannotOpen)
    }

    fn key(&self) -> Result<RandomizedNonceKey, CannotOpen> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).map_err(|_| CannotOpen)
    }
}

fn bound_to(tenant: TenantId, record: Uuid) -> Aad<String> {
    Aad::from(format!("{tenant} {record}"))
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::id::derived;

    #[test]
    fn what_is_sealed_opens_for_its_record_alone() {
        let key = SealKey::new([3; 32]);
        let (tenant, other) = (TenantId(derived("a")), TenantId(derived("b")));
        let (record, another) = (derived("1"), derived("2"));
        let sealed = key.seal(tenant, record, "sk-secret").unwrap();
        assert!(!sealed.contains("secret"));
        assert_ne!(
            sealed,
            key.seal(tenant, record, "sk-secret").unwrap(),
            "no two are the same"
        );
        assert_eq!(key.open(tenant, record, &sealed).as_deref(), Ok("sk-secret"));
        assert_eq!(key.open(other, record, &sealed), Err(CannotOpen));
        assert_eq!(key.open(tenant, another, &sealed), Err(CannotOpen));
        assert_eq!(
            SealKey::new([4; 32]).open(tenant, record, &sealed),
            Err(CannotOpen)
        );
    }

    #[test]
    fn what_is_damaged_does_not_open() {
        let key = SealKey::new([3; 32]);
        let (tenant, record) = (TenantId(derived("a")), derived("1"));
        let sealed = key.seal(tenant, record, "").unwrap();
        assert_eq!(key.open(tenant, record, &sealed).as_deref(), Ok(""));
        for bad in [
            "",
            "s1.",
            "s1.AAAA",
            "s2.AAAA",
            "s1.!",
            &sealed[..sealed.len() - 2],
            &sealed[3..],
        ] {
            assert_eq!(key.open(tenant, record, bad), Err(CannotOpen), "{bad}");
        }
        assert_eq!(format!("{key:?}"), "SealKey(…)");
    }
}
