//! `If-Match`: only write what was read.

use aide::OperationInput;
use axum::extract::FromRequestParts;
use http::{header, request::Parts};

use crate::Failure;

/// The `If-Match` header, if there is one.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// Whether there is one: without it the record need not be read first.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// Refuses when the record's version is not one that the header names.
    ///
    /// # Errors
    /// [`Failure::Stale`]: 409.
    pub fn check(&self, version: u64) -> Result<(), Failure> {
        let Some(wanted) = &self.0 else {
            return Ok(());
        };
        let now = tag_of(version);
        let fits = |tag: &str| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == now;
        if wanted.split(',').map(str::trim).any(fits) {
            Ok(())
        } else {
            Err(Failure::Stale { now })
        }
    }
}

/// The ETag of a version.
pub(crate) fn tag_of(version: u64) -> String {
    format!("\"{version}\"")
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // One that cannot be read names no version: it must not pass for none at all.
        let value = parts.headers.get(header::IF_MATCH);
        let value = value.map(|value| value.to_str().unwrap_or_default().to_owned());
        Ok(Self(value))
    }
}

impl OperationInput for IfMatch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_tag_is_refused_and_no_tag_is_not() {
        let of = |text: &str| IfMatch(Some(text.to_owned()));
        assert!(IfMatch(None).check(3).is_ok());
        for good in ["\"3\"", "*", "W/\"3\"", "\"2\", \"3\""] {
            assert!(of(good).check(3).is_ok(), "{good}");
        }
        for stale in ["\"2\"", "3", ""] {
            assert!(
                matches!(of(stale).check(3), Err(Failure::Stale { .. })),
                "{stale}"
            );
        }
    }
}
