//! Polling through a balancer: each request may come to another instance than the one that the session is on, which it is passed on to.
//!
//! A cookie would not do: browsers send none across origins here, and other clients keep none. A WebSocket is one connection, and needs none of
//! this; one that is to take a polling session over comes to the right instance, or the client goes on polling.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::time::timeout;

use super::port::DeskRefused;
use super::{ADMIT, DeskServer, MESSAGE_MAX};

/// On a request that a peer has passed on: it goes no further.
const PASSED: HeaderName = HeaderName::from_static("x-trunkline-passed");
/// How many sessions are remembered, here and at peers; of others the platform is asked.
const REMEMBERED: usize = 10_000;
/// The most bytes of an answer to a handshake, and of a session's id.
const OPENING_MAX: usize = 4 * 1024;
const SID_MAX: usize = 64;
/// The most bytes that one poll brings.
const ANSWER_MAX: usize = 4 * 1024 * 1024;

/// Which sessions are where.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    known: Mutex<Known>,
    http: OnceLock<Option<reqwest::Client>>,
}

#[derive(Debug, Default)]
struct Known {
    here: HashSet<String>,
    elsewhere: HashMap<String, String>,
    /// Of both, oldest first.
    order: VecDeque<String>,
}

/// What the server sends first.
#[derive(Deserialize)]
struct Opening {
    sid: String,
}

impl DeskServer {
    /// Serves a handshake of the polling transport, and notes whose session it is.
    pub(super) async fn open_polling(&self, request: Request, next: Next) -> Response {
        let (parts, body) = next.run(request).await.into_parts();
        let Ok(body) = to_bytes(body, OPENING_MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let opening: Option<Opening> = body
            .strip_prefix(b"0")
            .and_then(|opening| serde_json::from_slice(opening).ok());
        if let Some(Opening { sid }) = opening {
            if let Err(error) = self.inner.port.keep_session(&sid).await {
                tracing::warn!(%error, "a polling session is served only where it comes to this instance");
            }
            self.inner.sessions.remember(sid, None);
        }
        Response::from_parts(parts, Body::from(body))
    }

    /// Serves a poll, here or where its session is.
    pub(super) async fn poll(&self, sid: &str, request: Request, next: Next) -> Response {
        let is_sid = sid.len() <= SID_MAX
            && sid
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if !is_sid || request.headers().contains_key(&PASSED) || self.inner.sessions.is_here(sid) {
            return next.run(request).await;
        }
        let known = self.inner.sessions.elsewhere(sid);
        let peer = match known {
            Some(peer) => peer,
            None => match self.session_at(sid).await {
                Ok(Some(peer)) => {
                    self.inner.sessions.remember(sid.to_owned(), Some(peer.clone()));
                    peer
                }
                // Nobody's: the client is told so, and opens another.
                Ok(None) => return next.run(request).await,
                Err(error) => {
                    tracing::warn!(%error, "it is not known where a polling session is");
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
            },
        };
        match self.pass(&peer, request).await {
            Ok(answer) => answer,
            Err(why) => {
                tracing::warn!(peer, "a poll could not be passed on: {why}");
                StatusCode::BAD_GATEWAY.into_response()
            }
        }
    }

    /// Asks the platform, in a bounded time, and for so many at once: anybody may poll, with any id.
    async fn session_at(&self, sid: &str) -> Result<Option<String>, DeskRefused> {
        let Ok(_asking) = self.inner.asking.try_acquire() else {
            let why = "too many polls of sessions that are not known here";
            return Err(DeskRefused::Unavailable(why.to_owned()));
        };
        timeout(ADMIT, self.inner.port.session_at(sid))
            .await
            .unwrap_or_else(|_| Err(DeskRefused::Unavailable("no answer in time".to_owned())))
    }

    async fn pass(&self, peer: &str, request: Request) -> Result<Response, String> {
        let http = self.inner.sessions.http().ok_or("there is no HTTP client")?;
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MESSAGE_MAX).await.map_err(|e| e.to_string())?;
        let query = parts.uri.query().unwrap_or_default();
        let options = self.inner.hub.options();
        let mut headers = parts.headers;
        for own in [
            header::HOST,
            header::CONNECTION,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::ACCEPT_ENCODING,
        ] {
            headers.remove(own);
        }
        headers.insert(PASSED, HeaderValue::from_static("1"));
        let asked = http
            .request(parts.method, format!("{peer}/socket.io/?{query}"))
            .headers(headers)
            // As long as a poll may be without news, and a little.
            .timeout(options.ping_interval + options.ping_timeout + Duration::from_secs(5))
            .body(body);
        // Without the address, whose query may have the token.
        let answer = asked
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
        let body = to_bytes(Body::from_stream(answer.bytes_stream()), ANSWER_MAX).await;
        let body = body.map_err(|_| "its answer broke off, or is too large")?;
        let mut response = (status, body).into_response();
        if let Some(kind) = kind {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        Ok(response)
    }
}

impl Sessions {
    fn is_here(&self, sid: &str) -> bool {
        self.known().here.contains(sid)
    }

    fn elsewhere(&self, sid: &str) -> Option<String> {
        self.known().elsewhere.get(sid).cloned()
    }

    /// At a peer, or here.
    fn remember(&self, sid: String, peer: Option<String>) {
        let mut known = self.known();
        if known.order.len() >= REMEMBERED
            && let Some(oldest) = known.order.pop_front()
        {
            known.here.remove(&oldest);
            known.elsewhere.remove(&oldest);
        }
        known.order.push_back(sid.clone());
        match peer {
            Some(peer) => {
                known.elsewhere.insert(sid, peer);
            }
            None => {
                known.here.insert(sid);
            }
        }
    }

    fn http(&self) -> Option<&reqwest::Client> {
        let make = || {
            let client = reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(2))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build();
            client
                .inspect_err(|error| tracing::error!(%error, "polls cannot be passed on"))
                .ok()
        };
        self.http.get_or_init(make).as_ref()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Plain data: a panic elsewhere leaves it whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
