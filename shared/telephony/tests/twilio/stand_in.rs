//! A stand-in for the carrier that answers as it is told.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use trunkline_telephony::{HookUrls, Twilio, TwilioConfig};

type Answers = dyn Fn(&Seen) -> Reply + Send + Sync;

#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub uri: String,
    pub authorization: String,
    pub body: String,
}

pub enum Reply {
    Is(u16, String),
    With(u16, &'static str, String),
    Never,
}

pub struct StandIn {
    pub carrier: Twilio,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone)]
struct Shared {
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Answers>,
}

pub async fn stand_in(answers: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> StandIn {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = Shared {
        seen: Arc::clone(&seen),
        answers: Arc::new(answers),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(handle).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    StandIn {
        carrier: carrier(&base),
        seen,
    }
}

async fn handle(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let authorization = headers
        .get("authorization")
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let seen = Seen {
        method,
        uri: uri.to_string(),
        authorization,
        body,
    };
    shared.seen.lock().unwrap().push(seen.clone());
    match (shared.answers)(&seen) {
        Reply::Is(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Reply::With(status, header, value) => {
            (StatusCode::from_u16(status).unwrap(), [(header, value)]).into_response()
        }
        Reply::Never => std::future::pending().await,
    }
}

pub fn carrier(base: &str) -> Twilio {
    let hooks = HookUrls::new("https://hooks.example");
    let config = TwilioConfig {
        account_sid: "AC1".into(),
        auth_token: "secret".into(),
        api_base: base.into(),
        hooks,
    };
    Twilio::new(config).unwrap()
}
