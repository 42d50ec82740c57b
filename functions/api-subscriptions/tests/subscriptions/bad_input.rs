//! Whatever is wrong is named, and nothing is half done.

use serde_json::json;
use trunkline_testing::{NO_ID, NOT_IDS};

use crate::{closed, subscribe};

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_is_made() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let good = "https://hooks.example/in";
    for (body, field) in [
        (json!({}), "url"),
        (json!({ "url": good }), "events"),
        (json!({ "url": good, "events": [] }), "events"),
        (json!({ "url": good, "events": null }), "events"),
        (json!({ "url": good, "events": "call.ended" }), "events"),
        (
            json!({ "url": good, "events": ["call.ended", "call.finished"] }),
            "events[1]",
        ),
        (json!({ "url": good, "events": ["webhook.test"] }), "events[0]"),
        (json!({ "url": good, "events": [5] }), "events"),
        (json!({ "url": null, "events": ["*"] }), "url"),
        (json!({ "url": 5, "events": ["*"] }), "url"),
        (json!({ "url": "hooks.example", "events": ["*"] }), "url"),
        (json!({ "url": "ftp://hooks.example", "events": ["*"] }), "url"),
        (json!({ "url": "http://127.0.0.1:9/", "events": ["*"] }), "url"),
        (json!({ "url": "http://localhost/", "events": ["*"] }), "url"),
        (
            json!({ "url": "http://169.254.169.254/", "events": ["*"] }),
            "url",
        ),
        (json!({ "url": "http://[::1]/", "events": ["*"] }), "url"),
        (json!({ "url": "http://2130706433/", "events": ["*"] }), "url"),
        (
            json!({ "url": "https://u:p@hooks.example/", "events": ["*"] }),
            "url",
        ),
        (
            json!({ "url": format!("https://hooks.example/{}", "x".repeat(3_000)), "events": ["*"] }),
            "url",
        ),
        (
            json!({ "url": good, "events": ["*"], "description": "d".repeat(1_001) }),
            "description",
        ),
        (
            json!({ "url": good, "events": ["*"], "is_active": "yes" }),
            "is_active",
        ),
    ] {
        let answer = ada.post("/webhooks", body.clone()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (422, "REQUEST_002"),
            "{body}: {answer:?}"
        );
        assert!(answer.details().contains(field), "{field}: {answer:?}");
    }
    assert_eq!(ada.send("POST /webhooks", &[], "{").await.status, 400);
    assert_eq!(ada.get("/webhooks").await.body["total"], 0);
    // A name that does not resolve may do so later.
    subscribe(&ada, "https://no-such-name.invalid/hook", &["*"]).await;
}

#[tokio::test]
async fn what_is_no_id_is_no_webhook_and_what_is_no_page_is_told_the_range() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    for id in NOT_IDS.into_iter().chain([NO_ID, "twilio"]) {
        for (method, below) in [
            ("GET", ""),
            ("PUT", ""),
            ("DELETE", ""),
            ("POST", "/test"),
            ("GET", "/logs"),
            ("POST", "/rotate-secret"),
        ] {
            let answer = ada
                .send(&format!("{method} /webhooks/{id}{below}"), &[], "{}")
                .await;
            assert_eq!(
                (answer.status, answer.code()),
                (404, "WEBHOOK_001"),
                "{method} {id}{below}"
            );
        }
    }
    let made = subscribe(&ada, "https://hooks.example/in", &["*"]).await;
    for query in ["limit=0", "limit=101", "skip=-1", "skip=10001", "cursor=E%23"] {
        for path in ["/webhooks".to_owned(), format!("/webhooks/{}/logs", made.id())] {
            assert_eq!(
                ada.get(&format!("{path}?{query}")).await.status,
                422,
                "{path}?{query}"
            );
        }
    }
    for query in ["sort=secret", "event=call.finished"] {
        assert_eq!(
            ada.get(&format!("/webhooks?{query}")).await.status,
            422,
            "{query}"
        );
    }
    assert_eq!(ada.get("/webhooks?is_active=maybe").await.status, 400);
}

#[tokio::test]
async fn a_replay_says_what_it_wants() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = subscribe(&ada, "https://hooks.example/in", &["*"]).await;
    let path = format!("/webhooks/{}/replay", made.id());
    for (body, field) in [
        (json!({}), "event_id"),
        (
            json!({ "event_id": NO_ID, "since": "2026-01-01T00:00:00Z" }),
            "since",
        ),
        (json!({ "event_id": "42" }), "event_id"),
        (json!({ "event_id": NO_ID }), "event_id"),
        (json!({ "since": "soon" }), "since"),
        (json!({ "since": "2027-01-01T00:00:00Z" }), "since"),
    ] {
        let answer = ada.post(&path, body.clone()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (422, "REQUEST_002"),
            "{body}: {answer:?}"
        );
        assert!(answer.details().starts_with(field), "{field}: {answer:?}");
    }
    ada.put(&format!("/webhooks/{}", made.id()), json!({ "is_active": false }))
        .await;
    let off = ada.post(&path, json!({ "since": "2026-01-01T00:00:00Z" })).await;
    assert_eq!((off.status, off.code()), (409, "WEBHOOK_002"));
}
