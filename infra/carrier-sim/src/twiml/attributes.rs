//! An element's attributes, read strictly.

use roxmltree::Node;
use url::Url;

use super::{Target, TwimlError};

/// How a URL is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

impl Method {
    /// `GET` or `POST` in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            _ => None,
        }
    }
}

/// The attributes of one element; what is wrong is said with the element's name.
pub(super) struct Attributes<'a, 'input> {
    node: Node<'a, 'input>,
    base: Option<&'a Url>,
}

impl<'a, 'input> Attributes<'a, 'input> {
    /// `base` is the document's own address, against which relative ones are resolved.
    pub(super) fn of(node: Node<'a, 'input>, base: Option<&'a Url>) -> Self {
        Self { node, base }
    }

    fn wrong(&self, name: &str, value: &str, right: &str) -> TwimlError {
        TwimlError::parse(format!(
            "<{}> has {name}=\"{value}\"; it must be {right}",
            self.node.tag_name().name()
        ))
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool, TwimlError> {
        match self.text(name) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(self.wrong(name, other, "true or false")),
        }
    }

    pub(super) fn number(&self, name: &str, default: u32) -> Result<u32, TwimlError> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text
                .trim()
                .parse()
                .map_err(|_| self.wrong(name, text, "a whole number")),
        }
    }

    pub(super) fn words(&self, name: &str, allowed: &[&str]) -> Result<Vec<String>, TwimlError> {
        let words: Vec<String> = self
            .text(name)
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        match words.iter().find(|word| !allowed.contains(&word.as_str())) {
            Some(word) => Err(self.wrong(name, word, &format!("some of: {}", allowed.join(" ")))),
            None => Ok(words),
        }
    }

    /// The address in attribute `name`, asked with the method in attribute `method`; an empty one is as good as none.
    pub(super) fn target(&self, name: &str, method: &str) -> Result<Option<Target>, TwimlError> {
        let method = match self.text(method) {
            None => Method::Post,
            Some(text) => Method::parse(text).ok_or_else(|| self.wrong(method, text, "GET or POST"))?,
        };
        let Some(text) = self.text(name).map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Target {
            url: self.url(name, text)?,
            method,
        }))
    }

    /// An address, absolute or relative to the document.
    pub(super) fn url(&self, name: &str, text: &str) -> Result<Url, TwimlError> {
        let options = Url::options().base_url(self.base);
        match options.parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
            Ok(_) | Err(_) => Err(TwimlError {
                code: 11100,
                ..self.wrong(name, text, "an http or https address (error 11100)")
            }),
        }
    }
}
