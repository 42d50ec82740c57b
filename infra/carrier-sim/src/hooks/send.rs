//! One signed request, with the retries its address asks for.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_TYPE;
use url::Url;

use super::{
    HookError, Reply, Request,
    overrides::{Failure, Overrides},
};
use crate::{ids, sign, twiml::Method};

/// Nothing is read from the answer to a callback beyond this.
pub(super) const CALLBACK_BYTES_MAX: usize = 64 * 1024;
/// Between two attempts.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Signs and sends.
pub(super) struct Sender {
    client: reqwest::Client,
    account_sid: String,
    token: String,
}

impl Sender {
    pub(super) fn new(account_sid: &str, token: &str) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent("TwilioProxy/1.1")
            .connect_timeout(Overrides::default().connect)
            // A proxy of this machine's environment must not see loopback traffic.
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            account_sid: account_sid.to_owned(),
            token: token.to_owned(),
        })
    }

    /// Sends, and retries as the address's fragment asks, all within its total time.
    pub(super) async fn send(&self, request: &Request, max: usize) -> Result<Reply, HookError> {
        let overrides = Overrides::of(&request.target.url);
        let idempotency = ids::new_idempotency_token();
        let deadline = tokio::time::Instant::now() + overrides.total;
        let started = Instant::now();
        for attempt in 0..=overrides.retries {
            let one = self.attempt(request, &overrides, &idempotency, max);
            let (failure, error) = match tokio::time::timeout_at(deadline, one).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(failed)) => failed,
                Err(_) => return Err(timed_out(&request.target.url, started)),
            };
            let last = attempt == overrides.retries || !overrides.retries_on(failure);
            if last || tokio::time::Instant::now() + RETRY_PAUSE >= deadline {
                return Err(error);
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        Err(timed_out(&request.target.url, started))
    }

    async fn attempt(
        &self,
        request: &Request,
        overrides: &Overrides,
        idempotency: &str,
        max: usize,
    ) -> Result<Reply, (Failure, HookError)> {
        let mut url = request.target.url.clone();
        url.set_fragment(None);
        let prepared = match request.target.method {
            Method::Post => {
                let signature = sign::signature(&self.token, url.as_str(), &request.params);
                self.client
                    .post(url.clone())
                    .form(&request.params)
                    .header("X-Twilio-Signature", signature)
            }
            Method::Get => {
                url.query_pairs_mut().extend_pairs(&request.params);
                if url.query() == Some("") {
                    url.set_query(None);
                }
                let signature = sign::signature(&self.token, url.as_str(), &[]);
                self.client
                    .get(url.clone())
                    .header("X-Twilio-Signature", signature)
            }
        };
        let name = || request.target.url.to_string();
        let started = Instant::now();
        let sent = prepared
            .header("I-Twilio-Idempotency-Token", idempotency)
            .header("X-Home-Region", "us1")
            .header("X-Twilio-Account-Sid", &self.account_sid)
            .timeout(overrides.read)
            .send()
            .await;
        let response = match sent {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                let why = root_cause(&error);
                return Err((Failure::Connect, HookError::Unreachable { url: name(), why }));
            }
            Err(error) if error.is_timeout() => return Err((Failure::Read, timed_out(&url, started))),
            Err(error) => {
                let why = root_cause(&error);
                return Err((Failure::Read, HookError::Unreachable { url: name(), why }));
            }
        };
        let status = response.status().as_u16();
        if status >= 400 {
            return Err((Failure::Status(status), HookError::Status { url: name(), status }));
        }
        read(response, max).await
    }
}

async fn read(mut response: reqwest::Response, max: usize) -> Result<Reply, (Failure, HookError)> {
    let url = response.url().clone();
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > max => {
                // Not worth a retry: the file stays as large as it is.
                return Err((
                    Failure::Status(200),
                    HookError::TooLarge {
                        url: url.to_string(),
                        max,
                    },
                ));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => {
                return Ok(Reply {
                    content_type,
                    body: Bytes::from(body),
                    url,
                });
            }
            Err(error) => {
                let why = root_cause(&error);
                return Err((
                    Failure::Read,
                    HookError::Unreachable {
                        url: url.to_string(),
                        why,
                    },
                ));
            }
        }
    }
}

fn timed_out(url: &Url, since: Instant) -> HookError {
    HookError::TimedOut {
        url: url.to_string(),
        ms: since.elapsed().as_millis(),
    }
}

/// The innermost reason: "connection refused" rather than "error sending request".
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
