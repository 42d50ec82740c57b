//! The examples are true: each request is taken as it is shown, and each answer has the fields that are shown.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use trunkline_http::example;

use super::{
    examples::{faults, validator},
    matrix::{platform_with, records},
    operations::{Operation, operations_of},
};
use crate::support::{
    api::{Api, carriers_calls},
    humans::{Desk, hang_up},
    platform::Platform,
};

/// Their fields are a user's, a provider's or the deployment's own.
const FREE: [&str; 9] = [
    "voice_parameters",
    "metadata",
    "custom_fields",
    "settings",
    "credentials",
    "components",
    "by",
    "working_hours",
    "/readiness",
];

/// What can be asked of a call only while a human agent talks.
const OF_A_TALK: [&str; 3] = ["/hold", "/mute", "/supervise"];

/// Who asks, and about what.
struct World {
    /// A manager, whose the records are.
    ada: Api,
    /// Who the examples say logs in.
    john: Value,
    /// A user whom nobody misses.
    spare: String,
    /// A campaign that dials, for the document that pauses before it starts.
    active: String,
    /// A call in which a human agent talks.
    talking: String,
    admin: Api,
    /// The records by the names that paths and fields give them.
    ids: HashMap<&'static str, String>,
}

impl World {
    async fn new(platform: &Platform, ada: Api, operations: &[Operation]) -> Self {
        let register = operations
            .iter()
            .find(|operation| operation.path == "/auth/register");
        let register = register.unwrap().shown("request").unwrap().example.clone();
        let anyone = Api {
            token: String::new(),
            ..ada.clone()
        };
        let john = register.unwrap();
        anyone.post("/auth/register", john.clone()).await;
        let spare = json!({"email": "spare@example.com", "password": "correct horse", "name": "Spare"});
        let spare = id_of(&anyone.post("/auth/register", spare).await);
        let admin = login(
            &anyone,
            json!({"email": "root@example.com", "password": "correct horse battery"}),
        )
        .await;
        let mut ids = records(platform, &ada).await;
        ids.insert("lead_id", ids["id"].clone());
        ids.insert("call_id", recorded(platform, &ada).await);
        // To be launched, and so on; the first one is, and waits for a retry.
        let active = ids["campaign_id"].clone();
        let body = json!({"name": "To move", "agent_id": ids["agent_id"], "phone_numbers": ["+14155550181"]});
        ids.insert("campaign_id", id_of(&ada.post("/campaigns", body).await));
        // Its test calls where nothing answers.
        let models = json!({
            "name": "Models", "type": "openai", "credentials": {"api_key": "sk-0123456789abcd"},
            "settings": {"base_url": "https://models.invalid/v1"},
        });
        ids.insert("integration_id", id_of(&ada.post("/integrations", models).await));
        let talking = talking(platform, &ada).await;
        Self {
            ada,
            john,
            spare,
            active,
            talking,
            admin,
            ids,
        }
    }

    /// Who may ask this and can spare it: logging out ends a login.
    async fn asker(&self, operation: &Operation) -> Api {
        match operation.least.as_deref() {
            Some("admin") => self.admin.clone(),
            Some(_) if operation.path.ends_with("/logout") => login(&self.ada, self.john.clone()).await,
            Some(_) if operation.path.ends_with("/accept") => Api::register(&self.ada.base, "guest").await,
            Some(_) | None => self.ada.clone(),
        }
    }

    /// The record of this name; whom the admin deactivates asks for nothing, and the Dialer's campaign is active.
    fn id(&self, operation: &Operation, name: &str) -> Option<String> {
        if name == "user_id" && operation.path.starts_with("/admin/") {
            return Some(self.spare.clone());
        }
        if name == "campaign_id" && operation.path.starts_with("/api/") {
            return Some(self.active.clone());
        }
        if name == "call_id" && OF_A_TALK.iter().any(|what| operation.path.ends_with(what)) {
            return Some(self.talking.clone());
        }
        self.ids.get(name).cloned()
    }

    /// The example with the records' ids, and with what only this platform knows.
    async fn body(&self, operation: &Operation, mut body: Value) -> Value {
        self.put_ids(&mut body);
        if operation.path.ends_with("/register") {
            body["email"] = json!(format!("{}@example.com", uuid::Uuid::new_v4()));
        } else if operation.path.ends_with("/refresh-token") {
            let (_, login) = self
                .ada
                .send(Method::POST, "/auth/login", Some(self.john.clone()))
                .await;
            body["refresh_token"] = login["refresh_token"].clone();
        } else if operation.path.ends_with("/reset-password") {
            body["token"] = json!(self.reset_token().await);
        } else if operation.path.ends_with("/accept") {
            let invite = json!({"email": "guest@example.com", "role": "user"});
            body["token"] = self.ada.post("/users/invitations", invite).await["token"].clone();
        }
        body
    }

    fn put_ids(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                let record = self
                    .ids
                    .iter()
                    .find(|(name, _)| example::id(name).to_string() == *text);
                if let Some((_, id)) = record {
                    text.clone_from(id);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.put_ids(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.put_ids(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Of somebody whose login nobody needs: as it came by mail.
    async fn reset_token(&self) -> String {
        let email = format!("{}@example.com", uuid::Uuid::new_v4());
        let who = json!({"email": email, "password": "correct horse", "name": "For Getful"});
        self.ada.post("/auth/register", who).await;
        self.ada
            .post("/auth/forgot-password", json!({"email": email}))
            .await;
        let find = async |admin: &Api| {
            let mails = admin.get("/auth/mailbox").await;
            let mail = mails["items"]
                .as_array()?
                .iter()
                .find(|mail| mail["to"] == email)?
                .clone();
            let token = mail["body"].as_str()?.lines().find(|line| line.len() == 43)?;
            Some(token.to_owned())
        };
        self.admin.until("the mail", Duration::from_secs(10), find).await
    }
}

async fn login(api: &Api, body: Value) -> Api {
    let anyone = Api {
        token: String::new(),
        ..api.clone()
    };
    let login = anyone.post("/auth/login", body).await;
    Api {
        token: login["token"].as_str().unwrap().to_owned(),
        ..anyone
    }
}

fn id_of(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// A call of a person, ended, recorded and analysed.
async fn recorded(platform: &Platform, api: &Api) -> String {
    const NUMBER: &str = "+14155550101";
    let agent = api.agent("Recorded").await;
    let campaign = api.launch(&agent, &[NUMBER.to_owned()], json!({})).await;
    let said = async |api: &Api| {
        let call = api.calls(&campaign).await.pop()?;
        let log = api.get(&format!("/call-logs/{}", id_of(&call))).await;
        log["transcript"].as_str()?.contains("User: ").then_some(())
    };
    api.until("a person has said something", Duration::from_secs(60), said)
        .await;
    let calls = carriers_calls(&platform.sim_url).await;
    let call = calls.iter().find(|call| call["to"] == NUMBER).unwrap();
    hang_up(&platform.sim_url, call["sid"].as_str().unwrap()).await;
    let ready = async |api: &Api| {
        let call = api.calls(&campaign).await.pop()?;
        (call["recording_url"].is_string() && call["sentiment"].is_string()).then(|| id_of(&call))
    };
    api.until("a recorded call", Duration::from_secs(60), ready).await
}

/// A call whose caller listens to a human agent who has much to say.
async fn talking(platform: &Platform, api: &Api) -> String {
    const NUMBER: &str = "+14155550201";
    let says = "Let me tell you all about our offers, our opening hours, our prices, and whatever else there may be to tell.";
    let talks = json!({"says": says, "every_ms": 2000});
    let desk = Desk::of(api.clone(), &platform.sim_url, &[talks]).await;
    let campaign = desk.dial(&[NUMBER], json!({})).await;
    let talks = |call: &Value| call["agent_id"].is_string();
    id_of(&desk.call(&campaign, NUMBER, "an agent talks", talks).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_is_taken_as_it_is_shown_and_answered_with_the_fields_that_are_shown() {
    // People listen as long as they are talked to.
    let (platform, ada) = platform_with(&[("TRUNKLINE_SIM_TALK_MS", "0")]).await;
    let document = ada.get("/openapi.json").await;
    let mut operations = operations_of(&document);
    // What is deleted is needed; a form is sent where its parts are known; maintenance closes the API.
    operations.retain(|operation| {
        let is_json = !operation.takes_body() || operation.shown("request").is_some();
        is_json && operation.method != Method::DELETE && !operation.shown.is_empty()
    });
    operations.sort_by_key(|operation| operation.path.ends_with("/maintenance"));
    let world = World::new(&platform, ada, &operations).await;
    let mut wrong = Vec::new();
    for operation in &operations {
        let name = operation.name();
        let asker = world.asker(operation).await;
        let body = match operation.shown("request").and_then(|shown| shown.example.clone()) {
            Some(body) => Some(world.body(operation, body).await),
            None => None,
        };
        let names = operation.parameters();
        let unknown = names.iter().find(|name| world.id(operation, name).is_none());
        if let Some(unknown) = unknown {
            wrong.push(format!(
                "{name}: which record is {{{unknown}}}? Add one to `records`"
            ));
            continue;
        }
        let mut path = operation.at(|name| world.id(operation, name).unwrap_or_default());
        if operation.path == "/api/leads" {
            path = format!("{path}?campaign_id={}", world.ids["campaign_id"]);
        }
        let (status, answer) = asker.send(operation.method.clone(), &path, body).await;
        // Another example has taken the name.
        if status == StatusCode::CONFLICT && operation.method == Method::PUT {
            continue;
        }
        if !status.is_success() {
            wrong.push(format!("{name}: {status} {answer}"));
            continue;
        }
        // What is answered as a file has no fields.
        let Some(shown) = operation.shown(status.as_str()) else {
            assert!(
                status == StatusCode::OK && answer.is_string(),
                "{name}: {status} is not documented"
            );
            continue;
        };
        let faults = faults(&validator(&document, &shown.schema), &answer);
        wrong.extend(
            faults
                .iter()
                .map(|fault| format!("{name} answers what is not documented: {fault}")),
        );
        let mut unlike = BTreeSet::new();
        differences(
            &operation.path,
            shown.example.as_ref().unwrap(),
            &answer,
            &mut unlike,
        );
        wrong.extend(unlike.iter().map(|field| format!("{name}: {field}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        operations.len() > 70,
        "only {} operations were asked",
        operations.len()
    );
    platform.stop().await;
}

/// The fields that one has and the other has not, wherever both are objects.
fn differences(place: &str, shown: &Value, answered: &Value, into: &mut BTreeSet<String>) {
    if FREE.iter().any(|free| place.ends_with(free)) {
        return;
    }
    match (shown, answered) {
        (Value::Object(shown), Value::Object(answered)) => {
            for (name, value) in shown {
                match answered.get(name) {
                    Some(answer) => differences(&format!("{place}.{name}"), value, answer, into),
                    None => _ = into.insert(format!("{place}.{name} is shown and not answered")),
                }
            }
            let unknown = answered.keys().filter(|name| !shown.contains_key(*name));
            into.extend(unknown.map(|name| format!("{place}.{name} is answered and not shown")));
        }
        (Value::Array(shown), Value::Array(answered)) => {
            if let (Some(shown), Some(answered)) = (shown.first(), answered.first()) {
                differences(place, shown, answered, into);
            }
        }
        _ => {}
    }
}
