//! The key of one start, and the check that a request names it.

use std::fmt;

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// An access key and its secret, made at each start.
#[derive(Clone)]
pub(crate) struct Keys {
    access: String,
    secret: String,
}

impl Keys {
    /// A pair nobody can guess: 122 random bits in the key, 244 in the secret.
    pub(crate) fn fresh() -> Self {
        Self {
            access: format!("TRUNKLINE{}", Uuid::new_v4().simple()).to_uppercase(),
            secret: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
        }
    }

    /// The access key id.
    pub(crate) fn access(&self) -> &str {
        &self.access
    }

    /// The secret access key.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// Whether the request's `Authorization` header names this start's access key.
    ///
    /// Only the key's name is compared, not the signature: on loopback the random name is itself the secret
    /// that another user of the machine, or a web page, does not have.
    pub(crate) fn named_in(&self, headers: &HeaderMap) -> bool {
        let Some(named) = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| credential(value.to_str().ok()?))
        else {
            return false;
        };
        named.as_bytes().ct_eq(self.access.as_bytes()).into()
    }
}

/// The access key in `AWS4-HMAC-SHA256 Credential=<access key>/<date>/…, SignedHeaders=…, Signature=…`.
fn credential(authorization: &str) -> Option<&str> {
    let (_, rest) = authorization
        .strip_prefix("AWS4-HMAC-SHA256")?
        .split_once("Credential=")?;
    rest.split_once('/').map(|(key, _)| key)
}

// The secret must not reach a log by way of `{:?}`.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(with: &str) -> HeaderMap {
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={with}/20261122/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00"
        );
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_request_must_name_the_key_of_this_start() {
        let keys = Keys::fresh();
        assert!(keys.named_in(&signed(keys.access())));
        assert!(!keys.named_in(&signed(Keys::fresh().access())));
        assert!(!keys.named_in(&signed("")));
        assert!(!keys.named_in(&HeaderMap::new()));
        let bearer = HeaderMap::from_iter([(header::AUTHORIZATION, "Bearer x".parse().unwrap())]);
        assert!(!keys.named_in(&bearer));
    }

    #[test]
    fn debug_output_shows_no_key() {
        let keys = Keys::fresh();
        let shown = format!("{keys:?}");
        assert!(!shown.contains(keys.access()) && !shown.contains(keys.secret()));
    }
}
