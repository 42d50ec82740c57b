//! Every route by every wrong asker: nobody, a token of another kind, an old one, another tenant's, too low a role.

use std::{collections::HashMap, time::Duration};

use chrono::{TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use trunkline_service::exports::{Export, ExportState};

use super::operations::{Operation, operations};
use crate::support::{api::Api, platform::Platform};

/// The operations that ask for no token, each for its reason: they prove who one is, carry a proof of their own
/// (a signature, a signed link), or tell nothing about anybody. A socket's token may be in its first message: its refusals are
/// in `flows::voice`.
const OPEN: [&str; 22] = [
    "POST /api/auth/login",
    "POST /api/auth/refresh-token",
    "POST /api/auth/register",
    "POST /api/v1/auth/forgot-password",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh-token",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/reset-password",
    "POST /auth/forgot-password",
    "POST /auth/login",
    "POST /auth/refresh-token",
    "POST /auth/register",
    "POST /auth/reset-password",
    "GET /docs",
    "GET /health",
    "GET /liveness",
    "GET /openapi.json",
    "GET /readiness",
    "GET /redoc",
    "GET /socket.io",
    "GET /version",
    "GET /voice",
];

const ADMIN: (&str, &str) = ("root@example.com", "correct horse battery");

pub(super) async fn platform() -> (Platform, Api) {
    platform_with(&[]).await
}

pub(super) async fn platform_with(more: &[(&str, &str)]) -> (Platform, Api) {
    let admin = [
        ("TRUNKLINE_ADMIN_EMAIL", ADMIN.0),
        ("TRUNKLINE_ADMIN_PASSWORD", ADMIN.1),
    ];
    let platform = Box::pin(Platform::with(&[&admin[..], more].concat())).await;
    let ada = Api::register(&platform.url, "ada").await;
    (platform, ada)
}

fn some_id(_: &str) -> String {
    uuid::Uuid::new_v4().to_string()
}

/// An error that carries no success, in whatever dialect.
#[track_caller]
fn assert_refused(operation: &Operation, who: &str, answer: &(StatusCode, Value), status: StatusCode) {
    assert_eq!(answer.0, status, "{} by {who}: {}", operation.name(), answer.1);
    let error = &answer.1["error"];
    let says = error
        .as_str()
        .or_else(|| error["message"].as_str())
        .unwrap_or_default();
    assert!(
        answer.1["success"] == false && !says.is_empty(),
        "{} by {who} is refused without a word: {}",
        operation.name(),
        answer.1
    );
}

async fn ask(api: &Api, operation: &Operation, path: &str) -> (StatusCode, Value) {
    let body = operation.takes_body().then(|| json!({}));
    api.send(operation.method.clone(), path, body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_no_token_is_listed_and_all_else_refuses_every_wrong_one() {
    let (platform, ada) = platform().await;
    let all = operations(&ada).await;
    let open: Vec<String> = all
        .iter()
        .filter(|operation| operation.least.is_none())
        .map(Operation::name)
        .collect();
    assert_eq!(open, OPEN, "these operations need no token");

    let keys = &platform.stack.ctx.keys;
    let claims = keys.read_access(&ada.token, Utc::now()).unwrap();
    let old = keys
        .access_token(claims, Utc::now() - TimeDelta::days(2))
        .unwrap();
    let left = {
        let bob = Api::register(&platform.url, "bob").await;
        bob.post("/auth/logout", json!({})).await;
        bob.token
    };
    let refresh = {
        let login = json!({"email": "ada@example.com", "password": "correct horse"});
        let body = ada.post("/auth/login", login).await;
        body["refresh_token"].as_str().unwrap().to_owned()
    };
    let forged = {
        let (head, _) = ada.token.rsplit_once('.').unwrap();
        format!("{head}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    };
    let askers = [
        ("nobody", String::new()),
        ("a forged token", forged),
        ("a refresh token", refresh),
        ("an old token", old),
        ("a login that has ended", left),
    ];
    for (who, token) in askers {
        let api = Api { token, ..ada.clone() };
        for operation in all.iter().filter(|operation| operation.least.is_some()) {
            let answer = ask(&api, operation, &operation.at(some_id)).await;
            assert_refused(operation, who, &answer, StatusCode::UNAUTHORIZED);
        }
    }
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_below_what_a_route_needs_is_refused() {
    let (platform, manager) = platform().await;
    let user = invited(&manager, "ursula", "user").await;
    let agent = invited(&manager, "anna", "agent").await;
    for operation in operations(&manager).await {
        let lower: &[(&str, &Api)] = match operation.least.as_deref() {
            None | Some("agent") => &[],
            Some("user") => &[("an agent", &agent)],
            Some("manager") => &[("an agent", &agent), ("a user", &user)],
            Some("admin") => &[("an agent", &agent), ("a user", &user), ("a manager", &manager)],
            Some(other) => panic!("{}: an unknown role {other}", operation.name()),
        };
        for (who, api) in lower {
            let answer = ask(api, &operation, &operation.at(some_id)).await;
            assert_refused(&operation, who, &answer, StatusCode::FORBIDDEN);
        }
    }
    platform.stop().await;
}

/// A user of the manager's tenant in this role.
async fn invited(manager: &Api, name: &str, role: &str) -> Api {
    let email = format!("{name}@example.com");
    let invitation = manager
        .post("/users/invitations", json!({"email": email, "role": role}))
        .await;
    let anyone = Api {
        token: String::new(),
        ..manager.clone()
    };
    let who = json!({
        "email": email, "password": "correct horse", "first_name": name, "last_name": "Test",
        "invitation": invitation["token"],
    });
    anyone.post("/auth/register", who.clone()).await;
    let login = anyone.post("/auth/login", who).await;
    Api {
        token: login["token"].as_str().unwrap().to_owned(),
        ..anyone
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_records_do_not_exist_and_stay_as_they_are() {
    let (platform, ada) = platform().await;
    let bob = Api::register(&platform.url, "bob").await;
    let ids = records(&platform, &bob).await;
    let id = |name: &str| {
        let id = ids.get(name);
        id.unwrap_or_else(|| panic!("which record is meant by {{{name}}}? Add one to `records`"))
            .clone()
    };
    let all = operations(&ada).await;
    // A day is nobody's record: each tenant has its own calls of it.
    let named = |operation: &&Operation| {
        operation.least.is_some() && operation.parameters().iter().any(|name| *name != "date")
    };
    let shown: Vec<&Operation> = all
        .iter()
        .filter(named)
        .filter(|operation| operation.method == Method::GET)
        .collect();
    let mut before = Vec::new();
    for operation in &shown {
        before.push(seen(&bob, operation, &operation.at(id)).await);
    }
    for operation in all.iter().filter(named) {
        let path = operation.at(id);
        let (status, body) = ask(&ada, operation, &path).await;
        let not_there = match operation.least.as_deref() {
            Some("admin") => status == StatusCode::FORBIDDEN,
            // A body is read before the record: an empty one may be refused for what it lacks.
            _ if operation.takes_body() => [400, 404, 422].contains(&status.as_u16()),
            _ => status == StatusCode::NOT_FOUND,
        };
        assert!(
            not_there && body["success"] == false,
            "{} of another tenant: {status} {body}",
            operation.name()
        );
    }
    for (operation, before) in shown.iter().zip(before) {
        let after = seen(&bob, operation, &operation.at(id)).await;
        assert_eq!(
            after,
            before,
            "{} was changed by another tenant",
            operation.name()
        );
    }
    platform.stop().await;
}

/// What its owner is shown, but for what differs with each look.
async fn seen(owner: &Api, operation: &Operation, path: &str) -> Value {
    let (_, mut body) = owner.send(Method::GET, path, None).await;
    forget(
        &mut body,
        &[
            "timestamp",
            "recording_url",
            "download_url",
            "as_of",
            "request_id",
            // What an explanation says of the time that it is.
            "local_time",
            "open_until",
            "verdict",
        ],
    );
    assert!(!body.is_null(), "{} shows nothing", operation.name());
    body
}

fn forget(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|value| forget(value, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| forget(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A record of each kind, by the name that paths give it.
pub(super) async fn records(platform: &Platform, owner: &Api) -> HashMap<&'static str, String> {
    let agent = owner.agent("Reception").await;
    let numbers = ["+14155550181".to_owned()];
    let campaign = owner.launch(&agent, &numbers, json!({})).await;
    let call = owner
        .until("the call has ended", Duration::from_secs(30), async |api| {
            let calls = api.calls(&campaign).await;
            let ended = calls.into_iter().find(|call| call["status"] == "no_answer")?;
            Some(ended["id"].as_str().unwrap().to_owned())
        })
        .await;
    let me = owner.get("/auth/me").await;
    let export = export(platform, me["tenant_id"].as_str().unwrap()).await;
    let leads = owner.get(&format!("/api/leads?campaign_id={campaign}")).await;
    let openai = json!({"name": "Models", "type": "openai", "credentials": {"api_key": "sk-0123456789abcd"}});
    let integration = owner.post("/integrations", openai).await;
    let list = owner.post("/campaigns", json!({"name": "List"})).await;
    let list = list["id"].as_str().unwrap();
    let (_, import) = owner.upload(list, b"phone\n+14155550183\nnobody\n").await;
    // Told of nothing that happens here, so that its log stays as it is.
    let hook = json!({"url": "https://hooks.invalid/in", "events": ["lead.dnc"]});
    let webhook = owner.post("/webhooks", hook).await;
    let human = json!({"name": "John Doe", "phone": "+14155553333"});
    let human = owner.post("/api/agents", human).await["agent"].clone();
    HashMap::from([
        ("integration_id", integration["id"].as_str().unwrap().to_owned()),
        ("webhook_id", webhook["id"].as_str().unwrap().to_owned()),
        ("operator_id", human["id"].as_str().unwrap().to_owned()),
        (
            "agent_group_id",
            human["agent_group_id"].as_str().unwrap().to_owned(),
        ),
        ("agent_id", agent),
        ("campaign_id", campaign),
        ("call_id", call),
        ("export_id", export),
        ("import_id", import["import_id"].as_str().unwrap().to_owned()),
        ("user_id", me["id"].as_str().unwrap().to_owned()),
        ("tenant_id", me["tenant_id"].as_str().unwrap().to_owned()),
        ("date", Utc::now().format("%Y-%m-%d").to_string()),
        ("id", leads["leads"][0]["id"].as_str().unwrap().to_owned()),
    ])
}

/// A large export that waits for its job: it would take 20,000 calls to ask for one.
async fn export(platform: &Platform, tenant: &str) -> String {
    let now = Utc::now();
    let export = Export {
        id: uuid::Uuid::new_v4(),
        tenant: tenant.parse().unwrap(),
        campaign: None,
        voice_agent: None,
        from: now - chrono::Duration::days(1),
        before: now,
        state: ExportState::Queued,
        upload: None,
        parts: Vec::new(),
        place: None,
        rows: 0,
        bytes: 0,
        version: 1,
        tries: 0,
        moved_at: None,
        failure: None,
        created_at: now,
        finished_at: None,
    };
    platform.stack.ctx.store.put_export(&export).await.unwrap();
    export.id.to_string()
}
