//! E-mail addresses, as people type them.

use trunkline_domain::FieldError;
use trunkline_store::{StoreError, identity::Account};

use crate::Ctx;

/// The longest address that mail servers take. Source: RFC 5321, section 4.5.3.1.3.
const MOST: usize = 254;

/// An address in the form by which it is unique: trimmed, lower-case.
///
/// # Errors
/// On `field`, when it is none.
pub fn read_email(field: &str, text: &str) -> Result<String, FieldError> {
    let email = text.trim().to_lowercase();
    let well_formed = email.len() <= MOST
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !name.starts_with('.')
                && !name.ends_with('.')
                && !host.is_empty()
                && host.split('.').all(|label| !label.is_empty())
                && host.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
        })
        && !email
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c));
    if well_formed {
        Ok(email)
    } else {
        Err(FieldError::new(
            field,
            "it is not an e-mail address such as user@example.com",
        ))
    }
}

/// The account of an address as somebody typed it; what is no address is nobody's.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn account_of(ctx: &Ctx, typed: &str) -> Result<Option<Account>, StoreError> {
    match read_email("email", typed) {
        Ok(email) => ctx.store.account_by_email(&email).await,
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_one_in_any_case() {
        assert_eq!(
            read_email("email", " User@Example.COM ").unwrap(),
            "user@example.com"
        );
        assert_eq!(read_email("email", "a.b+c@x-y.co.uk").unwrap(), "a.b+c@x-y.co.uk");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "user",
            "user@",
            "@host",
            "a b@c.d",
            "a@b..c",
            "a@b@c",
            "a@b.c,d@e.f",
            &format!("{}@x.y", "a".repeat(260)),
        ] {
            assert!(read_email("email", text).is_err(), "{text}");
        }
    }
}
