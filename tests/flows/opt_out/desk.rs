//! A platform to opt out of, and what its user and its carrier see.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    api::Api,
    carrier::{calls_to, fault},
    platform::Platform,
};

/// The promise.
pub(super) const AT_ONCE: Duration = Duration::from_secs(1);

/// A platform, a user of it and a voice agent.
pub(super) struct Desk {
    pub(super) platform: Platform,
    pub(super) api: Api,
    pub(super) agent: String,
}

impl Desk {
    pub(super) async fn with(more: &[(&str, &str)]) -> Self {
        let platform = Box::pin(Platform::with(more)).await;
        let api = Api::register(&platform.url, "ada").await;
        let agent = api.agent("Reception").await;
        Self { platform, api, agent }
    }

    /// A campaign of this number, which waits to be launched; whoever is not reached would be tried again at once.
    pub(super) async fn draft(&self, number: &str) -> String {
        let campaign = json!({
            "name": "Test", "agent_id": self.agent, "phone_numbers": [number],
            "retry_policy": {"max_attempts": 3, "delay_minutes": 1},
        });
        let campaign = self.api.post("/campaigns", campaign).await;
        campaign["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn start(&self, campaign: &str) {
        let launched = self
            .api
            .post(&format!("/campaigns/{campaign}/launch"), json!({}))
            .await;
        assert_eq!(launched["status"], "active", "{launched}");
    }

    pub(super) async fn launch(&self, number: &str) -> String {
        let campaign = self.draft(number).await;
        self.start(&campaign).await;
        campaign
    }

    /// Puts a number on the list, as anybody with the API does.
    pub(super) async fn mark(&self, number: &str) -> Instant {
        let began = Instant::now();
        self.api.post("/api/dnc", json!({"phone": number})).await;
        began
    }

    /// The carrier's only call to a number, once there is one.
    pub(super) async fn carriers_call(&self, number: &str) -> Value {
        let call = self
            .api
            .until("the carrier's call", Duration::from_secs(20), async |_| {
                self.calls_to(number).await.pop()
            });
        call.await
    }

    pub(super) async fn calls_to(&self, number: &str) -> Vec<Value> {
        calls_to(&self.platform.sim_url, number).await
    }

    /// Waits until the carrier's call to a number is over, and gives how long after `since` it was.
    pub(super) async fn silent_since(&self, number: &str, since: Instant) -> Duration {
        loop {
            let calls = self.calls_to(number).await;
            let asked_after = since.elapsed();
            if calls.last().is_some_and(|call| call["status"] == "canceled") {
                return asked_after;
            }
            assert!(asked_after < Duration::from_secs(10), "it rings on: {calls:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until all that the campaign had to do is done: its only lead is not to be called.
    pub(super) async fn is_done(&self, campaign: &str) {
        self.completes(campaign).await;
        let lead = self.lead(campaign).await;
        assert_eq!(
            (&lead["status"], &lead["do_not_call"]),
            (&json!("dnc"), &json!(true)),
            "{lead}"
        );
    }

    pub(super) async fn completes(&self, campaign: &str) {
        let path = format!("/campaigns/{campaign}");
        let done = self
            .api
            .until("the campaign is over", Duration::from_secs(30), async |api| {
                (api.get(&path).await["status"] == "completed").then_some(())
            });
        done.await;
    }

    pub(super) async fn lead(&self, campaign: &str) -> Value {
        let leads = self.api.get(&format!("/api/leads?campaign_id={campaign}")).await;
        leads["leads"][0].clone()
    }

    /// Nobody calls the number any more: neither the campaign that did, nor one that was to, nor a new one. `so_far`: calls until now.
    pub(super) async fn stays_uncalled(&self, number: &str, campaign: &str, waiting: &str, so_far: usize) {
        self.start(waiting).await;
        for campaign in [campaign, waiting] {
            self.is_done(campaign).await;
        }
        let new = self.draft(number).await;
        let launch = format!("/campaigns/{new}/launch");
        let (status, refused) = self.api.send(Method::POST, &launch, Some(json!({}))).await;
        assert_eq!(status, StatusCode::CONFLICT, "{refused}");
        let calls = self.calls_to(number).await;
        assert_eq!(calls.len(), so_far, "{calls:?}");
    }

    /// How it came onto the list.
    pub(super) async fn source(&self, number: &str) -> Option<Value> {
        let path = format!("/api/dnc?phone={}", number.replace('+', "%2B"));
        let listed = self.api.get(&path).await;
        listed["dnc"]
            .as_array()
            .unwrap()
            .first()
            .map(|entry| entry["source"].clone())
    }

    /// Waits until a number is on the list.
    pub(super) async fn marked(&self, number: &str) -> Value {
        let began = Instant::now();
        loop {
            if let Some(source) = self.source(number).await {
                return source;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it was not marked");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) async fn goes_wrong(&self, kind: &str, matching: Value, ms: u64) {
        fault(
            &self.platform.sim_url,
            json!({"kind": kind, "match": matching, "ms": ms}),
        )
        .await;
    }

    pub(super) async fn press(&self, sid: &Value, keys: &str) {
        let url = format!(
            "{}/sim/calls/{}/keys",
            self.platform.sim_url,
            sid.as_str().unwrap()
        );
        let pressed = self.api.http.post(url).json(&json!({"keys": keys})).send().await;
        assert_eq!(pressed.unwrap().status(), StatusCode::ACCEPTED);
    }

    /// Waits until the person hears the agent: its stream is open, and takes keys.
    pub(super) async fn listens(&self, sid: &Value) {
        let url = format!("{}/sim/calls/{}", self.platform.sim_url, sid.as_str().unwrap());
        let heard = self
            .api
            .until("the agent speaks", Duration::from_secs(20), async |api| {
                let party: Value = api.http.get(&url).send().await.unwrap().json().await.unwrap();
                (party["heard_ms"].as_u64().unwrap() > 0).then_some(())
            });
        heard.await;
    }

    /// The call, once it has come to its end, which the agent makes.
    pub(super) async fn says_goodbye(&self, campaign: &str) -> Value {
        let call = self.in_state(campaign, "completed").await;
        assert!(
            call["duration_seconds"].as_u64().unwrap() < 25,
            "the person had to hang up: {call}"
        );
        call
    }

    pub(super) async fn in_state(&self, campaign: &str, state: &str) -> Value {
        let call = self.api.until(state, Duration::from_secs(30), async |api| {
            let mut calls = api.calls(campaign).await;
            calls.retain(|call| call["status"] == state);
            calls.pop()
        });
        call.await
    }
}

/// Where the carrier tells of a call's state.
pub(super) const STATUS: &str = "/webhooks/twilio/status";

/// Prints the figure, and holds it to the promise.
pub(super) fn held(what: &str, took: Duration) {
    println!("{what}: {} ms", took.as_millis());
    assert!(took < AT_ONCE, "{what}: {took:?}");
}
