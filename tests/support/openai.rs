//! A stand-in for OpenAI: chat completions as its reference documents them, streamed and whole.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::HeaderMap,
    response::Response,
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What it says on a call, first and then.
pub(crate) const GREETING: &str = "Good morning, this is the stand-in model.";
pub(crate) const REPLY: &str = "The model has understood every word.";
/// What it thinks of a call.
pub(crate) const SUMMARY: &str = "The stand-in model spoke with a caller.";

/// A stand-in on a port of its own.
pub(crate) struct OpenAi {
    pub(crate) base_url: String,
    state: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    /// It takes all that is said for the wish not to be called again.
    opts_out: bool,
    /// It takes the first thing that is said for the wish to talk to a person.
    hands_over: AtomicBool,
    opted_out: OnceLock<Instant>,
    dead: AtomicBool,
    requests: Mutex<Vec<(String, Value)>>,
}

impl OpenAi {
    pub(crate) async fn start() -> Self {
        Self::with(Seen::default()).await
    }

    /// One that takes all that is said for the wish not to be called again, and answers at length.
    pub(crate) async fn opting_out() -> Self {
        Self::with(Seen {
            opts_out: true,
            ..Seen::default()
        })
        .await
    }

    /// One that takes the first thing that is said for the wish to talk to a person.
    pub(crate) async fn handing_over() -> Self {
        Self::with(Seen {
            hands_over: AtomicBool::new(true),
            ..Seen::default()
        })
        .await
    }

    /// Waits until it has understood that wish, and gives when that was.
    pub(crate) async fn opted_out(&self) -> Instant {
        let began = Instant::now();
        loop {
            if let Some(at) = self.state.opted_out.get() {
                return *at;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "nobody said anything");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn with(seen: Seen) -> Self {
        let state = Arc::new(seen);
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&state));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, state }
    }

    /// From now on each answer breaks off after a few bytes.
    pub(crate) fn die(&self) {
        self.state.dead.store(true, Ordering::Relaxed);
    }

    /// The keys that it was asked with, and what it was asked.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        self.state.requests.lock().unwrap().clone()
    }
}

async fn complete(State(seen): State<Arc<Seen>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let key = headers["authorization"].to_str().unwrap().to_owned();
    seen.requests.lock().unwrap().push((key, body.clone()));
    if seen.dead.load(Ordering::Relaxed) {
        let broken = [
            Ok(Bytes::from_static(b"data: {")),
            Err(std::io::Error::other("dead")),
        ];
        return stream(Body::from_stream(futures::stream::iter(broken)));
    }
    let messages = body["messages"].as_array().unwrap();
    let analysis = messages[0]["content"]
        .as_str()
        .unwrap()
        .contains("analyse the transcript");
    let text = if analysis {
        json!({
            "summary": SUMMARY, "sentiment": "positive", "sentiment_score": 0.5,
            "emotions": ["happy"], "key_phrases": ["stand-in model", "never said"]
        })
        .to_string()
    } else if messages.iter().any(|message| message["role"] == "assistant") {
        REPLY.to_owned()
    } else {
        GREETING.to_owned()
    };
    let half = text.len() / 2;
    let asked = messages.iter().any(|message| message["role"] == "user");
    let tools: &[&str] = if analysis || !asked {
        &[]
    } else if seen.opts_out {
        seen.opted_out.get_or_init(Instant::now);
        &["opt_out", "hang_up"]
    } else if seen.hands_over.swap(false, Ordering::Relaxed) {
        &["transfer_to_human"]
    } else {
        &[]
    };
    let does = (!tools.is_empty()).then(|| {
        let call = |(index, name): (usize, &&str)| {
            json!({"index": index, "id": name, "type": "function", "function": {"name": name, "arguments": "{}"}})
        };
        let calls: Vec<Value> = tools.iter().enumerate().map(call).collect();
        json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}, "finish_reason": null}]})
    });
    let events: String = [&text[..half], &text[half..]]
        .map(|piece| json!({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}]}))
        .into_iter()
        .chain(does)
        .chain([json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})])
        .map(|event| format!("data: {event}\n\n"))
        .chain(["data: [DONE]\n\n".to_owned()])
        .collect();
    assert_eq!(body["stream"], true, "only streams are asked for: {body}");
    stream(Body::from(events))
}

fn stream(body: Body) -> Response {
    Response::builder()
        .header("content-type", "text/event-stream")
        .body(body)
        .unwrap()
}
