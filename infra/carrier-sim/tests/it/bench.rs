//! The simulator and the platform it calls, together.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use trunkline_carrier_sim::{Sim, SimOptions, SimVoice};

use crate::platform::{PATIENCE, Platform};

pub const FROM: &str = "+15550000000";

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
