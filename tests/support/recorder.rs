//! What the carrier calls back: each of its requests is kept as it came, and passed on to the platform or answered here.

use std::sync::{Arc, Mutex, OnceLock};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use reqwest::{Client, Url};
use tokio::net::TcpListener;

/// A callback as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// All of it, as the carrier was told it.
    pub(crate) url: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) signature: String,
    /// What it was answered.
    pub(crate) status: u16,
}

impl Seen {
    /// The last part of its path.
    pub(crate) fn hook(&self) -> String {
        let url = Url::parse(&self.url).unwrap();
        url.path_segments().unwrap().next_back().unwrap().to_owned()
    }
}

/// Where the carrier calls back.
pub(crate) struct Recorder {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    url: OnceLock<String>,
    /// Where requests go on to; else they are answered with the document.
    platform: OnceLock<String>,
    document: OnceLock<String>,
    seen: Mutex<Vec<Seen>>,
}

impl Recorder {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        inner.url.set(url.clone()).unwrap();
        let router = Router::new().fallback(receive).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Passes all on from now.
    pub(crate) fn pass_on_to(&self, platform: &str) {
        self.inner.platform.set(platform.to_owned()).unwrap();
    }

    /// Answers all with these instructions from now.
    pub(crate) fn answer(&self, document: String) {
        self.inner.document.set(document).unwrap();
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().clone()
    }
}

async fn receive(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path_and_query().unwrap().as_str();
    let signature = headers["x-twilio-signature"].to_str().unwrap().to_owned();
    let (status, answer) = match inner.platform.get() {
        Some(platform) => pass_on(&format!("{platform}{path}"), &headers, body.clone()).await,
        None => (200, inner.document.get().cloned().unwrap_or_default()),
    };
    // Read by another parser than the platform's.
    let mut form = Url::parse("http://form/").unwrap();
    form.set_query(Some(std::str::from_utf8(&body).unwrap()));
    inner.seen.lock().unwrap().push(Seen {
        url: format!("{}{path}", inner.url.get().unwrap()),
        params: form.query_pairs().into_owned().collect(),
        signature,
        status,
    });
    Response::builder()
        .status(status)
        .header("content-type", "text/xml")
        .body(Body::from(answer))
        .unwrap()
}

async fn pass_on(url: &str, headers: &HeaderMap, body: Bytes) -> (u16, String) {
    let mut request = Client::new().post(url).body(body);
    for name in ["content-type", "x-twilio-signature"] {
        request = request.header(name, headers[name].clone());
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
