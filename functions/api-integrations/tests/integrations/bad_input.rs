//! Whatever is wrong is named, and nothing is half done.

use serde_json::{Value, json};
use trunkline_testing::NOT_IDS;

use crate::{closed, openai};

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_is_made() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let long = "x".repeat(5_000);
    for (body, field) in [
        (json!({}), "type"),
        (
            json!({ "type": "openai", "credentials": { "api_key": "sk-1" } }),
            "name",
        ),
        (json!({ "name": "A", "type": "fax" }), "type"),
        (json!({ "name": "A", "type": null }), "type"),
        (json!({ "name": "A", "type": 5 }), "type"),
        (openai(json!({ "name": "" })), "name"),
        (openai(json!({ "name": null })), "name"),
        (openai(json!({ "name": ["A"] })), "name"),
        (openai(json!({ "name": "n".repeat(201) })), "name"),
        (openai(json!({ "credentials": null })), "credentials"),
        (openai(json!({ "credentials": {} })), "credentials.api_key"),
        (openai(json!({ "credentials": "sk-1" })), "credentials"),
        (openai(json!({ "credentials": { "api_key": 5 } })), "credentials"),
        (
            openai(json!({ "credentials": { "api_key": long } })),
            "credentials.api_key",
        ),
        (
            openai(json!({ "credentials": { "api_key": "a\r\nHost: b" } })),
            "credentials.api_key",
        ),
        (
            openai(json!({ "credentials": { "api_key": "sk-…wxyz" } })),
            "credentials.api_key",
        ),
        (openai(json!({ "settings": [] })), "settings"),
        (
            openai(json!({ "settings": { "x": "y".repeat(20_000) } })),
            "settings",
        ),
        (
            openai(json!({ "settings": { "base_url": 5 } })),
            "settings.base_url",
        ),
        (
            openai(json!({ "settings": { "base_url": "ftp://x.example" } })),
            "settings.base_url",
        ),
        (
            openai(json!({ "settings": { "base_url": "http://169.254.169.254/latest" } })),
            "settings.base_url",
        ),
        (
            openai(json!({ "settings": { "base_url": "http://[::ffff:10.0.0.1]/" } })),
            "settings.base_url",
        ),
        (
            openai(json!({ "settings": { "base_url": "https://u:p@x.example/" } })),
            "settings.base_url",
        ),
        (
            json!({ "name": "A", "type": "twilio", "credentials": { "account_sid": "../x", "auth_token": "t" } }),
            "credentials.account_sid",
        ),
        (
            json!({ "name": "A", "type": "http", "credentials": { "url": "http://localhost:1/" } }),
            "credentials.url",
        ),
        (
            json!({ "name": "A", "type": "slack", "credentials": { "webhook_url": "http://127.0.0.1/x" } }),
            "credentials.webhook_url",
        ),
    ] {
        let answer = ada.post("/integrations", body.clone()).await;
        assert_eq!((answer.status, answer.code()), (422, "REQUEST_002"), "{body}");
        assert!(
            answer.details().contains(&format!("{field}: "))
                || answer.details().contains(&format!("{field}.")),
            "{field}: {answer:?}"
        );
        assert!(
            !answer.text().contains("sk-1") && !answer.text().contains("Host: b"),
            "{answer:?}"
        );
    }
    for body in ["{", "[1", "nope", "{\"name\": \"\u{0}\"}"] {
        assert_eq!(
            ada.send("POST /integrations", &[], body).await.status,
            400,
            "{body}"
        );
    }
    assert_eq!(ada.get("/integrations").await.body["total"], 0);
}

#[tokio::test]
async fn what_is_no_id_is_no_integration_and_what_is_no_page_is_told_the_range() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    for id in NOT_IDS {
        for (method, below) in [
            ("GET", ""),
            ("PUT", ""),
            ("DELETE", ""),
            ("POST", "/test"),
            ("GET", "/status"),
        ] {
            let answer = ada
                .send(&format!("{method} /integrations/{id}{below}"), &[], "{}")
                .await;
            assert_eq!(
                (answer.status, answer.code()),
                (404, "INTEGRATION_001"),
                "{method} {id}{below}"
            );
        }
    }
    for query in [
        "limit=0",
        "limit=101",
        "skip=-1",
        "skip=10001",
        "sort=secret",
        "order=up",
        "type=fax",
        "status=ok",
        "cursor=x",
    ] {
        assert_eq!(
            ada.get(&format!("/integrations?{query}")).await.status,
            422,
            "{query}"
        );
    }
    assert_eq!(ada.get("/integrations?limit=ten").await.status, 400);
    let wrong = ada.send("PATCH /integrations", &[], "{}").await;
    assert_eq!((wrong.status, wrong.code()), (405, "REQUEST_004"));
    assert_eq!(
        ada.get("/integrations?skip=5").await.body["items"],
        Value::Array(vec![])
    );
}
