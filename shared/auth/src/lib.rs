//! Passwords, tokens and who is asking. Pure: keys, time and randomness are arguments.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test may stop at the first surprise"
    )
)]

mod desk;
mod jwt;
mod keys;
mod link;
mod password;
mod principal;
mod seal;
mod secret;
pub mod stream;

pub use jwt::{ACCESS_TTL_S, AccessClaims, REFRESH_TTL_S, RefreshClaims};
pub use keys::{TokenKeys, WeakKey};
pub use link::LINK_TTL_S;
pub use password::{Password, PasswordHash};
pub use principal::Principal;
pub use seal::{CannotOpen, SealKey};
pub use secret::{OneUseToken, fingerprint};
pub use stream::{STREAM_TTL_S, StreamGrant};

/// A token that is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was right once.
    #[error("the token has expired")]
    Expired,
    /// It is a good token of another kind: a refresh token where an access token is asked, or the reverse.
    #[error("the token is of the wrong kind")]
    WrongKind,
    /// It is no token of this platform.
    #[error("the token is not one of this platform")]
    Invalid,
}

impl From<TokenError> for trunkline_domain::Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::TokenExpired,
            TokenError::WrongKind | TokenError::Invalid => Self::TokenInvalid(error.to_string()),
        }
    }
}
