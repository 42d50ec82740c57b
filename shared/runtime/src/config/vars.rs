//! Reading one variable: absent and empty are the same, and what is wrong is said with what would be right.

use std::{ffi::OsString, fmt::Display, str::FromStr};

/// A variable's value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    /// Which.
    pub variable: String,
    /// What is wrong with it, and what would be right.
    pub problem: String,
}

impl ConfigError {
    /// About one variable.
    pub fn new(variable: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            variable: variable.into(),
            problem: problem.into(),
        }
    }
}

/// Of reading configuration.
pub(super) type Result<T> = std::result::Result<T, ConfigError>;

/// Where variables come from: the environment, or a test's map.
pub(super) struct Vars<'a>(pub(super) &'a dyn Fn(&str) -> Option<OsString>);

impl Vars<'_> {
    /// A variable's text, without the spaces around it.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        let Some(raw) = (self.0)(name) else {
            return Ok(None);
        };
        let text = raw
            .into_string()
            .map_err(|_| ConfigError::new(name, "it is not UTF-8"))?;
        let text = text.trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// As [`Self::text`], with a default.
    pub(super) fn text_or(&self, name: &str, default: &str) -> Result<String> {
        Ok(self.text(name)?.unwrap_or_else(|| default.to_owned()))
    }

    /// A value of a type that can be read from text. `right` says what would be right.
    pub(super) fn parsed<T: FromStr>(&self, name: &str, right: &str) -> Result<Option<T>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(wrong(name, &text, right)),
        }
    }

    /// As [`Self::parsed`], where the type's own error says what would be right.
    pub(super) fn explained<T>(&self, name: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|error: T::Err| ConfigError::new(name, error.to_string()))
    }

    /// `on` or `off` (`true` and `false` mean the same).
    pub(super) fn switch(&self, name: &str) -> Result<Option<bool>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.to_ascii_lowercase().as_str() {
            "on" | "true" => Ok(Some(true)),
            "off" | "false" => Ok(Some(false)),
            _ => Err(wrong(name, &text, "give `on` or `off`")),
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text)) {
            return Ok(Some(*meaning));
        }
        let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        Err(wrong(name, &text, &format!("give {}", known.join(" or "))))
    }

    /// An `http` or `https` URL without query, without a slash at its end.
    pub(super) fn web_url(&self, name: &str) -> Result<Option<String>> {
        self.url(name, &["http", "https"])
    }

    /// A URL of one of these schemes, without query, without a slash at its end.
    pub(super) fn url(&self, name: &str, schemes: &[&str]) -> Result<Option<String>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let right = format!(
            "give a URL such as {}://calls.example.com",
            schemes[schemes.len() - 1]
        );
        let Ok(url) = url::Url::parse(&text) else {
            return Err(wrong(name, &text, &right));
        };
        if !schemes.contains(&url.scheme()) || url.host().is_none() {
            return Err(wrong(name, &text, &right));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(name, &text, "a base URL has no `?` and no `#`"));
        }
        Ok(Some(text.trim_end_matches('/').to_owned()))
    }
}

fn wrong(name: &str, text: &str, right: &str) -> ConfigError {
    ConfigError::new(name, format!("`{text}` cannot be used: {right}"))
}
