//! Measures the dial pump over the embedded parts: calls a second of one campaign, and of several at
//! once, with a carrier that answers at once and whose calls end at once unanswered. Counted is what
//! reaches the carrier; each call is claimed, placed, reported and ended meanwhile, with its events.
//!
//! `cargo run [--release] -p trunkline --example dial_pump [leads in all, default 600]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    missing_docs,
    reason = "a measuring tool: it has a clock, prints, and may stop at the first surprise"
)]

use std::{
    collections::HashMap,
    ffi::OsString,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Form, Json, Router, extract::State, http::StatusCode, routing::post};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use trunkline::{Config, Stack};
use trunkline_telephony::signature;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "a-measured-carriers-token";

#[tokio::main]
async fn main() {
    let leads: usize = std::env::args().nth(1).map_or(600, |text| {
        text.parse()
            .unwrap_or_else(|why| panic!("`{text}` is no number of leads: {why}"))
    });
    assert!(
        leads >= 4,
        "at least a lead for each of four campaigns, not {leads}"
    );
    let carrier = Arc::new(Carrier::default());
    let folder = tempfile::tempdir().unwrap();
    let base = serve(carrier.clone()).await;
    let told: HashMap<&str, OsString> = [
        ("TRUNKLINE_ADDR", "127.0.0.1:0"),
        ("TRUNKLINE_SIM_ADDR", "off"),
        ("TWILIO_API_BASE", &base),
        ("TWILIO_ACCOUNT_SID", ACCOUNT),
        ("TWILIO_AUTH_TOKEN", TOKEN),
        ("TRUNKLINE_STT", "stub"),
        ("TRUNKLINE_LLM", "stub"),
        ("TRUNKLINE_TTS", "stub"),
        ("TRUNKLINE_RATE_LIMITS", "off"),
        ("TRUNKLINE_MAX_CONVERSATIONS", "200"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.into()))
    .chain([("TRUNKLINE_DATA_DIR", folder.path().into())])
    .collect();
    let config = Config::read(&|name| told.get(name).cloned()).unwrap();
    let stack = Box::pin(Stack::start(&config)).await;
    let stack = stack
        .unwrap_or_else(|why| panic!("the platform did not start in {}: {why}", folder.path().display()));
    let api = Api::register(&stack.url).await;
    for campaigns in [1, 4] {
        let mut ids = Vec::new();
        for n in 0..campaigns {
            ids.push(api.campaign(campaigns * 10 + n, leads / campaigns).await);
        }
        carrier.posts.lock().unwrap().clear();
        let began = Instant::now();
        for id in &ids {
            api.post(&format!("/campaigns/{id}/launch"), json!({})).await;
        }
        let whole = leads / campaigns * campaigns;
        while carrier.posts.lock().unwrap().len() < whole {
            if began.elapsed() > Duration::from_secs(300) {
                let dialled = carrier.posts.lock().unwrap().len();
                let mut states = Vec::new();
                for id in &ids {
                    states.push(api.get(&format!("/campaigns/{id}/stats")).await.to_string());
                }
                panic!(
                    "{dialled} of {whole} dialled in five minutes; callbacks that failed: {:?}; campaigns: {states:?}",
                    carrier.faults.lock().unwrap()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let posts = std::mem::take(&mut *carrier.posts.lock().unwrap());
        let first = posts[0] - began;
        let span = posts[whole - 1] - posts[0];
        let rate = f64::from(u32::try_from(whole).unwrap()) / span.as_secs_f64();
        println!(
            "{campaigns} campaigns, {whole} leads: {rate:.1} calls/s, the first {first:.1?} after the launch"
        );
        for fault in std::mem::take(&mut *carrier.faults.lock().unwrap()) {
            println!("  a callback failed: {fault}");
        }
    }
    stack.shutdown().await;
}

/// When each call was asked for.
#[derive(Default)]
struct Carrier {
    posts: Mutex<Vec<Instant>>,
    /// What the platform answered to callbacks instead of taking them.
    faults: Mutex<Vec<String>>,
    http: Client,
}

async fn serve(carrier: Arc<Carrier>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Calls.json");
    let router = Router::new().route(&path, post(place)).with_state(carrier);
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// Takes the call, and reports at once that nobody answered.
async fn place(
    State(carrier): State<Arc<Carrier>>,
    Form(order): Form<Vec<(String, String)>>,
) -> (StatusCode, Json<Value>) {
    let sid = {
        let mut posts = carrier.posts.lock().unwrap();
        posts.push(Instant::now());
        format!("CA{:032x}", uuid::Uuid::new_v4().as_u128())
    };
    let url = order
        .into_iter()
        .find(|(name, _)| name == "StatusCallback")
        .unwrap()
        .1;
    // What follows the `#` is for the carrier, and not signed.
    let url = url.split('#').next().unwrap().to_owned();
    let form: Vec<(String, String)> = [
        ("AccountSid", ACCOUNT),
        ("CallSid", &sid),
        ("CallStatus", "no-answer"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    tokio::spawn(async move {
        let signed = signature::sign(TOKEN, &url, &form);
        let told = carrier.http.post(&url).header("X-Twilio-Signature", signed);
        let fault = match told.form(&form).send().await {
            Ok(answer) if answer.status().is_success() => return,
            Ok(answer) => format!("{}: {}", answer.status(), answer.text().await.unwrap_or_default()),
            Err(why) => format!("no answer: {why:?}"),
        };
        carrier.faults.lock().unwrap().push(fault);
    });
    (
        StatusCode::CREATED,
        Json(json!({ "sid": sid, "status": "queued" })),
    )
}

/// The API, as a user has it.
struct Api {
    base: String,
    token: String,
    http: Client,
}

impl Api {
    async fn register(base: &str) -> Self {
        let mut api = Self {
            base: base.to_owned(),
            token: String::new(),
            http: Client::new(),
        };
        let who = json!({"email": "ada@example.com", "password": "correct horse", "first_name": "Ada", "last_name": "L"});
        api.post("/auth/register", who.clone()).await;
        let login = api.post("/auth/login", who).await;
        let token = login["token"].as_str();
        token
            .unwrap_or_else(|| panic!("no token in {login}"))
            .clone_into(&mut api.token);
        api
    }

    async fn campaign(&self, n: usize, leads: usize) -> String {
        let agent = json!({"name": format!("agent {n}"), "language": "en", "system_prompt": "You confirm appointments."});
        let agent = self.post("/agents", agent).await;
        let numbers: Vec<String> = (0..leads)
            .map(|lead| format!("+1212{:03}{lead:04}", 200 + n))
            .collect();
        let body = json!({
            "name": format!("campaign {n}"), "agent_id": agent["id"], "phone_numbers": numbers,
            "max_concurrent_calls": 50, "retry_policy": {"max_attempts": 1},
        });
        let made = self.post("/campaigns", body).await;
        made["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no campaign in {made}"))
            .to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base));
        self.answer(&format!("GET {path}"), request).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).json(&body);
        self.answer(&format!("POST {path}"), request).await
    }

    async fn answer(&self, what: &str, request: reqwest::RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.token).send().await;
        let answer = answer.unwrap_or_else(|why| panic!("{what}: no answer: {why:?}"));
        let status = answer.status();
        let text = answer
            .text()
            .await
            .unwrap_or_else(|why| panic!("{what}: {status}, and broken off: {why:?}"));
        assert!(status.is_success(), "{what}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{what}: {why}: {text}"))
    }
}
