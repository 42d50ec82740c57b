//! A receiver that answers as it is told, and checks signatures by an implementation of its own.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::any,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, sync::Notify};

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) signatures: Vec<String>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Message {
    /// Whether one of its signatures is this secret's: HMAC as RFC 2104 writes it down, over SHA-256 of another library.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut block = [0_u8; 64];
        block[..key.len()].copy_from_slice(&key);
        let pad = |with: u8| block.map(|byte| byte ^ with);
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.text);
        let inner = Sha256::new()
            .chain_update(pad(0x36))
            .chain_update(signed)
            .finalize();
        let outer = Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner)
            .finalize();
        self.signatures
            .contains(&format!("v1,{}", STANDARD.encode(outer)))
    }
}

/// How it answers.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    Status(u16),
    RetryAfter(u16, String),
    /// Takes it and never answers.
    Nothing,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) came: Arc<Notify>,
    got: Arc<Mutex<Vec<Message>>>,
    says: Arc<Mutex<VecDeque<Say>>>,
}

impl Receiver {
    /// Says these in turn, and 200 from then on.
    pub(crate) async fn saying(says: impl IntoIterator<Item = Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            came: Arc::default(),
            got: Arc::default(),
            says: Arc::new(Mutex::new(says.into_iter().collect())),
        };
        let one = receiver.clone();
        let router = Router::new().fallback(any(async move |headers: HeaderMap, body: Bytes| {
            one.take(&headers, &body).await
        }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    async fn take(&self, headers: &HeaderMap, body: &Bytes) -> axum::response::Response {
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/json");
        let text = String::from_utf8(body.to_vec()).unwrap();
        let message = Message {
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signatures: header("webhook-signature")
                .split(' ')
                .map(str::to_owned)
                .collect(),
            body: serde_json::from_str(&text).unwrap(),
            text,
        };
        self.got.lock().unwrap().push(message);
        self.came.notify_one();
        let say = self.says.lock().unwrap().pop_front().unwrap_or(Say::Status(200));
        let status = |code: u16| StatusCode::from_u16(code).unwrap();
        match say {
            Say::Status(code) => (
                status(code),
                [("location", "/elsewhere")],
                "secret words of the inside",
            )
                .into_response(),
            Say::RetryAfter(code, when) => (status(code), [("retry-after", when)]).into_response(),
            Say::Nothing => std::future::pending().await,
        }
    }

    pub(crate) fn got(&self) -> Vec<Message> {
        self.got.lock().unwrap().clone()
    }
}
