//! Access and refresh tokens: JWTs, HS256, each kind under its own key.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use trunkline_domain::{Instant, SessionId, TenantId, UserId};
use uuid::Uuid;

use crate::{TokenError, TokenKeys};

/// How long an access token lives: 24 hours.
pub const ACCESS_TTL_S: u32 = 86_400;
/// How long a refresh token lives: 30 days.
pub const REFRESH_TTL_S: u32 = 30 * 86_400;

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Whose it is.
    #[serde(rename = "sub")]
    pub user: UserId,
    /// The user's tenant.
    #[serde(rename = "tid")]
    pub tenant: TenantId,
    /// The login that it came from.
    #[serde(rename = "sid")]
    pub session: SessionId,
    /// The user's `token_epoch` when it was made: a later epoch ends it.
    #[serde(rename = "ep")]
    pub epoch: u32,
}

/// What a refresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshClaims {
    /// Whose it is, and of which login.
    #[serde(flatten)]
    pub of: AccessClaims,
    /// This token's own id.
    #[serde(rename = "jti")]
    pub id: Uuid,
    /// The token that it succeeds; none for the one that a login gives. That one is spent when
    /// this one is first used, so a lost answer to a refresh locks nobody out.
    #[serde(rename = "prv", default, skip_serializing_if = "Option::is_none")]
    pub succeeds: Option<Uuid>,
}

#[derive(Serialize, Deserialize)]
struct Dated<T> {
    #[serde(flatten)]
    claims: T,
    iat: i64,
    exp: i64,
}

impl TokenKeys {
    /// An access token, good for [`ACCESS_TTL_S`].
    ///
    /// # Errors
    /// [`TokenError::Invalid`] when the claims cannot be written, which no claims of ours do.
    pub fn access_token(&self, claims: AccessClaims, now: Instant) -> Result<String, TokenError> {
        sign(&self.access, claims, now, ACCESS_TTL_S)
    }

    /// A refresh token, good for [`REFRESH_TTL_S`].
    ///
    /// # Errors
    /// [`TokenError::Invalid`] when the claims cannot be written, which no claims of ours do.
    pub fn refresh_token(&self, claims: RefreshClaims, now: Instant) -> Result<String, TokenError> {
        sign(&self.refresh, claims, now, REFRESH_TTL_S)
    }

    /// Reads an access token: its signature and its dates. Whether the login still stands is the store's to say.
    ///
    /// # Errors
    /// [`TokenError`] says whether it is old, of another kind, or none of ours.
    pub fn read_access(&self, token: &str, now: Instant) -> Result<AccessClaims, TokenError> {
        self.read(&self.access, &self.refresh, token, now)
    }

    /// Reads a refresh token, as [`Self::read_access`] does an access token.
    ///
    /// # Errors
    /// As there.
    pub fn read_refresh(&self, token: &str, now: Instant) -> Result<RefreshClaims, TokenError> {
        self.read(&self.refresh, &self.access, token, now)
    }

    fn read<T: DeserializeOwned>(
        &self,
        key: &[u8],
        other: &[u8],
        token: &str,
        now: Instant,
    ) -> Result<T, TokenError> {
        let dated: Dated<T> = open(key, token).ok_or_else(|| {
            let of_other_kind = open::<Dated<serde_json::Value>>(other, token).is_some();
            if of_other_kind {
                TokenError::WrongKind
            } else {
                TokenError::Invalid
            }
        })?;
        let expires = DateTime::from_timestamp(dated.exp, 0).ok_or(TokenError::Invalid)?;
        if expires <= now {
            Err(TokenError::Expired)
        } else {
            Ok(dated.claims)
        }
    }
}

fn sign<T: Serialize>(key: &[u8], claims: T, now: Instant, ttl_s: u32) -> Result<String, TokenError> {
    let exp = (now + TimeDelta::seconds(i64::from(ttl_s))).timestamp();
    let dated = Dated {
        claims,
        iat: now.timestamp(),
        exp,
    };
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &dated,
        &EncodingKey::from_secret(key),
    )
    .map_err(|_| TokenError::Invalid)
}

fn open<T: DeserializeOwned>(key: &[u8], token: &str) -> Option<T> {
    // Dates are compared with the `now` that is given, never with the machine's clock.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let data = jsonwebtoken::decode::<T>(token, &DecodingKey::from_secret(key), &validation).ok()?;
    Some(data.claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> TokenKeys {
        TokenKeys::new(b"a secret of thirty-two bytes, no less").unwrap()
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn claims() -> AccessClaims {
        let id = |n| Uuid::from_u128(n);
        AccessClaims {
            user: UserId(id(1)),
            tenant: TenantId(id(2)),
            session: SessionId(id(3)),
            epoch: 4,
        }
    }

    #[test]
    fn an_access_token_lives_a_day_to_the_second() {
        let token = keys().access_token(claims(), at("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(
            keys().read_access(&token, at("2026-01-01T23:59:59Z")),
            Ok(claims())
        );
        assert_eq!(
            keys().read_access(&token, at("2026-01-02T00:00:00Z")),
            Err(TokenError::Expired)
        );
    }

    #[test]
    fn a_refresh_token_is_no_access_token_and_the_reverse() {
        let now = at("2026-01-01T00:00:00Z");
        let refresh = RefreshClaims {
            of: claims(),
            id: Uuid::from_u128(9),
            succeeds: Some(Uuid::from_u128(8)),
        };
        let token = keys().refresh_token(refresh, now).unwrap();
        assert_eq!(keys().read_refresh(&token, now), Ok(refresh));
        assert_eq!(keys().read_access(&token, now), Err(TokenError::WrongKind));
        let access = keys().access_token(claims(), now).unwrap();
        assert_eq!(keys().read_refresh(&access, now), Err(TokenError::WrongKind));
    }

    #[test]
    fn anothers_altered_or_unsigned_token_is_invalid() {
        let now = at("2026-01-01T00:00:00Z");
        let token = keys().access_token(claims(), now).unwrap();
        let others = TokenKeys::new(&[9; 32]).unwrap();
        assert_eq!(others.read_access(&token, now), Err(TokenError::Invalid));
        let (head, signature) = token.rsplit_once('.').unwrap();
        for bad in [
            "",
            "x",
            "a.b.c",
            head,
            &format!("{head}x.{signature}"),
            &format!("{head}."),
            &format!("eyJhbGciOiJub25lIn0.{}", &token[21..]),
        ] {
            assert_eq!(keys().read_access(bad, now), Err(TokenError::Invalid), "{bad}");
        }
    }
}
