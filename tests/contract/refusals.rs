//! Requests that are wrong get the documented error, which says what was wrong; the log has a line of it, and nothing was done.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{
    api::{Api, carriers_calls},
    logs,
    platform::Platform,
};

/// An error as a client sees it.
struct Refusal {
    status: u16,
    code: String,
    says: String,
}

/// Sends `body` as it is, and looks up the log line of the refusal.
async fn refused(api: &Api, method: Method, path: &str, body: &str) -> Refusal {
    let mut request = api
        .http
        .request(method.clone(), format!("{}{path}", api.base))
        .header("content-type", "application/json")
        .body(body.to_owned());
    if !api.token.is_empty() {
        request = request.bearer_auth(&api.token);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["success"], false, "{method} {path}: {body}");
    let error = &body["error"];
    let code = error["code"].as_str().unwrap().to_owned();
    let says = format!(
        "{} {}",
        error["message"].as_str().unwrap(),
        error["details"].as_str().unwrap()
    );
    let line = logs::line_with(&[&id, "a request was refused"]).await;
    assert!(line.contains(&code), "the log line has the code: {line}");
    Refusal { status, code, says }
}

/// Asserts what was refused, and that the words say it.
#[track_caller]
fn assert_says(refusal: &Refusal, status: u16, code: &str, words: &[&str]) {
    assert_eq!(
        (refusal.status, refusal.code.as_str()),
        (status, code),
        "{}",
        refusal.says
    );
    for word in words {
        assert!(
            refusal.says.contains(word),
            "`{word}` is not in: {}",
            refusal.says
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_cannot_be_is_refused_by_field_and_leaves_nothing() {
    logs::listen();
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "Test", "agent_id": agent, "phone_numbers": ["+14155550101"]});
        body[field] = value;
        body.to_string()
    };
    let create = async |body: String| refused(&api, Method::POST, "/campaigns", &body).await;

    let broken = create("{\"name\": oops".to_owned()).await;
    assert_says(&broken, 400, "REQUEST_001", &["not JSON", "line 1"]);
    let array = create("[1, 2]".to_owned()).await;
    assert_says(&array, 422, "REQUEST_002", &["JSON object"]);
    for number in ["hello", "+12", "+1415555010x", "+0123456789"] {
        let numbers = json!(["+14155550101", number]);
        let refusal = create(with("phone_numbers", numbers)).await;
        assert_says(&refusal, 422, "REQUEST_002", &["phone_numbers[1]", number]);
    }
    let zone = create(with("timezone", json!("Mars/Olympus"))).await;
    assert_says(&zone, 422, "REQUEST_002", &["timezone", "Mars/Olympus", "IANA"]);

    let left = api.get("/campaigns").await;
    assert_eq!(left["total"], 0, "{left}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_the_campaign_does_not_allow_says_from_what_to_what_and_calls_nobody_for_it() {
    logs::listen();
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let agent = api.agent("Reception").await;
    let make = async |more: Value| {
        let mut body = json!({"name": "Test", "agent_id": agent, "phone_numbers": ["+14155550101"]});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let campaign = api.post("/campaigns", body).await;
        campaign["id"].as_str().unwrap().to_owned()
    };
    let ask = async |campaign: &str, verb: &str| {
        refused(&api, Method::POST, &format!("/campaigns/{campaign}/{verb}"), "{}").await
    };

    let over = make(json!({"start_time": "2020-01-01T00:00:00Z", "end_time": "2020-02-01T00:00:00Z"})).await;
    let refusal = ask(&over, "launch").await;
    assert_says(
        &refusal,
        409,
        "CAMPAIGN_002",
        &["end_time", "2020-02-01", "is over"],
    );

    let empty = make(json!({"phone_numbers": []})).await;
    let refusal = ask(&empty, "launch").await;
    assert_says(&refusal, 409, "CAMPAIGN_002", &["no number left to dial"]);

    let draft = make(json!({"phone_numbers": ["+14155550186"]})).await;
    for (verb, to) in [("pause", "paused"), ("resume", "resumed")] {
        assert_says(&ask(&draft, verb).await, 409, "CAMPAIGN_002", &["draft", to]);
    }
    api.post(&format!("/campaigns/{draft}/launch"), json!({})).await;
    for (verb, to) in [("launch", "launched"), ("resume", "resumed")] {
        assert_says(&ask(&draft, verb).await, 409, "CAMPAIGN_002", &["active", to]);
    }
    api.post(&format!("/campaigns/{draft}/stop"), json!({})).await;
    for (verb, to) in [("launch", "launched"), ("pause", "paused"), ("stop", "stopped")] {
        assert_says(&ask(&draft, verb).await, 409, "CAMPAIGN_002", &["cancelled", to]);
    }

    for campaign in [&over, &empty] {
        assert_eq!(
            api.get(&format!("/campaigns/{campaign}")).await["status"],
            "draft"
        );
    }
    let called = carriers_calls(&platform.sim_url).await;
    let others = called.iter().filter(|call| call["to"] != "+14155550186");
    assert_eq!(others.count(), 0, "{called:?}");
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_records_are_not_found_and_not_changed() {
    logs::listen();
    let platform = Platform::start().await;
    let ada = Api::register(&platform.url, "ada").await;
    let eve = Api::register(&platform.url, "eve").await;
    let agent = ada.agent("Reception").await;
    let body = json!({"name": "Mine", "agent_id": agent, "phone_numbers": ["+14155550101"]});
    let campaign = ada.post("/campaigns", body.clone()).await;
    let path = format!("/campaigns/{}", campaign["id"].as_str().unwrap());

    for (method, verb) in [
        (Method::GET, ""),
        (Method::PUT, ""),
        (Method::DELETE, ""),
        (Method::POST, "/launch"),
        (Method::POST, "/stop"),
        (Method::GET, "/stats"),
    ] {
        let refusal = refused(&eve, method, &format!("{path}{verb}"), r#"{"name": "Stolen"}"#).await;
        assert_says(&refusal, 404, "CAMPAIGN_001", &["No campaign"]);
    }
    let refusal = refused(&eve, Method::GET, &format!("/agents/{agent}"), "").await;
    assert_says(&refusal, 404, "AGENT_001", &["No agent"]);
    let refusal = refused(&eve, Method::POST, "/campaigns", &body.to_string()).await;
    assert_says(&refusal, 422, "REQUEST_002", &["agent_id"]);
    assert_eq!(eve.get("/campaigns").await["total"], 0);

    let still = ada.get(&path).await;
    assert_eq!(still["data"], campaign["data"]);
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_the_wrong_kind_opens_nothing() {
    logs::listen();
    let platform = Platform::start().await;
    let api = Api::register(&platform.url, "ada").await;
    let login = json!({"email": "ada@example.com", "password": "correct horse"});
    let (status, login) = api.send(Method::POST, "/auth/login", Some(login)).await;
    assert_eq!(status, StatusCode::OK, "{login}");
    let as_access = |token: &str| Api {
        token: token.to_owned(),
        ..api.clone()
    };

    let refresh = login["refresh_token"].as_str().unwrap();
    let refusal = refused(&as_access(refresh), Method::GET, "/campaigns", "").await;
    assert_says(&refusal, 401, "AUTH_003", &["refresh token"]);
    let body = json!({"refresh_token": api.token}).to_string();
    let refusal = refused(&as_access(""), Method::POST, "/auth/refresh-token", &body).await;
    assert_says(&refusal, 401, "AUTH_003", &["access token"]);
    let refusal = refused(&as_access(""), Method::GET, "/campaigns", "").await;
    assert_says(&refusal, 401, "AUTH_003", &["No token"]);
    let refusal = refused(&as_access("a.b.c"), Method::GET, "/campaigns", "").await;
    assert_says(&refusal, 401, "AUTH_003", &["token"]);

    // Neither was spent by it.
    api.get("/campaigns").await;
    let body = json!({"refresh_token": refresh});
    let (status, renewed) = as_access("")
        .send(Method::POST, "/auth/refresh-token", Some(body))
        .await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    platform.stop().await;
}
