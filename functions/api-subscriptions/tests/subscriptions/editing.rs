//! Made, listed, changed, deleted.

use serde_json::{Value, json};
use trunkline_domain::Role;
use trunkline_testing::NO_ID;

use crate::{closed, subscribe};

#[tokio::test]
async fn a_webhook_is_made_its_secret_is_shown_once_and_it_is_deleted() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let body = json!({ "url": "https://hooks.example/in", "events": ["call.ended", "campaign.completed", "call.ended"], "description": "CRM" });
    let made = ada.post("/webhooks", body).await;
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{made:?}");
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let mut expected = json!({
        "id": made.body["id"],
        "url": "https://hooks.example/in",
        "events": ["call.ended", "campaign.completed"],
        "description": "CRM",
        "is_active": true,
        "switched_off_at": null,
        "created_at": "2026-01-05T10:00:00Z",
        "updated_at": "2026-01-05T10:00:00Z",
        "secret": secret,
    });
    assert_eq!(made.body["data"], expected);
    expected.as_object_mut().unwrap().remove("secret");
    let path = format!("/webhooks/{}", made.id());
    let one = ada.get(&path).await;
    let list = ada
        .get("/webhooks?is_active=true&event=call.ended&search=crm&sort=-url")
        .await;
    assert_eq!(
        (&one.body["data"], &list.body["items"][0], &list.body["total"]),
        (&expected, &expected, &json!(1))
    );
    assert_eq!(ada.get("/webhooks?event=lead.dnc").await.body["total"], 0);
    let rows = platform
        .world
        .db()
        .scan()
        .table_name("test-directory")
        .send()
        .await
        .unwrap();
    assert!(
        !format!("{:?}", rows.items()).contains(&secret[6..]),
        "stored sealed"
    );
    assert_eq!(ada.delete(&path).await.status, 204);
    let gone = ada.delete(&path).await;
    assert_eq!((gone.status, gone.code()), (404, "WEBHOOK_001"));
}

#[tokio::test]
async fn a_change_keeps_what_is_absent() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = subscribe(&ada, "https://hooks.example/in", &["*"]).await;
    let path = format!("/webhooks/{}", made.id());
    let changed = ada
        .put(&path, json!({ "is_active": false, "description": "Off" }))
        .await;
    assert_eq!(
        (
            changed.status,
            &changed.body["is_active"],
            &changed.body["events"]
        ),
        (200, &json!(false), &json!(["*"]))
    );
    assert_eq!(changed.body["secret"], Value::Null);
    let back = ada
        .put(&path, json!({ "is_active": null, "description": null }))
        .await;
    assert_eq!(
        (&back.body["is_active"], &back.body["description"]),
        (&json!(true), &Value::Null)
    );
    let stale = ada.put_if(&path, "\"1\"", json!({ "description": "Late" })).await;
    assert_eq!((stale.status, stale.code()), (409, "REQUEST_002"));
}

#[tokio::test]
async fn nobody_else_sees_it() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = subscribe(&ada, "https://hooks.example/in", &["*"]).await;
    let path = format!("/webhooks/{}", made.id());
    let bob = platform.manager("bob").await;
    let agent = platform.colleague(&ada, "eve", Role::Agent).await;
    let nobody = platform.nobody(&ada);
    for (client, status, code) in [
        (&bob, 404, "WEBHOOK_001"),
        (&agent, 403, "AUTH_004"),
        (&nobody, 401, "AUTH_003"),
    ] {
        let asks = [
            client.get(&path).await,
            client.get(&format!("{path}/logs")).await,
            client.put(&path, json!({ "is_active": false })).await,
            client.post(&format!("{path}/test"), Value::Null).await,
            client
                .post(&format!("{path}/replay"), json!({ "event_id": NO_ID }))
                .await,
            client.post(&format!("{path}/rotate-secret"), Value::Null).await,
            client.delete(&path).await,
        ];
        for answer in asks {
            assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
        }
    }
    assert_eq!(bob.get("/webhooks").await.body["total"], 0);
    assert_eq!(ada.get(&path).await.body["is_active"], true);
}

#[tokio::test]
async fn a_request_that_is_sent_twice_makes_one_and_shows_its_secret_again() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let body = json!({ "url": "https://hooks.example/in", "events": ["*"] }).to_string();
    let ask = async || {
        ada.send("POST /webhooks", &["idempotency-key: k1"], body.clone())
            .await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!(
        (first.id(), &first.body["secret"]),
        (second.id(), &second.body["secret"])
    );
    assert_eq!(ada.get("/webhooks").await.body["total"], 1);
}
