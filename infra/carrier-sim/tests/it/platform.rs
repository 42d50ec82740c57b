//! A stand-in for the platform: webhooks with canned answers, media sockets that the test drives; and the simulator beside it.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, Method, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
    time::timeout,
};
use trunkline_carrier_sim::{Sim, SimOptions, SimVoice};

/// Nothing that is awaited takes longer, on a loaded machine either.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const FROM: &str = "+15550000000";

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

async fn pump(
    mut socket: WebSocket,
    to_test: mpsc::UnboundedSender<Value>,
    mut to_send: mpsc::UnboundedReceiver<String>,
) {
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    if to_test.send(serde_json::from_str(&text).unwrap()).is_err() { return; }
                }
                Some(Ok(Message::Close(_))) => { to_test.send(json!({"event": "closed"})).ok(); }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            text = to_send.recv() => match text {
                Some(text) if socket.send(Message::Text(text.clone().into())).await.is_ok() => {}
                Some(_) => return,
                None => { socket.send(Message::Close(None)).await.ok(); return; }
            }
        }
    }
}

/// A media socket, seen from the platform.
pub struct Socket {
    events: mpsc::UnboundedReceiver<Value>,
    send: mpsc::UnboundedSender<String>,
    pub sid: String,
}

impl Socket {
    /// The next message; none when the connection is gone.
    pub async fn next(&mut self) -> Option<Value> {
        timeout(PATIENCE, self.events.recv())
            .await
            .expect("the socket fell silent")
    }

    /// Waits for a message of this event.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let message = self
                .next()
                .await
                .unwrap_or_else(|| panic!("the socket closed before {name}"));
            if message["event"] == name {
                return message;
            }
        }
    }

    /// Reads `connected` and `start`; returns the latter.
    pub async fn begin(&mut self) -> Value {
        assert_eq!(
            self.next().await.unwrap(),
            json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        );
        let start = self.next().await.unwrap();
        assert_eq!(start["event"], "start");
        self.sid = start["streamSid"].as_str().unwrap().to_owned();
        start
    }

    pub fn say(&self, message: Value) {
        self.send.send(message.to_string()).ok();
    }

    /// Sends so much loud sound.
    pub fn play(&self, ms: usize) {
        // Alternating full-scale codes: as loud as can be.
        let sound: Vec<u8> = (0..ms * 8)
            .map(|n| if n / 8 % 2 == 0 { 0x90 } else { 0x10 })
            .collect();
        self.say(
            json!({"event": "media", "streamSid": self.sid, "media": {"payload": STANDARD.encode(sound)}}),
        );
    }

    pub fn mark(&self, name: &str) {
        self.say(json!({"event": "mark", "streamSid": self.sid, "mark": {"name": name}}));
    }

    pub fn clear(&self) {
        self.say(json!({"event": "clear", "streamSid": self.sid}));
    }

    /// An agent that greets, then answers each time the other side has finished speaking, until the stream is over.
    /// Returns how often it spoke.
    pub async fn converse(mut self) -> usize {
        let (mut spoken, mut quiet, mut heard) = (1, 0, false);
        self.play(300);
        while let Some(message) = self.next().await {
            if message["event"] != "media" {
                if message["event"] == "stop" {
                    return spoken;
                }
                continue;
            }
            if loud(&message) {
                (heard, quiet) = (true, 0);
            } else {
                quiet += 1;
            }
            if heard && quiet > 20 {
                self.play(300);
                (spoken, heard) = (spoken + 1, false);
            }
        }
        spoken
    }
}

/// Whether a `media` message holds anything but silence.
pub fn loud(message: &Value) -> bool {
    let payload = STANDARD
        .decode(message["media"]["payload"].as_str().unwrap())
        .unwrap();
    assert_eq!(payload.len(), 160);
    payload.iter().any(|byte| byte & 0x7F < 0x60)
}

/// A voice whose every line is 300 ms of buzz: conversations then take seconds.
pub struct Short;

#[async_trait::async_trait]
impl SimVoice for Short {
    async fn say(&self, _text: &str) -> Vec<i16> {
        (0..2400)
            .map(|n| if n / 20 % 2 == 0 { 6000 } else { -6000 })
            .collect()
    }
}

/// The simulator and the platform it calls.
pub struct Bench {
    pub sim: Sim,
    pub platform: Platform,
    pub http: reqwest::Client,
    folder: TempDir,
}

impl Bench {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut SimOptions)) -> Self {
        let platform = Platform::start().await;
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path());
        options.inbound_url = Some(platform.at("/answer"));
        options.inbound_status_url = Some(platform.at("/status"));
        change(&mut options);
        let sim = Sim::start(options).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            sim,
            platform,
            http,
            folder,
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn api(&self, rest: &str) -> String {
        format!(
            "{}/2010-04-01/Accounts/{}{rest}",
            self.sim.url(),
            SimOptions::ACCOUNT_SID
        )
    }

    /// A POST; the status and the JSON that came back.
    pub async fn post(&self, rest: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self.http.post(self.api(rest)).form(form);
        read(request.basic_auth(SimOptions::ACCOUNT_SID, Some(SimOptions::AUTH_TOKEN))).await
    }

    pub async fn get(&self, rest: &str) -> (u16, Value) {
        let request = self.http.get(self.api(rest));
        read(request.basic_auth(SimOptions::ACCOUNT_SID, Some(SimOptions::AUTH_TOKEN))).await
    }

    pub async fn delete(&self, rest: &str) -> u16 {
        let request = self.http.delete(self.api(rest));
        read(request.basic_auth(SimOptions::ACCOUNT_SID, Some(SimOptions::AUTH_TOKEN)))
            .await
            .0
    }

    /// Calls a number; instructions at `/answer`, every status at `/status`. Returns the SID.
    pub async fn call(&self, to: &str, more: &[(&str, &str)]) -> String {
        let (status, call) = self.try_call(to, more).await;
        assert_eq!(status, 201, "{call}");
        assert_eq!(
            (&call["status"], &call["date_created"]),
            (&json!("queued"), &Value::Null)
        );
        call["sid"].as_str().unwrap().to_owned()
    }

    pub async fn try_call(&self, to: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let (answer, status) = (self.platform.at("/answer"), self.platform.at("/status"));
        let mut form = vec![("To", to), ("From", FROM), ("StatusCallback", status.as_str())];
        if !more.iter().any(|(name, _)| *name == "Url" || *name == "Twiml") {
            form.push(("Url", answer.as_str()));
        }
        for event in ["initiated", "ringing", "answered", "completed"] {
            form.push(("StatusCallbackEvent", event));
        }
        form.extend_from_slice(more);
        self.post("/Calls.json", &form).await
    }

    pub async fn fetch(&self, sid: &str) -> Value {
        let (status, call) = self.get(&format!("/Calls/{sid}.json")).await;
        assert_eq!(status, 200);
        call
    }

    /// Something under `/sim`.
    pub async fn steer(&self, method: reqwest::Method, path: &str, body: Value) -> (u16, Value) {
        read(
            self.http
                .request(method, format!("{}/sim/{path}", self.sim.url()))
                .json(&body),
        )
        .await
    }

    pub async fn fault(&self, fault: Value) {
        let (status, body) = self.steer(reqwest::Method::POST, "faults", fault).await;
        assert_eq!(status, 201, "{body}");
    }

    /// What the party did, said, and heard.
    pub async fn party(&self, sid: &str) -> Value {
        let (status, body) = self
            .steer(reqwest::Method::GET, &format!("calls/{sid}"), json!({}))
            .await;
        assert_eq!(status, 200, "{body}");
        body
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Quick to ring, short of speech.
pub fn options(folder: &Path) -> SimOptions {
    SimOptions {
        data_dir: folder.to_owned(),
        ring_ms: 50,
        voice: Arc::new(Short),
        ..SimOptions::defaults()
    }
}

/// Polls until it is so: for what only a list or a row shows.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}
