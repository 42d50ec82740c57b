//! What one process of ours posts to another about desks: signed, so that it is taken from nobody else.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use trunkline_domain::Instant;

use crate::{TokenError, TokenKeys};

/// How far two of our clocks may be apart, and how long a message may be on its way, in seconds. One that is repeated meanwhile changes nothing.
const TTL_S: i64 = 60;

impl TokenKeys {
    /// Signs a message: `{epoch milliseconds}.{base64url of the HMAC}`.
    #[must_use]
    pub fn sign_desk(&self, body: &[u8], now: Instant) -> String {
        let at = now.timestamp_millis();
        format!(
            "{at}.{}",
            URL_SAFE_NO_PAD.encode(hmac::sign(&self.desk, &signed(at, body)))
        )
    }

    /// Checks a message's signature, in constant time.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] when it is not ours, [`TokenError::Expired`] when it is, and from another minute.
    pub fn verify_desk(&self, body: &[u8], signature: &str, now: Instant) -> Result<(), TokenError> {
        let (at, mac) = signature.split_once('.').ok_or(TokenError::Invalid)?;
        let at: i64 = at.parse().map_err(|_| TokenError::Invalid)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| TokenError::Invalid)?;
        hmac::verify(&self.desk, &signed(at, body), &mac).map_err(|_| TokenError::Invalid)?;
        let apart = TimeDelta::milliseconds(now.timestamp_millis().saturating_sub(at));
        if apart.abs() > TimeDelta::seconds(TTL_S) {
            Err(TokenError::Expired)
        } else {
            Ok(())
        }
    }
}

fn signed(at: i64, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{at}.").into_bytes();
    text.extend_from_slice(body);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_for_a_minute_as_it_was_signed_and_from_nobody_else() {
        let keys = TokenKeys::new(&[1; 32]).unwrap();
        let now: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
        let signature = keys.sign_desk(b"{}", now);
        let later = |seconds| now + TimeDelta::seconds(seconds);
        assert_eq!(keys.verify_desk(b"{}", &signature, later(60)), Ok(()));
        assert_eq!(keys.verify_desk(b"{}", &signature, later(-60)), Ok(()));
        assert_eq!(
            keys.verify_desk(b"{}", &signature, later(61)),
            Err(TokenError::Expired)
        );
        assert_eq!(keys.verify_desk(b"[]", &signature, now), Err(TokenError::Invalid));
        let others = TokenKeys::new(&[2; 32]).unwrap();
        assert_eq!(
            others.verify_desk(b"{}", &signature, now),
            Err(TokenError::Invalid)
        );
        for bad in ["", ".", "1.x", "x.x", signature.split('.').next().unwrap()] {
            assert_eq!(
                keys.verify_desk(b"{}", bad, now),
                Err(TokenError::Invalid),
                "{bad}"
            );
        }
    }
}
