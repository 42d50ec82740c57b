//! Testing: providers really are asked, and what they say is told in words.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::Request, http::StatusCode, response::IntoResponse, routing::any};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{KEY, closed, open, openai};

/// A provider that answers so, and keeps what it was asked: method, path and headers.
async fn provider(status: u16, body: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let answer = async move |request: Request| {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap();
        let mut line = format!("{} {path}", request.method());
        for (name, value) in request.headers() {
            line.push_str(&format!("\n{name}: {}", value.to_str().unwrap()));
        }
        seen.lock().unwrap().push(line);
        (
            StatusCode::from_u16(status).unwrap(),
            [("location", "/elsewhere")],
            body,
        )
            .into_response()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(answer))).await });
    (base, asked)
}

#[tokio::test]
async fn each_kind_asks_its_cheapest_request_with_its_credentials() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let (base, asked) = provider(200, r#"{"ok":true}"#).await;
    // `YTpi` is `a:b` in base64, and so on.
    for (kind, credentials, line, header) in [
        (
            "twilio",
            json!({ "account_sid": "AC1", "auth_token": "tok" }),
            "GET /2010-04-01/Accounts/AC1.json",
            "authorization: Basic QUMxOnRvaw==",
        ),
        (
            "exotel",
            json!({ "account_sid": "ex1", "api_key": "k", "api_token": "t" }),
            "GET /v1/Accounts/ex1.json",
            "authorization: Basic azp0",
        ),
        (
            "openai",
            json!({ "api_key": KEY, "organization": "org-1" }),
            "GET /models",
            "openai-organization: org-1",
        ),
        (
            "deepgram",
            json!({ "api_key": "dg" }),
            "GET /v1/projects",
            "authorization: Token dg",
        ),
        (
            "cartesia",
            json!({ "api_key": "ca" }),
            "GET /voices?limit=1",
            "x-api-key: ca",
        ),
        (
            "elevenlabs",
            json!({ "api_key": "el" }),
            "GET /v1/user",
            "xi-api-key: el",
        ),
        (
            "slack",
            json!({ "bot_token": "xoxb-1" }),
            "POST /auth.test",
            "authorization: Bearer xoxb-1",
        ),
        (
            "http",
            json!({ "url": format!("{base}/ping?x=1"), "username": "a", "password": "b", "header_name": "X-Team", "header_value": "v" }),
            "GET /ping?x=1",
            "x-team: v",
        ),
    ] {
        let body = json!({ "name": kind, "type": kind, "credentials": credentials, "settings": { "base_url": base } });
        let made = ada.post("/integrations", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let tested = ada
            .post(&format!("/integrations/{}/test", made.id()), Value::Null)
            .await;
        assert_eq!(
            (tested.status, &tested.body["connected"]),
            (200, &json!(true)),
            "{kind}: {tested:?}"
        );
        let last = asked.lock().unwrap().last().unwrap().clone();
        assert!(last.starts_with(line) && last.contains(header), "{kind}: {last}");
        let status = ada.get(&format!("/integrations/{}/status", made.id())).await;
        let expected = json!({ "status": "connected", "reason": "the provider accepted the credentials", "last_tested_at": "2026-01-05T10:00:00Z" });
        assert_eq!(status.body["data"], expected);
    }
    assert_eq!(asked.lock().unwrap().len(), 8, "each was asked once");
}

#[tokio::test]
async fn what_went_wrong_is_told_in_words_and_nothing_of_the_answer() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    for (status, words) in [
        (401, "refused the credentials (401)"),
        (403, "refused the credentials (403)"),
        (404, "does not know this account"),
        (429, "too many requests"),
        (302, "redirects (302)"),
        (500, "a fault of its own (500)"),
        (418, "answered 418"),
    ] {
        let (base, asked) = provider(status, "secret words of the inside").await;
        let made = ada
            .post(
                "/integrations",
                openai(json!({ "settings": { "base_url": base } })),
            )
            .await;
        let tested = ada
            .post(&format!("/integrations/{}/test", made.id()), Value::Null)
            .await;
        assert_eq!((tested.status, &tested.body["connected"]), (200, &json!(false)));
        let reason = tested.body["reason"].as_str().unwrap();
        assert!(
            reason.contains(words) && !tested.text().contains("inside"),
            "{tested:?}"
        );
        assert!(tested.body["latency_ms"].is_u64() && tested.body["tested_at"] == "2026-01-05T10:00:00Z");
        let status = ada.get(&format!("/integrations/{}/status", made.id())).await;
        assert_eq!(
            (&status.body["status"], status.body["reason"].as_str()),
            (&json!("failed"), Some(reason))
        );
        assert_eq!(
            asked.lock().unwrap().len(),
            1,
            "no redirect is followed, nothing is asked twice"
        );
    }
}

#[tokio::test]
async fn nobody_there_is_no_fault_of_ours_and_new_credentials_begin_untested() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let settings = json!({ "settings": { "base_url": format!("http://{free}") } });
    let made = ada.post("/integrations", openai(settings)).await;
    let path = format!("/integrations/{}", made.id());
    let tested = ada.post(&format!("{path}/test"), Value::Null).await;
    assert_eq!(tested.body["reason"], "no connection could be made");
    assert_eq!(ada.get(&path).await.body["status"], "failed");
    let named = ada.put(&path, json!({ "name": "Other" })).await;
    assert_eq!(
        (&named.body["status"], &named.body["last_tested_at"]),
        (&json!("failed"), &json!("2026-01-05T10:00:00Z"))
    );
    let anew = ada
        .put(
            &path,
            json!({ "credentials": { "api_key": "sk-9876543210abcd" } }),
        )
        .await;
    assert_eq!(
        (&anew.body["status"], &anew.body["last_tested_at"]),
        (&json!("untested"), &Value::Null)
    );
}

#[tokio::test]
async fn an_address_that_leads_inside_by_the_time_of_the_test_is_not_asked() {
    let (base, asked) = provider(200, "{}").await;
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = ada.post("/integrations", openai(json!({}))).await;
    // As if its name had led outside when it was saved.
    let id = made.id().parse().unwrap();
    let mut stored = platform
        .ctx
        .store
        .integration(ada.who.tenant, id)
        .await
        .unwrap()
        .unwrap();
    stored.settings.insert("base_url".to_owned(), json!(base));
    stored.version += 1;
    platform.ctx.store.update_integration(&stored).await.unwrap();
    let tested = ada
        .post(&format!("/integrations/{}/test", made.id()), Value::Null)
        .await;
    assert_eq!((tested.status, &tested.body["connected"]), (200, &json!(false)));
    assert_eq!(
        tested.body["reason"],
        "the address is private, so it was not called"
    );
    assert!(asked.lock().unwrap().is_empty());
}
