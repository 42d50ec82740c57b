//! The carrier's side of the wire: steering the simulator, and callbacks signed as it signs them.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::Value;
use trunkline_carrier_sim::SimOptions;
use trunkline_telephony::signature;

use super::api::{Api, carriers_calls};

/// The account's token, which signs.
pub(crate) const TOKEN: &str = SimOptions::AUTH_TOKEN;

/// Asks the simulated carrier for a fault.
pub(crate) async fn fault(sim: &str, fault: Value) {
    let answer = Client::new()
        .post(format!("{sim}/sim/faults"))
        .json(&fault)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED, "{fault}");
}

/// The carrier's calls to one number.
pub(crate) async fn calls_to(sim: &str, number: &str) -> Vec<Value> {
    let mut calls = carriers_calls(sim).await;
    calls.retain(|call| call["to"] == number);
    calls
}

/// A call that rings, as both sides name it.
#[derive(Debug, Clone)]
pub(crate) struct Ringing {
    pub(crate) campaign: String,
    pub(crate) call: String,
    pub(crate) sid: String,
}

/// For a platform whose phones ring longer than its test lasts.
pub(crate) const RINGS_LONG: (&str, &str) = ("TRUNKLINE_SIM_RING_MS", "60000");

/// Launches a campaign of one number, and waits until it rings. Of a platform with [`RINGS_LONG`] it goes on ringing.
pub(crate) async fn ring(api: &Api, sim: &str, number: &str) -> Ringing {
    let agent = api.agent("Reception").await;
    let once = serde_json::json!({"retry_policy": {"max_attempts": 1}});
    let campaign = api.launch(&agent, &[number.to_owned()], once).await;
    let call = api
        .until("the call rings", Duration::from_secs(20), async |api| {
            let mut calls = api.calls(&campaign).await;
            calls.retain(|call| call["status"] == "ringing");
            calls.pop()
        })
        .await;
    let sid = calls_to(sim, number).await[0]["sid"].as_str().unwrap().to_owned();
    let call = call["id"].as_str().unwrap().to_owned();
    Ringing { campaign, call, sid }
}

/// A callback: a path with its query, and its form.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub(crate) path: String,
    pub(crate) form: Vec<(String, String)>,
}

impl Callback {
    /// What the carrier would send about this call.
    pub(crate) fn about(call: &Ringing, hook: &str, more: &[(&str, &str)]) -> Self {
        let account = SimOptions::ACCOUNT_SID;
        let form = [
            ("AccountSid", account),
            ("CallSid", &call.sid),
            ("ApiVersion", "2010-04-01"),
        ];
        Self {
            path: format!("/webhooks/twilio/{hook}?callId={}&e=1", call.call),
            form: form
                .iter()
                .chain(more)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    /// This one with another value of a field.
    pub(crate) fn with(&self, field: &str, value: &str) -> Self {
        let mut other = self.clone();
        for (name, kept) in &mut other.form {
            if name == field {
                value.clone_into(kept);
            }
        }
        other
    }

    /// Its signature under a token.
    pub(crate) fn signature(&self, base: &str, token: &str) -> String {
        signature::sign(token, &format!("{base}{}", self.path), &self.form)
    }

    /// Sends it with this signature, and gives the answer's status and body.
    pub(crate) async fn send(&self, base: &str, signature: Option<&str>) -> (u16, String) {
        let mut request = Client::new()
            .post(format!("{base}{}", self.path))
            .form(&self.form);
        if let Some(signature) = signature {
            request = request.header("X-Twilio-Signature", signature);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}
