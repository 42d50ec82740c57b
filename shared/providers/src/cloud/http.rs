//! One POST, and its answer piece by piece.

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, redirect, retry as protocol_retry};
use serde::Serialize;
use tokio::time::{sleep, timeout};
use url::Url;

use super::endpoint::Endpoint;
use super::limits::{CONNECT, Limits};
use super::retry;
use crate::ProviderError;

/// An error says what it has to in this much.
const ERROR_BODY_MAX: usize = 16 * 1024;

/// Asks; answers once a success has begun, with its body still to come.
/// A 429 or 503 is asked again while the limit for the answer allows it.
pub(super) async fn post(
    endpoint: &Endpoint,
    url: Url,
    body: &impl Serialize,
    limits: &Limits,
) -> Result<Answer, ProviderError> {
    let client = client(endpoint)?;
    let attempts = async {
        let mut attempt = 1;
        loop {
            let request = client
                .post(url.clone())
                .headers(endpoint.headers().clone())
                .json(body);
            let response = match request.send().await {
                Ok(response) => response,
                // A kept connection that the vendor closed meanwhile; a word too much costs little.
                Err(error) if attempt == 1 && error.is_request() && !error.is_connect() => {
                    attempt += 1;
                    continue;
                }
                Err(error) => return Err(broken(endpoint, &error)),
            };
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let headers = response.headers().clone();
            let body = error_body(response).await;
            let refused = endpoint.refused(status.as_u16(), &body);
            match retry::delay(limits, status.as_u16(), &headers, &body, attempt) {
                Some(delay) => sleep(delay).await,
                None => return Err(refused),
            }
            attempt += 1;
        }
    };
    let response = timeout(limits.answer, attempts)
        .await
        .map_err(|_| endpoint.failed(format!("it did not answer within {:?}", limits.answer)))??;
    Ok(Answer {
        endpoint: endpoint.clone(),
        response,
        quiet: limits.quiet,
    })
}

/// The body of a success.
#[derive(Debug)]
pub(super) struct Answer {
    endpoint: Endpoint,
    response: Response,
    quiet: Duration,
}

impl Answer {
    /// What the body says it is, without parameters; empty when it does not.
    pub(super) fn content_type(&self) -> &str {
        let value = self.response.headers().get(CONTENT_TYPE);
        let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    /// The next piece; none at the end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, ProviderError> {
        match timeout(self.quiet, self.response.chunk()).await {
            Ok(piece) => piece.map_err(|error| broken(&self.endpoint, &error)),
            Err(_) => Err(self
                .endpoint
                .failed(format!("it stopped for more than {:?} in mid-answer", self.quiet))),
        }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

async fn error_body(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    // A body that breaks off leaves its beginning, and the status, which is enough.
    while body.len() < ERROR_BODY_MAX
        && let Ok(Some(piece)) = response.chunk().await
    {
        body.extend_from_slice(&piece);
    }
    body.truncate(ERROR_BODY_MAX);
    body
}

/// One for the process: it keeps connections by address, and keys are headers
/// of each request. Making one reads all of the system's certificates.
fn client(endpoint: &Endpoint) -> Result<&'static Client, ProviderError> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(client);
    }
    let made = Client::builder()
        .connect_timeout(CONNECT)
        .redirect(redirect::Policy::none())
        .retry(protocol_retry::never())
        // Keys go where the configuration says, not through whom the environment names.
        .no_proxy()
        .tcp_nodelay(true)
        .user_agent(concat!("Trunkline/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| broken(endpoint, &error))?;
    Ok(CLIENT.get_or_init(|| made))
}

fn broken(endpoint: &Endpoint, error: &reqwest::Error) -> ProviderError {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let what = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "it cannot be reached"
    } else if error.is_builder() {
        "the request could not be made"
    } else {
        "the connection broke"
    };
    endpoint.failed(format!("{what}: {cause}"))
}
