//! One request, one answer, bounded.

use std::{error::Error as _, time::Duration};

use reqwest::{header::RETRY_AFTER, redirect, retry};
use url::Url;

use crate::{
    Outbound,
    resolve::{Checked, LeadsInside, Unknown},
    url::is_literally_inside,
};

/// What is asked of the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// A request.
#[derive(Clone)]
pub struct Request<'a> {
    /// GET or POST.
    pub method: Method,
    /// Where to; checked again here.
    pub url: &'a str,
    /// Headers; values may be secrets.
    pub headers: &'a [(&'a str, String)],
    /// The body; none is no body.
    pub body: Option<&'a str>,
    /// For all of it: resolving, connecting, the answer's body.
    pub timeout: Duration,
    /// How much of the answer's body is read; what is more is left.
    pub body_max: usize,
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status; redirects are not followed.
    pub status: u16,
    /// The `Retry-After` header as it came.
    pub retry_after: Option<String>,
    /// The beginning of the body.
    pub body: Vec<u8>,
}

/// Why nothing came back. The texts are for the user who gave the URL, and tell nothing of the inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not a URL that can be asked, or a header that cannot be sent.
    #[error("the request cannot be made: the URL or a header is not valid")]
    Invalid,
    /// It leads to a private address.
    #[error("the address is private, so it was not called")]
    Private,
    /// Its name has no address.
    #[error("the name does not resolve")]
    Unresolved,
    /// Nobody listens, or TLS failed.
    #[error("no connection could be made")]
    Unreachable,
    /// Nothing within the time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection ended before the answer did.
    #[error("the connection broke before the answer was complete")]
    Broken,
}

impl Outbound {
    /// Sends a request once.
    ///
    /// # Errors
    /// [`Failure`]; after [`Failure::TimedOut`] and [`Failure::Broken`] the other side may have acted.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, Failure> {
        let url = Url::parse(request.url).map_err(|_| Failure::Invalid)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::Invalid);
        }
        if !self.allow_private && is_literally_inside(&url) {
            return Err(Failure::Private);
        }
        let timeout = request.timeout;
        let answer = tokio::time::timeout(timeout, self.exchange(url, request));
        answer.await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(&self, url: Url, request: Request<'_>) -> Result<Answer, Failure> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut ask = self.client()?.request(method, url);
        for (name, value) in request.headers {
            ask = ask.header(*name, value);
        }
        if let Some(body) = request.body {
            ask = ask.body(body.to_owned());
        }
        let mut response = ask.send().await.map_err(|error| failure(&error))?;
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while body.len() < request.body_max {
            match response.chunk().await.map_err(|error| failure(&error))? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        body.truncate(request.body_max);
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }

    fn client(&self) -> Result<&reqwest::Client, Failure> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let checked = Checked {
            lookup: self.lookup.clone(),
            allow_private: self.allow_private,
        };
        let client = reqwest::Client::builder()
            .dns_resolver(checked)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // A proxy would resolve and connect by itself.
            .no_proxy()
            // Each request resolves and checks anew, as promised.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("Trunkline/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| Failure::Unreachable)?;
        Ok(self.http.get_or_init(|| client))
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<LeadsInside>() {
            return Failure::Private;
        }
        if inner.is::<Unknown>() {
            return Failure::Unresolved;
        }
        cause = inner.source();
    }
    if error.is_builder() {
        Failure::Invalid
    } else if error.is_timeout() {
        Failure::TimedOut
    } else if error.is_connect() {
        Failure::Unreachable
    } else {
        Failure::Broken
    }
}
