//! A client that knows only VoiceERA's documents and Twilio's.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

/// A client of one user.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) base: String,
    pub(crate) token: String,
    pub(crate) http: Client,
}

impl Api {
    /// Registers a user of a tenant of its own and logs in.
    pub(crate) async fn register(base: &str, name: &str) -> Self {
        let http = Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let anyone = Self {
            base: base.to_owned(),
            token: String::new(),
            http,
        };
        let who = json!({"email": format!("{name}@example.com"), "password": "correct horse", "first_name": name, "last_name": "Test"});
        let (status, body) = anyone
            .send(Method::POST, "/auth/register", Some(who.clone()))
            .await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let (status, body) = anyone.send(Method::POST, "/auth/login", Some(who)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        Self {
            token: body["token"].as_str().unwrap().to_owned(),
            ..anyone
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// Uploads a list of leads into a campaign.
    pub(crate) async fn upload(&self, campaign: &str, list: &[u8]) -> (StatusCode, Value) {
        const BOUNDARY: &str = "----a-boundary-of-its-own";
        let part = |name: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        let head = format!(
            "{}\r\n\r\n{campaign}\r\n{}; filename=\"list.csv\"\r\n\r\n",
            part("campaign_id"),
            part("file")
        );
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let request = self.http.post(format!("{}/api/leads/upload", self.base));
        let request = request
            .bearer_auth(&self.token)
            .header(
                "content-type",
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .body([head.as_bytes(), list, tail.as_bytes()].concat());
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// An agent by the name, with a few facts to answer from.
    pub(crate) async fn agent(&self, name: &str) -> String {
        let prompt = "You call customers of Green Street Dental to confirm appointments. We are open Monday to Friday from 9 am to 6 pm. \
                      A check-up costs 49 dollars.";
        let agent = self
            .post(
                "/agents",
                json!({"name": name, "language": "en", "system_prompt": prompt}),
            )
            .await;
        agent["id"].as_str().unwrap().to_owned()
    }

    /// A launched campaign of these numbers.
    pub(crate) async fn launch(&self, agent: &str, numbers: &[String], more: Value) -> String {
        let mut body = json!({"name": "Test", "agent_id": agent, "phone_numbers": numbers});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let campaign = self.post("/campaigns", body).await;
        let id = campaign["id"].as_str().unwrap().to_owned();
        let launched = self.post(&format!("/campaigns/{id}/launch"), json!({})).await;
        assert_eq!(launched["status"], "active", "{launched}");
        id
    }

    /// The campaign's calls, all of them.
    pub(crate) async fn calls(&self, campaign: &str) -> Vec<Value> {
        let body = self
            .get(&format!("/call-logs?campaign_id={campaign}&limit=100"))
            .await;
        body["items"].as_array().unwrap().clone()
    }

    /// Polls the API, as its users do, until `ready` answers something.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        ready: impl AsyncFn(&Self) -> Option<T>,
    ) -> T {
        let began = tokio::time::Instant::now();
        loop {
            if let Some(found) = ready(self).await {
                return found;
            }
            assert!(began.elapsed() < within, "not within {within:?}: {what}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// The carrier's own list of all calls: the truth about who was called.
pub(crate) async fn carriers_calls(sim: &str) -> Vec<Value> {
    let (sid, token) = (
        trunkline_carrier_sim::SimOptions::ACCOUNT_SID,
        trunkline_carrier_sim::SimOptions::AUTH_TOKEN,
    );
    let mut next = Some(format!("/2010-04-01/Accounts/{sid}/Calls.json?PageSize=1000"));
    let mut calls = Vec::new();
    while let Some(path) = next {
        let page: Value = Client::new()
            .get(format!("{sim}{path}"))
            .basic_auth(sid, Some(token))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        calls.extend(page["calls"].as_array().unwrap().iter().cloned());
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    calls
}
