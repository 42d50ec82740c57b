//! A stand-in for a vendor's HTTP API: answers what it was told to, in order.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use futures::{StreamExt, stream};
use serde_json::Value;
use tokio::sync::mpsc;
use trunkline_providers::cloud::{Account, Limits, Vendor};

/// The key that every test uses; no error may show it.
pub(crate) const KEY: &str = "sk-test-0123456789abcdefghij";

/// Short enough for tests that wait for them, except where a test says otherwise.
pub(crate) fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        answer: Duration::from_secs(5),
        quiet: Duration::from_secs(5),
        backoff: Duration::from_millis(10),
        ..Limits::default()
    }
}

pub(crate) fn account(vendor: Vendor, base_url: &str) -> Account {
    Account {
        base_url: base_url.to_owned(),
        ..Account::new(vendor, KEY)
    }
}

/// Part of a body.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    /// The connection breaks.
    Cut,
    /// Nothing more comes, and the connection stays.
    Hang,
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// With a status, headers and a body.
    Full(u16, Vec<(&'static str, String)>, Vec<Piece>),
    /// Not even headers.
    Silence,
}

impl Answer {
    pub(crate) fn refusal(status: u16, retry_after: Option<&str>, body: &str) -> Self {
        let headers = retry_after.map(|value| ("retry-after", value.to_owned()));
        Self::Full(
            status,
            headers
                .into_iter()
                .chain([("content-type", "application/json".to_owned())])
                .collect(),
            vec![Piece::Bytes(body.into())],
        )
    }

    pub(crate) fn of(content_type: &str, pieces: Vec<Piece>) -> Self {
        Self::Full(200, vec![("content-type", content_type.to_owned())], pieces)
    }
}

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) struct Web {
    pub(crate) url: String,
    seen: mpsc::UnboundedReceiver<Seen>,
    /// A message for each body that was let go of, sent whole or not.
    gone: mpsc::UnboundedReceiver<()>,
}

#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: mpsc::UnboundedSender<Seen>,
    gone: mpsc::UnboundedSender<()>,
}

impl Web {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen_sender, seen) = mpsc::unbounded_channel();
        let (gone_sender, gone) = mpsc::unbounded_channel();
        let script = Script {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            seen: seen_sender,
            gone: gone_sender,
        };
        let router = Router::new().fallback(answer).with_state(script);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen, gone }
    }

    /// The next request that came.
    pub(crate) fn seen(&mut self) -> Seen {
        self.seen.try_recv().expect("a request")
    }

    pub(crate) fn nothing_more_seen(&mut self) -> bool {
        self.seen.try_recv().is_err()
    }

    /// Waits until the client has let go of an answer.
    pub(crate) async fn let_go(&mut self) {
        let gone = tokio::time::timeout(Duration::from_secs(10), self.gone.recv());
        gone.await
            .expect("the client keeps the answer")
            .expect("the stand-in");
    }
}

struct Gone(mpsc::UnboundedSender<()>);

impl Drop for Gone {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

async fn answer(State(script): State<Script>, request: Request<Body>) -> Result<Response, Infallible> {
    let (Parts { uri, headers, .. }, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let seen = Seen {
        path: uri.to_string(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let _ = script.seen.send(seen);
    let next = script.answers.lock().unwrap().pop_front();
    let Some(Answer::Full(status, headers, pieces)) = next else {
        assert!(next.is_some(), "more requests than answers");
        return std::future::pending().await;
    };
    let gone = Gone(script.gone.clone());
    let body = stream::iter(pieces).then(move |piece| {
        let _ = &gone;
        async move {
            match piece {
                Piece::Bytes(bytes) => Ok(Bytes::from(bytes)),
                Piece::Cut => {
                    // What came before is flushed when the body has nothing ready.
                    tokio::task::yield_now().await;
                    Err(std::io::Error::other("cut"))
                }
                Piece::Hang => std::future::pending().await,
            }
        }
    });
    let mut response = Response::new(Body::from_stream(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    Ok(response)
}
