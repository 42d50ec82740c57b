//! A stand-in for the platform: webhooks with canned answers, and media sockets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, Method, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
    time::timeout,
};
use trunkline_carrier_sim::SimOptions;

use crate::socket::{Socket, pump};

/// Nothing that is awaited takes longer, on a loaded machine either.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Hook {
    pub path: String,
    pub params: HashMap<String, String>,
    /// The signature is right for the URL and the parameters.
    pub signed: bool,
    pub idempotency: String,
}

impl Hook {
    pub fn get(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }
}

#[derive(Clone)]
struct Canned {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
    /// How often the answer is a failure first.
    fails: u32,
}

#[derive(Default)]
struct Shared {
    base: Mutex<String>,
    canned: Mutex<HashMap<String, Canned>>,
    hooks: Mutex<Vec<Hook>>,
    arrived: Notify,
    sockets: Mutex<Option<mpsc::UnboundedSender<Socket>>>,
}

pub struct Platform {
    pub url: String,
    shared: Arc<Shared>,
    sockets: tokio::sync::Mutex<mpsc::UnboundedReceiver<Socket>>,
}

impl Platform {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (opened, sockets) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        *shared.base.lock().unwrap() = url.clone();
        *shared.sockets.lock().unwrap() = Some(opened);
        let app = Router::new()
            .route("/media-stream", get(socket))
            .fallback(any(hook))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            shared,
            sockets: tokio::sync::Mutex::new(sockets),
        }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address of the media socket.
    pub fn stream(&self) -> String {
        format!("{}/media-stream", self.url.replace("http", "ws"))
    }

    /// From now on this path answers with this TwiML.
    pub fn answer(&self, path: &str, inner: &str) {
        let body = format!("<?xml version=\"1.0\"?><Response>{inner}</Response>").into_bytes();
        self.serve(path, 200, "text/xml", body, 0);
    }

    /// From now on this path answers with this, after so many answers of 503.
    pub fn serve(&self, path: &str, status: u16, content_type: &'static str, body: Vec<u8>, fails: u32) {
        let canned = Canned {
            status,
            content_type,
            body,
            fails,
        };
        self.shared.canned.lock().unwrap().insert(path.to_owned(), canned);
    }

    /// All webhooks so far whose path begins so.
    pub fn hooks(&self, path: &str) -> Vec<Hook> {
        self.shared
            .hooks
            .lock()
            .unwrap()
            .iter()
            .filter(|hook| hook.path.starts_with(path))
            .cloned()
            .collect()
    }

    /// Waits for a webhook.
    pub async fn hook(&self, path: &str, fits: impl Fn(&Hook) -> bool) -> Hook {
        let found = async {
            loop {
                let arrived = self.shared.arrived.notified();
                if let Some(hook) = self.hooks(path).into_iter().find(|hook| fits(hook)) {
                    return hook;
                }
                arrived.await;
            }
        };
        match timeout(PATIENCE, found).await {
            Ok(hook) => hook,
            Err(_) => panic!("no such webhook at {path}; there were {:#?}", self.hooks("")),
        }
    }

    /// Waits until the webhooks so far are as they should be.
    pub async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let wait = async {
            loop {
                let arrived = self.shared.arrived.notified();
                if is_so() {
                    return;
                }
                arrived.await;
            }
        };
        if timeout(PATIENCE, wait).await.is_err() {
            panic!("never: {what}; there were {:#?}", self.hooks(""));
        }
    }

    /// Waits for the callback that says how a call ended.
    pub async fn end_of(&self, sid: &str) -> Hook {
        let over = ["completed", "busy", "failed", "no-answer", "canceled"];
        self.hook("/status", |hook| {
            hook.get("CallSid") == sid && over.contains(&hook.get("CallStatus"))
        })
        .await
    }

    /// Waits for the next media socket.
    pub async fn socket(&self) -> Socket {
        timeout(PATIENCE, self.sockets.lock().await.recv())
            .await
            .expect("no socket was opened")
            .unwrap()
    }
}

async fn hook(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap();
    let query: Vec<(String, String)> = serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap();
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let url = format!("{}{uri}", shared.base.lock().unwrap());
    assert!(method == Method::POST || form.is_empty());
    let hook = Hook {
        path: uri.path().to_owned(),
        signed: header("X-Twilio-Signature") == sign(&url, &form),
        idempotency: header("I-Twilio-Idempotency-Token"),
        params: query.into_iter().chain(form).collect(),
    };
    shared.hooks.lock().unwrap().push(hook);
    shared.arrived.notify_waiters();
    let mut all = shared.canned.lock().unwrap();
    let Some(canned) = all.get_mut(uri.path()) else {
        return StatusCode::NO_CONTENT.into_response();
    };
    if canned.fails > 0 {
        canned.fails -= 1;
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let status = StatusCode::from_u16(canned.status).unwrap();
    (status, [(CONTENT_TYPE, canned.content_type)], canned.body.clone()).into_response()
}

/// The signature, worked out anew.
fn sign(url: &str, params: &[(String, String)]) -> String {
    let mut params = params.to_vec();
    params.sort();
    let text: String = params
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value);
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        SimOptions::AUTH_TOKEN.as_bytes(),
    );
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

async fn socket(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let url = format!("{}{uri}", shared.base.lock().unwrap().replace("http", "ws"));
    let signed = headers
        .get("X-Twilio-Signature")
        .is_some_and(|v| *v == sign(&url, &[])[..]);
    assert!(signed, "the handshake is signed");
    upgrade.on_upgrade(move |socket| async move {
        let (to_test, events) = mpsc::unbounded_channel();
        let (send, to_send) = mpsc::unbounded_channel();
        let opened = shared.sockets.lock().unwrap().clone().unwrap();
        opened
            .send(Socket {
                events,
                send,
                sid: String::new(),
            })
            .ok();
        pump(socket, to_test, to_send).await;
    })
}
