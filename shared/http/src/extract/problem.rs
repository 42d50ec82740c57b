//! serde's words, turned into ours: which field, and what was wrong with it.

use trunkline_domain::FieldError;

/// A field error from serde's message and the path at which it stopped.
pub(crate) fn field_error(path: &str, message: &str) -> FieldError {
    // serde_json ends its messages with a position that means nothing to who fills in a form.
    let message = message.split(" at line ").next().unwrap_or(message);
    let path = if path == "." { "" } else { path };
    if let Some(name) = quoted_after(message, "missing field ") {
        return FieldError::new(join(path, name), "it is required");
    }
    if let Some(name) = quoted_after(message, "duplicate field ") {
        return FieldError::new(join(path, name), "it is given twice");
    }
    let field = if path.is_empty() { "body" } else { path };
    let what = reworded(message);
    if message.contains("is not a phone number") {
        FieldError::phone(field, what)
    } else {
        FieldError::new(field, what)
    }
}

fn reworded(message: &str) -> String {
    if let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.split_once(", expected "))
    {
        return format!("it must be {expected}, not {found}");
    }
    if let Some((found, allowed)) = message
        .strip_prefix("unknown variant ")
        .and_then(|rest| rest.split_once(", expected "))
    {
        let allowed = allowed.strip_prefix("one of ").unwrap_or(allowed);
        return format!(
            "{found} is not known; allowed: {}",
            allowed.replace('`', "").replace(" or ", ", ")
        );
    }
    message.to_owned()
}

fn quoted_after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start)?.split('`').nth(1)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serdes_words_become_a_field_and_what_was_wrong_with_it() {
        for (path, message, field, what) in [
            (
                ".",
                "missing field `email` at line 1 column 2",
                "email",
                "it is required",
            ),
            (
                "retry_policy",
                "missing field `max_attempts`",
                "retry_policy.max_attempts",
                "it is required",
            ),
            (
                "name",
                "invalid type: integer `5`, expected a string at line 1 column 9",
                "name",
                "it must be a string, not integer `5`",
            ),
            (
                "status",
                "unknown variant `x`, expected one of `active`, `inactive`",
                "status",
                "`x` is not known; allowed: active, inactive",
            ),
        ] {
            let error = field_error(path, message);
            assert_eq!((error.field.as_str(), error.what.as_str()), (field, what));
        }
    }

    #[test]
    fn a_phone_numbers_error_says_that_it_is_one() {
        let message = "55".parse::<trunkline_domain::E164>().unwrap_err().to_string();
        assert!(field_error("phone", &message).phone);
    }
}
