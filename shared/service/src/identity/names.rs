//! People's names, as they type them.

use trunkline_domain::FieldError;

/// The longest name, in characters.
const LONGEST: usize = 200;

/// A name, trimmed. It may be empty.
///
/// # Errors
/// On `field`, when it is longer than 200 characters or holds control characters.
pub fn read_name(field: &str, text: &str) -> Result<String, FieldError> {
    let name = text.trim();
    if name.chars().count() > LONGEST {
        return Err(FieldError::new(
            field,
            format!("it has at most {LONGEST} characters"),
        ));
    }
    if name.chars().any(char::is_control) {
        return Err(FieldError::new(field, "it holds a control character"));
    }
    Ok(name.to_owned())
}

/// First and last name out of one, split at the first space.
#[must_use]
pub fn split_name(name: &str) -> (String, String) {
    let name = name.trim();
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    (first.to_owned(), last.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_at_its_first_space() {
        assert_eq!(split_name("John Q Doe"), ("John".to_owned(), "Q Doe".to_owned()));
        assert_eq!(split_name("Cher"), ("Cher".to_owned(), String::new()));
    }

    #[test]
    fn names_are_anything_but_endless_or_unprintable() {
        for good in ["", " John ", "名前", "O'Brien; DROP TABLE users", "<b>x</b>"] {
            assert_eq!(read_name("name", good).unwrap(), good.trim());
        }
        assert!(read_name("name", &"x".repeat(201)).is_err());
        assert!(read_name("name", "a\u{0}b").is_err() && read_name("name", "a\r\nb").is_err());
    }
}
