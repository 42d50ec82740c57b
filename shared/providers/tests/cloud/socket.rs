//! A stand-in for a vendor's WebSocket API: the test is its other end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// No test waits longer for anything that is to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a handshake is answered with instead of a socket.
#[derive(Debug, Clone)]
pub(crate) enum Refusal {
    Status(u16, Option<&'static str>, String),
    /// Nothing at all.
    Silence,
}

pub(crate) struct Sockets {
    pub(crate) url: String,
    refusals: Arc<Mutex<VecDeque<Refusal>>>,
    listening: JoinHandle<()>,
    accepted: mpsc::UnboundedReceiver<Peer>,
}

/// The vendor's end of one socket.
pub(crate) struct Peer {
    /// Path and query.
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) version: Option<String>,
    stream: WebSocketStream<TcpStream>,
}

/// What the client sent.
#[derive(Debug, PartialEq)]
pub(crate) enum Sent {
    Json(Value),
    /// 16-bit samples.
    Audio(Vec<i16>),
    /// The end, said or not.
    Closed,
}

impl Sockets {
    /// Refuses first, then accepts.
    pub(crate) async fn start(refusals: impl IntoIterator<Item = Refusal>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, accepted) = mpsc::unbounded_channel();
        let refusals = Arc::new(Mutex::new(refusals.into_iter().collect::<VecDeque<_>>()));
        let coming = Arc::clone(&refusals);
        let listening = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                let refusal = coming.lock().unwrap().pop_front();
                match refusal {
                    Some(Refusal::Silence) => held.push(stream),
                    Some(Refusal::Status(status, after, body)) => refuse(stream, status, after, body).await,
                    None => drop(sender.send(accept(stream).await)),
                }
            }
        });
        Self {
            url,
            refusals,
            listening,
            accepted,
        }
    }

    /// The next socket that was opened.
    pub(crate) async fn accept(&mut self) -> Peer {
        timeout(PATIENCE, self.accepted.recv())
            .await
            .expect("nobody connects")
            .unwrap()
    }

    /// Whoever comes next is met with this.
    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.refusals.lock().unwrap().push_back(refusal);
    }

    /// Nobody can connect any more.
    pub(crate) async fn stop(self) {
        self.listening.abort();
        drop(self.listening.await);
    }

    pub(crate) fn nobody_else(&mut self) -> bool {
        self.accepted.try_recv().is_err()
    }
}

#[expect(clippy::result_large_err, reason = "the library's signature")]
async fn refuse(stream: TcpStream, status: u16, after: Option<&'static str>, body: String) {
    let answer = |_: &Request, _: Response| -> Result<Response, ErrorResponse> {
        let mut response = ErrorResponse::new(Some(body));
        *response.status_mut() = status.try_into().unwrap();
        if let Some(after) = after {
            response
                .headers_mut()
                .insert("retry-after", after.parse().unwrap());
        }
        Err(response)
    };
    drop(accept_hdr_async(stream, answer).await);
}

#[expect(clippy::result_large_err, reason = "the library's signature")]
async fn accept(stream: TcpStream) -> Peer {
    let mut seen = None;
    let see = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let header = |name: &str| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
        seen = Some((
            request.uri().to_string(),
            header("authorization").unwrap_or_default(),
            header("cartesia-version"),
        ));
        Ok(response)
    };
    let stream = accept_hdr_async(stream, see).await.unwrap();
    let (path, authorization, version) = seen.unwrap();
    Peer {
        path,
        authorization,
        version,
        stream,
    }
}

impl Peer {
    pub(crate) async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// The next message, answering pings as any WebSocket does.
    pub(crate) async fn next(&mut self) -> Sent {
        loop {
            let message = timeout(PATIENCE, self.stream.next())
                .await
                .expect("the client says nothing");
            return match message {
                Some(Ok(Message::Text(text))) => Sent::Json(serde_json::from_str(text.as_str()).unwrap()),
                Some(Ok(Message::Binary(bytes))) => {
                    let (pairs, rest) = bytes.as_chunks::<2>();
                    assert!(rest.is_empty());
                    Sent::Audio(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => Sent::Closed,
            };
        }
    }

    /// Reads until the client has asked whether anybody is there, and answers.
    pub(crate) async fn pinged(&mut self) {
        while !matches!(
            timeout(PATIENCE, self.stream.next()).await,
            Ok(Some(Ok(Message::Ping(_))))
        ) {}
    }

    pub(crate) async fn json(&mut self) -> Value {
        match self.next().await {
            Sent::Json(value) => value,
            other @ (Sent::Audio(_) | Sent::Closed) => panic!("{other:?}"),
        }
    }

    pub(crate) async fn close(mut self, code: u16, reason: &str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        drop(self.stream.close(Some(frame)).await);
    }
}
