//! Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane).

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use tokio::sync::Semaphore;
use trunkline_domain::{Error, FieldError};

/// The fewest characters a new password may have.
const LEAST: usize = 8;
/// The most bytes: a bound on what is hashed, far beyond any password.
const MOST: usize = 1024;

/// At most so many hashes at once: each takes 19 MiB and a core.
static HASHERS: Semaphore = Semaphore::const_new(4);

/// A password in clear text; shows itself nowhere.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password to be set.
    ///
    /// # Errors
    /// On `field`, when it has fewer than 8 characters or more than 1,024 bytes.
    pub fn chosen(field: &str, text: &str) -> Result<Self, FieldError> {
        if text.chars().count() < LEAST {
            return Err(FieldError::new(
                field,
                format!("a password has at least {LEAST} characters"),
            ));
        }
        if text.len() > MOST {
            return Err(FieldError::new(
                field,
                format!("a password has at most {MOST} bytes"),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// A password to be checked: whatever was typed; one that is too long is none.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self(if text.len() > MOST {
            String::new()
        } else {
            text.to_owned()
        })
    }

    /// Hashes it, off the async threads.
    ///
    /// # Errors
    /// [`Error::Internal`] when the hasher fails.
    pub async fn hash(&self, salt: [u8; 16]) -> Result<PasswordHash, Error> {
        let text = self.0.clone();
        blocking(move || {
            let hash = hasher()?
                .hash_password_with_salt(text.as_bytes(), &salt)
                .map_err(Error::internal)?;
            Ok(PasswordHash(hash.to_string()))
        })
        .await
    }

    /// Whether it is the password of this hash. Without a hash (nobody has this e-mail) it takes
    /// as long and says no, so that the time does not tell who has an account.
    ///
    /// # Errors
    /// [`Error::Internal`] when the hasher fails.
    pub async fn matches(&self, hash: Option<&PasswordHash>) -> Result<bool, Error> {
        let text = self.0.clone();
        let hash = hash.cloned();
        blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODYS.clone());
            let fits = hasher()?
                .verify_password(text.as_bytes(), hash.0.as_str())
                .is_ok();
            Ok(fits && known)
        })
        .await
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password's argon2id hash, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// One that was stored.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// To be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// What an unknown e-mail's password is compared with.
static NOBODYS: LazyLock<PasswordHash> = LazyLock::new(|| {
    let hash = hasher()
        .ok()
        .and_then(|argon| argon.hash_password_with_salt(b"nobody", &[0; 16]).ok());
    PasswordHash(hash.map(|hash| hash.to_string()).unwrap_or_default())
});

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let _turn = HASHERS.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let hash = Password::chosen("password", "correct horse")
            .unwrap()
            .hash([3; 16])
            .await
            .unwrap();
        assert!(
            Password::typed("correct horse")
                .matches(Some(&hash))
                .await
                .unwrap()
        );
        assert!(
            !Password::typed("correct house")
                .matches(Some(&hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_has_nobodys_password() {
        assert!(!Password::typed("nobody").matches(None).await.unwrap());
    }

    #[tokio::test]
    async fn the_hash_is_argon2id_with_owasps_parameters() {
        let hash = Password::typed("x").hash([1; 16]).await.unwrap();
        assert!(
            hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.0
        );
    }

    #[test]
    fn a_short_or_endless_password_is_refused() {
        assert!(Password::chosen("password", "sévèn77").is_err());
        assert!(Password::chosen("password", "ééééiiii").is_ok());
        assert!(Password::chosen("password", &"x".repeat(1025)).is_err());
    }

    #[tokio::test]
    async fn debug_shows_neither_password_nor_hash() {
        let password = Password::typed("secret-word");
        let hash = password.hash([1; 16]).await.unwrap();
        assert_eq!(format!("{password:?} {hash:?}"), "Password(…) PasswordHash(…)");
    }
}
