//! Signatures of outbound webhooks, as <https://www.standardwebhooks.com> has them: `webhook-id`, `webhook-timestamp`,
//! `webhook-signature`.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use trunkline_domain::Instant;

/// What a secret's text begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a secret.
const LENGTH: usize = 32;

/// A subscription's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; LENGTH]);

impl SigningSecret {
    /// From random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// Out of its text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Its text, for its owner alone: `whsec_…`.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    fn sign(&self, signed: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// The headers of a message, signed with each secret that holds now.
#[must_use]
pub fn headers(id: &str, now: Instant, body: &str, secrets: &[SigningSecret]) -> [(&'static str, String); 3] {
    let timestamp = now.timestamp().to_string();
    let signed = format!("{id}.{timestamp}.{body}");
    let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(&signed)).collect();
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures.join(" ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_was_shown_and_never_printed() {
        let secret = SigningSecret::new([9; 32]);
        let text = secret.reveal();
        assert!(text.starts_with("whsec_") && text.len() == 6 + 44, "{text}");
        assert_eq!(SigningSecret::read(&text), Some(secret.clone()));
        assert_eq!(SigningSecret::read(&text[6..]), None);
        assert_eq!(SigningSecret::read("whsec_AAAA"), None);
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
    }

    /// Computed with Python's `hmac` and `base64` for the same bytes.
    #[test]
    fn a_signature_is_what_another_implementation_computes() {
        let secret = SigningSecret::new([7; 32]);
        let now: Instant = "2026-11-22T10:00:00Z".parse().unwrap();
        let [id, timestamp, signature] =
            headers("msg_1", now, r#"{"a":1}"#, &[secret, SigningSecret::new([8; 32])]);
        assert_eq!((id.1.as_str(), timestamp.1.as_str()), ("msg_1", "1795341600"));
        assert_eq!(
            signature.1,
            "v1,/csn8umIS7FTnPoC5kLtbnhjvCP26cbpk3I7/DNeV00= v1,Fog5kk1TtMSGCsVzcHppLYilqP/+9kdB8nWw0qeir8w="
        );
    }
}
