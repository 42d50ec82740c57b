//! Signed links: a path of ours that works without a token for a while.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use trunkline_domain::Instant;

use crate::{TokenError, TokenKeys};

/// How long a signed link lives: 15 minutes.
pub const LINK_TTL_S: u32 = 900;

impl TokenKeys {
    /// Signs a path of ours: `{path}?expires={epoch seconds}&signature={…}`, good for [`LINK_TTL_S`].
    #[must_use]
    pub fn sign_path(&self, path: &str, now: Instant) -> String {
        let expires = (now + TimeDelta::seconds(i64::from(LINK_TTL_S))).timestamp();
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.link, &signed(path, expires)));
        format!("{path}?expires={expires}&signature={signature}")
    }

    /// Checks a signed path's two parameters.
    ///
    /// # Errors
    /// [`TokenError::Expired`] when it is over, [`TokenError::Invalid`] when it was not signed for this path.
    pub fn verify_path(
        &self,
        path: &str,
        expires: i64,
        signature: &str,
        now: Instant,
    ) -> Result<(), TokenError> {
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TokenError::Invalid)?;
        hmac::verify(&self.link, &signed(path, expires), &signature).map_err(|_| TokenError::Invalid)?;
        if expires <= now.timestamp() {
            Err(TokenError::Expired)
        } else {
            Ok(())
        }
    }
}

fn signed(path: &str, expires: i64) -> Vec<u8> {
    format!("{expires} {path}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_path_for_a_quarter_of_an_hour() {
        let keys = TokenKeys::new(&[1; 32]).unwrap();
        let now: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
        let link = keys.sign_path("/call-recordings/1/download", now);
        let (path, query) = link.split_once('?').unwrap();
        let (expires, signature) = query
            .strip_prefix("expires=")
            .unwrap()
            .split_once("&signature=")
            .unwrap();
        let expires: i64 = expires.parse().unwrap();
        assert_eq!(
            keys.verify_path(path, expires, signature, now + TimeDelta::seconds(899)),
            Ok(())
        );
        assert_eq!(
            keys.verify_path(path, expires, signature, now + TimeDelta::seconds(900)),
            Err(TokenError::Expired)
        );
        assert_eq!(
            keys.verify_path(path, expires + 60, signature, now),
            Err(TokenError::Invalid)
        );
        assert_eq!(
            keys.verify_path("/call-recordings/2/download", expires, signature, now),
            Err(TokenError::Invalid)
        );
        assert_eq!(keys.verify_path(path, expires, "", now), Err(TokenError::Invalid));
    }
}
