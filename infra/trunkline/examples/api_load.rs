//! Measures the API of a whole platform on disk, over real sockets: requests a second and how long they take, of a list and
//! of two kinds of creation, each alone and from many clients; and the process's memory.
//!
//! `cargo run [--release] -p trunkline --example api_load [seconds per figure, default 5] [clients, default 32]`
//!
//! The clients run in the platform's own process: on few cores its figures are low rather than high.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a measuring tool: it has a clock, prints, and may stop at the first surprise"
)]

use std::{
    collections::HashMap,
    ffi::OsString,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use trunkline::{Config, Stack};

/// How many campaigns the list has.
const CAMPAIGNS: usize = 20;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| {
        text.parse::<usize>()
            .expect("give whole numbers: [seconds] [clients]")
    });
    let seconds = arguments.next().unwrap_or(5);
    let many = arguments.next().unwrap_or(32);
    let span = Duration::from_secs(u64::try_from(seconds).unwrap());

    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let stack = Box::pin(Stack::start(&config(folder.path()))).await.unwrap();
    println!(
        "requests are served after {:?}, {} MB resident",
        began.elapsed(),
        resident_mb()
    );
    let api = Arc::new(Api::log_in(&stack.url).await);
    let agent = api.create("/agents", &agent(0)).await;
    for n in 0..CAMPAIGNS {
        api.create("/campaigns", &campaign(&agent, n)).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("at rest: {} MB resident", resident_mb());

    // Names and numbers that no earlier figure has used.
    let fresh = Arc::new(AtomicUsize::new(1_000));
    for clients in [1, many] {
        let list = |_| (Method::GET, "/campaigns?limit=10", Value::Null);
        report("GET /campaigns, 10 of 20", clients, span, &api, &fresh, list).await;
    }
    for clients in [1, many] {
        let create = |n| (Method::POST, "/agents", self::agent(n));
        report("POST /agents", clients, span, &api, &fresh, create).await;
    }
    for clients in [1, many] {
        let agent = agent.clone();
        let create = move |n| (Method::POST, "/campaigns", campaign(&agent, n));
        report("POST /campaigns, 1 number", clients, span, &api, &fresh, create).await;
    }
    println!("{} MB resident", resident_mb());
    Box::pin(stack.shutdown()).await;
}

fn config(data: &Path) -> Config {
    let mut told: HashMap<&str, OsString> = [
        ("TRUNKLINE_ADDR", "127.0.0.1:0"),
        ("TRUNKLINE_SIM_ADDR", "127.0.0.1:0"),
        ("TRUNKLINE_STT", "stub"),
        ("TRUNKLINE_LLM", "stub"),
        ("TRUNKLINE_TTS", "stub"),
        ("TRUNKLINE_RATE_LIMITS", "off"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.into()))
    .collect();
    told.insert("TRUNKLINE_DATA_DIR", data.into());
    Config::read(&|name| told.get(name).cloned()).unwrap()
}

fn agent(n: usize) -> Value {
    json!({"name": format!("Agent {n}"), "language": "en", "system_prompt": "You confirm appointments."})
}

fn campaign(agent: &str, n: usize) -> Value {
    json!({"name": format!("Campaign {n}"), "agent_id": agent, "phone_numbers": [format!("+1415{n:07}")]})
}

/// A user of the API.
#[derive(Debug)]
struct Api {
    url: String,
    token: String,
    http: Client,
}

impl Api {
    async fn log_in(url: &str) -> Self {
        let mut api = Self {
            url: url.to_owned(),
            token: String::new(),
            http: Client::new(),
        };
        let who = json!({"email": "load@example.com", "password": "correct horse", "first_name": "Load", "last_name": "Test"});
        api.create("/auth/register", &who).await;
        let login = api.send(Method::POST, "/auth/login", &who).await;
        login["token"].as_str().unwrap().clone_into(&mut api.token);
        api
    }

    async fn create(&self, path: &str, body: &Value) -> String {
        self.send(Method::POST, path, body).await["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }
}

/// Lets `clients` send one request after the other for a while, and prints how many and how long.
async fn report<F>(
    what: &str,
    clients: usize,
    span: Duration,
    api: &Arc<Api>,
    fresh: &Arc<AtomicUsize>,
    request: F,
) where
    F: Fn(usize) -> (Method, &'static str, Value) + Clone + Send + 'static,
{
    let began = Instant::now();
    let all = (0..clients).map(|_| {
        let (api, fresh, request) = (Arc::clone(api), Arc::clone(fresh), request.clone());
        tokio::spawn(async move {
            let mut took = Vec::new();
            while began.elapsed() < span {
                let (method, path, body) = request(fresh.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                api.send(method, path, &body).await;
                took.push(sent.elapsed());
            }
            took
        })
    });
    let mut took: Vec<Duration> = Vec::new();
    for client in all.collect::<Vec<_>>() {
        took.extend(client.await.unwrap());
    }
    let elapsed = began.elapsed();
    took.sort_unstable();
    let ms = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{what:<26} {clients:>3} clients {:>6.0}/s   p50 {:>6.1} ms   p99 {:>6.1} ms",
        f64::from(u32::try_from(took.len()).unwrap()) / elapsed.as_secs_f64(),
        ms(50),
        ms(99),
    );
}

/// The process's resident memory, from `/proc`.
fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
