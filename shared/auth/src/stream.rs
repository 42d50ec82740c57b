//! Media-stream tokens: the right to open the socket of one call, within a minute.
//!
//! The HMAC makes it unforgeable; that it is used once is a conditional write of the media server's.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use trunkline_domain::{CallId, Instant};
use uuid::Uuid;

use crate::{TokenError, TokenKeys};

/// How long a media-stream token lives.
pub const STREAM_TTL_S: u32 = 60;

/// Call (16 bytes), epoch (4), generation (4), expiry (8, epoch milliseconds); then the HMAC (32).
const SIGNED: usize = 32;

/// What a media-stream token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamGrant {
    /// The call.
    pub call: CallId,
    /// Which placing of the call.
    pub epoch: u32,
    /// Which media stream of the call, from 0.
    pub generation: u32,
}

impl TokenKeys {
    /// A token for one stream, good for [`STREAM_TTL_S`]: 86 characters that fit a URL.
    #[must_use]
    pub fn stream_token(&self, grant: StreamGrant, now: Instant) -> String {
        let expires = now + TimeDelta::seconds(i64::from(STREAM_TTL_S));
        let mut bytes = Vec::with_capacity(SIGNED + 32);
        bytes.extend_from_slice(grant.call.0.as_bytes());
        bytes.extend_from_slice(&grant.epoch.to_be_bytes());
        bytes.extend_from_slice(&grant.generation.to_be_bytes());
        bytes.extend_from_slice(&expires.timestamp_millis().to_be_bytes());
        let tag = hmac::sign(&self.stream, &bytes);
        bytes.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a media-stream token.
    ///
    /// # Errors
    /// [`TokenError::Expired`] after a minute, [`TokenError::Invalid`] for anything that is not one.
    pub fn read_stream(&self, token: &str, now: Instant) -> Result<StreamGrant, TokenError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenError::Invalid)?;
        let (signed, tag) = bytes.split_at_checked(SIGNED).ok_or(TokenError::Invalid)?;
        hmac::verify(&self.stream, signed, tag).map_err(|_| TokenError::Invalid)?;
        let expires = i64::from_be_bytes(part(signed, 24)?);
        let expires = DateTime::from_timestamp_millis(expires).ok_or(TokenError::Invalid)?;
        if expires <= now {
            return Err(TokenError::Expired);
        }
        Ok(StreamGrant {
            call: CallId(Uuid::from_bytes(part(signed, 0)?)),
            epoch: u32::from_be_bytes(part(signed, 16)?),
            generation: u32::from_be_bytes(part(signed, 20)?),
        })
    }
}

fn part<const N: usize>(bytes: &[u8], from: usize) -> Result<[u8; N], TokenError> {
    bytes
        .get(from..from + N)
        .and_then(|slice| slice.try_into().ok())
        .ok_or(TokenError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> TokenKeys {
        TokenKeys::new(&[1; 32]).unwrap()
    }

    fn grant() -> StreamGrant {
        StreamGrant {
            call: CallId(Uuid::from_u128(7)),
            epoch: 2,
            generation: 1,
        }
    }

    #[test]
    fn a_stream_token_opens_its_stream_for_a_minute() {
        let now: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
        let token = keys().stream_token(grant(), now);
        assert_eq!(token.len(), 86);
        assert_eq!(
            keys().read_stream(&token, now + TimeDelta::milliseconds(59_999)),
            Ok(grant())
        );
        assert_eq!(
            keys().read_stream(&token, now + TimeDelta::seconds(60)),
            Err(TokenError::Expired)
        );
    }

    #[test]
    fn an_altered_stream_token_opens_nothing() {
        let now: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
        let token = keys().stream_token(grant(), now);
        for at in [0, 22, 30, 40, 60] {
            let mut other: Vec<u8> = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(
                keys().read_stream(&other, now),
                Err(TokenError::Invalid),
                "character {at}"
            );
        }
        for none in ["", "short", "not base64 at all!"] {
            assert_eq!(keys().read_stream(none, now), Err(TokenError::Invalid));
        }
        assert_eq!(
            TokenKeys::new(&[2; 32]).unwrap().read_stream(&token, now),
            Err(TokenError::Invalid)
        );
    }
}
