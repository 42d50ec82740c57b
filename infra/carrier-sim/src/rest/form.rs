//! A form-encoded body or query, read strictly: what is wrong is said with the parameter's name.

use url::Url;

use super::error::ApiError;
use crate::twiml::{Method, Target};

/// The carrier's general "bad request", for parameters without a number of their own.
pub(super) const BAD_REQUEST: u32 = 20001;

/// A form.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body; one that is no form has no parameters, and what is missing then says so.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(serde_urlencoded::from_bytes(body).unwrap_or_default())
    }

    /// The last value; an empty one is as good as none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|v| !v.is_empty())
    }

    /// Whether the parameter was given, empty or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// All values of a repeated key; one value may also hold several words.
    pub(super) fn words(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, value)| value.split_whitespace())
            .collect()
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(wrong(BAD_REQUEST, name, other, "true or false")),
        }
    }

    /// A whole number in `low..=high`.
    pub(super) fn number(&self, name: &str, low: u32, high: u32, code: u32) -> Result<Option<u32>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) if (low..=high).contains(&number) => Ok(Some(number)),
            Ok(_) | Err(_) => Err(wrong(
                code,
                name,
                text,
                &format!("a whole number from {low} to {high}"),
            )),
        }
    }

    /// An absolute address with its method (in parameter `name` + `Method`).
    pub(super) fn target(&self, name: &str, code: u32) -> Result<Option<Target>, ApiError> {
        let method_name = if name == "Url" {
            "Method".to_owned()
        } else {
            format!("{name}Method")
        };
        let method = match self.text(&method_name) {
            None => Method::Post,
            Some(text) => {
                Method::parse(text).ok_or_else(|| wrong(21209, &method_name, text, "GET or POST"))?
            }
        };
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && text.len() <= 4000 => {
                Ok(Some(Target { url, method }))
            }
            Ok(_) | Err(_) => Err(ApiError::bad(code, format!("{name} is not a valid URL: {text}"))),
        }
    }
}

/// What is wrong with a parameter.
pub(super) fn wrong(code: u32, name: &str, value: &str, right: &str) -> ApiError {
    ApiError::bad(code, format!("Invalid {name}: {value}; it must be {right}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_keys_and_words_are_all_read() {
        let form = Form::read(b"E=a&E=b+c&To=%2B1555&Empty=&To=%2B1666");
        assert_eq!(form.words("E"), ["a", "b", "c"]);
        assert_eq!(
            (form.text("To"), form.text("Empty"), form.has("Empty")),
            (Some("+1666"), None, true)
        );
        assert!(Form::read(b"\xff{\"To\":1}").text("To").is_none());
    }

    #[test]
    fn wrong_values_are_refused_by_name() {
        let form = Form::read(b"Record=yes&Timeout=601&Url=ftp%3A%2F%2Fx&Url2=http%3A%2F%2Fx&Url2Method=PUT");
        assert!(form.flag("Record").is_err());
        assert!(form.number("Timeout", 1, 600, 21208).is_err());
        assert!(form.target("Url", 21205).is_err());
        assert!(form.target("Url2", 21205).is_err());
        assert!(form.target("Missing", 21205).unwrap().is_none());
    }
}
