//! A tenant with human agents, whose phones do what a test says, and campaigns that dial for them.

use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::api::{Api, carriers_calls};

/// No wait for anything is longer.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// A manager of a tenant, the tenant's group of human agents, and the carrier that rings them.
pub(crate) struct Desk {
    pub(crate) api: Api,
    pub(crate) sim: String,
    pub(crate) humans: Vec<Human>,
}

/// A human agent who is available.
#[derive(Debug, Clone)]
pub(crate) struct Human {
    pub(crate) id: String,
    pub(crate) phone: String,
    group: String,
}

impl Desk {
    /// With these human agents, who have been idle since in this order: each is its phone's manner.
    pub(crate) async fn of(api: Api, sim: &str, manners: &[Value]) -> Self {
        let mut desk = Self {
            api,
            sim: sim.to_owned(),
            humans: Vec::new(),
        };
        for manner in manners {
            desk.hire(manner.clone()).await;
        }
        desk
    }

    async fn hire(&mut self, mut manner: Value) {
        let n = self.humans.len();
        let phone = format!("+1415555{:04}", 9001 + n);
        let human =
            json!({"name": format!("Human {n}"), "phone": phone, "email": format!("human{n}@example.com")});
        let human = self.api.post("/api/agents", human).await["agent"].clone();
        let text = |field: &str| human[field].as_str().unwrap().to_owned();
        self.humans.push(Human {
            id: text("id"),
            group: text("agent_group_id"),
            phone: phone.clone(),
        });
        manner["phone"] = json!(phone);
        self.steer(manner).await;
        self.available(n).await;
    }

    /// From now on a phone does this.
    pub(crate) async fn steer(&self, manner: Value) {
        let url = format!("{}/sim/operators", self.sim);
        let answer = Client::new().post(url).json(&manner).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED, "{manner}");
    }

    pub(crate) async fn available(&self, n: usize) {
        let path = format!("/api/agents/{}/status", self.humans[n].id);
        let (status, body) = self
            .api
            .send(Method::PUT, &path, Some(json!({"status": "available"})))
            .await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    /// A campaign of these numbers that dials for the group, at any hour; `more` are the Dialer's fields, and `agent_id` is an AI agent that
    /// talks first.
    pub(crate) async fn dial(&self, numbers: &[&str], more: Value) -> String {
        let mut wanted = json!({
            "name": "Bridged", "agent_group_id": self.humans[0].group, "retry_policy": {"max_attempts": 1}, "record_calls": false,
        });
        for (name, value) in more.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        let talker = wanted.as_object_mut().unwrap().remove("agent_id");
        let made = self.api.post("/api/campaigns", wanted).await["campaign"].clone();
        let campaign = made["id"].as_str().unwrap().to_owned();
        let any_hour = json!({"calling_hours_start": null, "calling_hours_end": null});
        let path = format!("/api/campaigns/{campaign}");
        let (status, body) = self.api.send(Method::PUT, &path, Some(any_hour)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let path = format!("/campaigns/{campaign}");
        let mut numbers = json!({ "phone_numbers": numbers });
        if let Some(talker) = talker {
            numbers["agent_id"] = talker;
        }
        let (status, body) = self.api.send(Method::PUT, &path, Some(numbers)).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        self.api
            .post(&format!("/api/campaigns/{campaign}/start"), json!({}))
            .await;
        campaign
    }

    /// The campaign's call to a number, as soon as it is as it should be.
    pub(crate) async fn call(
        &self,
        campaign: &str,
        number: &str,
        what: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Value {
        let path = format!("/api/calls?campaign_id={campaign}");
        self.api
            .until(what, SOON, async |api| {
                let list = api.get(&path).await;
                let mut calls = list["calls"].as_array().unwrap().iter();
                calls
                    .find(|call| call["to_number"] == number && is_so(call))
                    .cloned()
            })
            .await
    }

    /// Waits until a number's call is over.
    pub(crate) async fn over(&self, campaign: &str, number: &str) -> Value {
        let open = ["queued", "ringing", "in-progress"];
        let over = |call: &Value| !open.contains(&call["status"].as_str().unwrap());
        self.call(campaign, number, "the call is over", over).await
    }

    /// A call's conference as the carrier has it; null before there is one.
    pub(crate) async fn room(&self, call: &Value) -> Value {
        let name = format!("call_{}", call["id"].as_str().unwrap());
        room(&self.sim, &name).await
    }

    /// How many milliseconds of speech one has heard of the other.
    pub(crate) async fn heard(&self, call: &Value, by: &str, from: &str) -> u64 {
        let room = self.room(call).await;
        let mut pairs = room["heard"].as_array().into_iter().flatten();
        let pair = pairs.find(|pair| pair["by"] == by && pair["from"] == from);
        pair.map_or(0, |pair| pair["ms"].as_u64().unwrap())
    }

    /// Waits until each of the two has heard the other.
    pub(crate) async fn met(&self, call: &Value, one: &str, other: &str) {
        self.hears_up_to(call, one, other, 300).await;
        self.hears_up_to(call, other, one, 300).await;
    }

    /// Waits until one has heard half a second more of the other than up to now.
    pub(crate) async fn hears(&self, call: &Value, by: &str, from: &str) {
        let before = self.heard(call, by, from).await;
        self.hears_up_to(call, by, from, before + 500).await;
    }

    async fn hears_up_to(&self, call: &Value, by: &str, from: &str, ms: u64) {
        let began = Instant::now();
        while self.heard(call, by, from).await < ms {
            assert!(
                began.elapsed() < SOON,
                "not within {SOON:?}: {by} hears {ms} ms of {from}; the room is {}",
                self.room(call).await
            );
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// How many milliseconds of waiting music a call has heard.
    pub(crate) async fn waited(&self, call: &Value, by: &str) -> u64 {
        let room = self.room(call).await;
        let mut all = room["waited"].as_array().into_iter().flatten();
        let of = all.find(|of| of["by"] == by);
        of.map_or(0, |of| of["ms"].as_u64().unwrap())
    }

    /// The carrier's calls to the n-th human agent's phone, newest first.
    pub(crate) async fn rung(&self, n: usize) -> Vec<Value> {
        let mut calls = carriers_calls(&self.sim).await;
        calls.retain(|call| call["to"] == self.humans[n].phone.as_str());
        calls
    }

    /// The carrier's id of the n-th human agent's telephone, once it is in this state.
    pub(crate) async fn leg(&self, n: usize, status: &str) -> String {
        let what = format!("the phone of human {n} is {status}");
        self.api
            .until(&what, SOON, async |_| {
                let calls = self.rung(n).await;
                let leg = calls.iter().find(|call| call["status"] == status)?;
                Some(leg["sid"].as_str().unwrap().to_owned())
            })
            .await
    }

    /// A human agent as the API shows it.
    pub(crate) async fn human(&self, n: usize) -> Value {
        let path = format!("/api/agents/{}", self.humans[n].id);
        self.api.get(&path).await["agent"].clone()
    }

    /// Waits until no phone rings or talks, and nobody is held.
    pub(crate) async fn down(&self, within: Duration) {
        let over = ["completed", "busy", "failed", "no-answer", "canceled"];
        self.api
            .until("every phone is down", within, async |_| {
                let calls = carriers_calls(&self.sim).await;
                let down = |call: &Value| over.contains(&call["status"].as_str().unwrap());
                calls.iter().all(down).then_some(())
            })
            .await;
        for n in 0..self.humans.len() {
            let what = format!("human {n} is free");
            self.api
                .until(&what, within, async |_| {
                    (self.human(n).await["current_calls"] == 0).then_some(())
                })
                .await;
        }
    }
}

/// A conference as the carrier has it; null before there is one.
pub(crate) async fn room(sim: &str, name: &str) -> Value {
    let answer = reqwest::get(format!("{sim}/sim/rooms/{name}")).await.unwrap();
    match answer.status() {
        StatusCode::NOT_FOUND => Value::Null,
        _ => answer.json().await.unwrap(),
    }
}

/// What the carrier knows of one of its parties.
pub(crate) async fn party(sim: &str, sid: &str) -> Value {
    let answer = reqwest::get(format!("{sim}/sim/calls/{sid}")).await.unwrap();
    answer.json().await.unwrap()
}

/// Ends a call at the carrier, as whoever holds the phone does by hanging up.
pub(crate) async fn hang_up(sim: &str, sid: &str) {
    use trunkline_carrier_sim::SimOptions;
    let account = SimOptions::ACCOUNT_SID;
    let answer = Client::new()
        .post(format!("{sim}/2010-04-01/Accounts/{account}/Calls/{sid}.json"))
        .basic_auth(account, Some(SimOptions::AUTH_TOKEN))
        .form(&[("Status", "completed")])
        .send()
        .await
        .unwrap();
    // 400: it was over already.
    assert!([200, 400].contains(&answer.status().as_u16()), "{answer:?}");
}
