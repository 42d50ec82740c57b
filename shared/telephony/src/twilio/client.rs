//! One request, one answer: no retry, no redirect, no more than [`POST_TIMEOUT`], no endless body.

use std::time::Duration;

use futures::StreamExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, redirect, retry};
use serde::de::DeserializeOwned;
use trunkline_domain::dial::POST_TIMEOUT;

use super::wire::{Problem, unreadable};
use crate::{CarrierError, Sound};

/// A page of 100 calls is about 150 kB.
const BODY_MAX: usize = 2 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    account: String,
    token: String,
    base: String,
}

/// Without the token.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after_s: Option<u32>,
    pub(super) body: Vec<u8>,
}

/// Why nothing, or not all, came back.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection was made, so nothing was asked.
    NotSent(String),
    /// It may have been asked.
    Unknown(String),
}

impl Client {
    pub(super) fn new(account: &str, token: String, base: &str) -> Result<Self, CarrierError> {
        let timeout = POST_TIMEOUT.to_std().unwrap_or(Duration::from_secs(10));
        let mut builder = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout / 2)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .user_agent("trunkline");
        // A stand-in on this machine is not reached through the machine's proxy.
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| CarrierError::Unreachable(causes(&error)))?;
        Ok(Self {
            http,
            account: account.to_owned(),
            token,
            base: base.trim_end_matches('/').to_owned(),
        })
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// As [`Self::ask`], for requests where a failure is simply a failure.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &[(&str, &str)],
    ) -> Result<Answer, CarrierError> {
        let body: Vec<(&str, String)> = body
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        self.ask(method, path, &body)
            .await
            .map_err(|failure| match failure {
                Failure::NotSent(what) | Failure::Unknown(what) => CarrierError::Unreachable(what),
            })
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: &[(&str, String)],
    ) -> Result<Answer, Failure> {
        let url = format!("{}{path}", self.base);
        let mut request = self
            .http
            .request(method.clone(), url)
            .basic_auth(&self.account, Some(&self.token));
        if method == Method::POST {
            request = request.form(body);
        }
        let mut response = request.send().await.map_err(|error| Failure::of(&error))?;
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok());
        let retry_after_s = retry_after.and_then(|seconds| seconds.trim().parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| Failure::Unknown(causes(&error)))?
        {
            if body.len() + chunk.len() > BODY_MAX {
                return Err(Failure::Unknown(format!(
                    "{status} with more than {BODY_MAX} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            retry_after_s,
            body,
        })
    }
}

impl Client {
    /// A body as it comes, however large, within this time; none: there is no such thing.
    pub(super) async fn stream(&self, path: &str, within: Duration) -> Result<Option<Sound>, CarrierError> {
        let url = format!("{}{path}", self.base);
        let request = self.http.get(url).basic_auth(&self.account, Some(&self.token));
        let response = request
            .timeout(within)
            .send()
            .await
            .map_err(|error| CarrierError::Unreachable(causes(&error)))?;
        match response.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            status => {
                return Err(CarrierError::Refused(format!(
                    "it answers with HTTP status {status}"
                )));
            }
        }
        let pieces = futures::stream::try_unfold(response, |mut response| async move {
            let piece = response.chunk().await;
            let piece = piece.map_err(|error| CarrierError::Unreachable(causes(&error)))?;
            Ok(piece.map(|piece| (piece, response)))
        });
        Ok(Some(pieces.boxed()))
    }
}

impl Failure {
    fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            Self::NotSent(causes(error))
        } else {
            Self::Unknown(causes(error))
        }
    }
}

impl Answer {
    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The carrier's own words for an error; empty where it gives none.
    pub(super) fn problem(&self) -> Problem {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, CarrierError> {
        if !self.is_success() {
            return Err(self.as_error());
        }
        serde_json::from_slice(&self.body).map_err(|error| unreadable(&error.to_string()))
    }

    /// 5xx and 429 pass; any other refusal stays one.
    pub(super) fn as_error(&self) -> CarrierError {
        let problem = self.problem();
        let what = format!("{} {problem}", self.status);
        if self.status >= 500 || self.status == 429 || self.status == 408 {
            CarrierError::Unreachable(what)
        } else {
            CarrierError::Refused(what)
        }
    }
}

/// A path segment that can only be one.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn is_loopback(base: &str) -> bool {
    match url::Url::parse(base).ok().as_ref().and_then(url::Url::host) {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The whole chain, since the outermost says only "error sending request". Without the URL, which may hold
/// phone numbers.
fn causes(error: &reqwest::Error) -> String {
    let mut said = if error.is_timeout() {
        "timeout".to_owned()
    } else {
        "no answer".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        said.push_str(": ");
        said.push_str(&inner.to_string());
        cause = inner.source();
    }
    said
}
