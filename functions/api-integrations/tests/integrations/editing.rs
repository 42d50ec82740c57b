//! Made, listed, changed, deleted.

use serde_json::{Value, json};
use trunkline_domain::Role;
use trunkline_testing::NO_ID;

use crate::{KEY, closed, openai};

#[tokio::test]
async fn an_integration_is_made_shown_masked_and_deleted() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = ada
        .post("/integrations", openai(json!({ "settings": { "region": "eu" } })))
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let expected = json!({
        "id": made.body["id"],
        "name": "Models",
        "type": "openai",
        "credentials": { "api_key": "sk-…wxyz" },
        "settings": { "region": "eu" },
        "status": "untested",
        "last_tested_at": null,
        "created_at": "2026-01-05T10:00:00Z",
        "updated_at": "2026-01-05T10:00:00Z",
    });
    assert_eq!(made.body["data"], expected);
    assert_eq!(made.header("etag"), "\"1\"");
    let path = format!("/integrations/{}", made.id());
    let one = ada.get(&path).await;
    let list = ada.get("/integrations?type=openai&search=mod&sort=-name").await;
    assert_eq!(
        (&one.body["data"], &list.body["items"][0], &list.body["total"]),
        (&expected, &expected, &json!(1))
    );
    let status = ada.get(&format!("{path}/status")).await;
    assert_eq!(
        status.body["data"],
        json!({ "status": "untested", "reason": null, "last_tested_at": null })
    );
    for answer in [&made, &one, &list, &status] {
        assert!(!answer.text().contains(&KEY[3..24]), "{answer:?}");
    }
    assert_eq!(ada.delete(&path).await.status, 204);
    let gone = ada.delete(&path).await;
    assert_eq!((gone.status, gone.code()), (404, "INTEGRATION_001"));
}

#[tokio::test]
async fn what_is_stored_is_sealed_for_its_tenant_and_record() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = ada.post("/integrations", openai(json!({}))).await;
    let rows = platform
        .world
        .db()
        .scan()
        .table_name("test-directory")
        .send()
        .await
        .unwrap();
    let text = format!("{:?}", rows.items());
    assert!(text.contains("s1.") && !text.contains(&KEY[3..24]), "{text}");
    let trail = platform
        .world
        .db()
        .scan()
        .table_name("test-ephemeral")
        .send()
        .await
        .unwrap();
    assert!(!format!("{:?}", trail.items()).contains(&KEY[3..24]));
    // Moved to another's record, it does not open: the test there fails as a fault of ours, and shows nothing.
    let bob = platform.manager("bob").await;
    let other = bob.post("/integrations", openai(json!({}))).await;
    let id = |answer: &trunkline_testing::Answer| answer.id().parse().unwrap();
    let (hers, his) = (
        platform
            .ctx
            .store
            .integration(ada.who.tenant, id(&made))
            .await
            .unwrap()
            .unwrap(),
        platform
            .ctx
            .store
            .integration(bob.who.tenant, id(&other))
            .await
            .unwrap()
            .unwrap(),
    );
    let stolen = trunkline_domain::integration::Integration {
        sealed: hers.sealed,
        version: his.version + 1,
        ..his
    };
    platform.ctx.store.update_integration(&stolen).await.unwrap();
    let tested = bob
        .post(&format!("/integrations/{}/test", other.id()), Value::Null)
        .await;
    assert_eq!((tested.status, tested.code()), (500, "SERVER_001"));
}

#[tokio::test]
async fn a_change_keeps_what_is_absent_and_what_is_sent_back_masked() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = ada
        .post(
            "/integrations",
            openai(json!({ "credentials": { "api_key": KEY, "organization": "org-1" } })),
        )
        .await;
    let path = format!("/integrations/{}", made.id());
    let sealed = async || {
        let id = made.id().parse().unwrap();
        platform
            .ctx
            .store
            .integration(ada.who.tenant, id)
            .await
            .unwrap()
            .unwrap()
            .sealed
    };
    let before = sealed().await;
    let same = ada
        .put(
            &path,
            json!({ "name": "Ours", "credentials": { "api_key": "sk-…wxyz" } }),
        )
        .await;
    assert_eq!((same.status, &same.body["name"]), (200, &json!("Ours")));
    assert_eq!(
        same.body["credentials"],
        json!({ "api_key": "sk-…wxyz", "organization": "org-1" })
    );
    assert_eq!(sealed().await, before);
    let changed = ada
        .put(
            &path,
            json!({ "credentials": { "api_key": "sk-9876543210abcd", "organization": null } }),
        )
        .await;
    assert_eq!(changed.body["credentials"], json!({ "api_key": "sk-…abcd" }));
    assert_ne!(sealed().await, before);
    let stale = ada.put_if(&path, "\"1\"", json!({ "name": "Late" })).await;
    assert_eq!((stale.status, stale.code()), (409, "REQUEST_002"));
    let other = ada.put(&path, json!({ "type": "deepgram" })).await;
    assert_eq!(other.status, 422);
    assert!(other.details().starts_with("type: cannot change"), "{other:?}");
}

#[tokio::test]
async fn who_may_change_it_cannot_have_its_secrets_sent_elsewhere() {
    let platform = crate::open().await;
    let ada = platform.manager("ada").await;
    let made = ada.post("/integrations", openai(json!({}))).await;
    let path = format!("/integrations/{}", made.id());
    let elsewhere = json!({ "base_url": "https://collector.example/v1" });
    let moved = ada
        .put(
            &path,
            json!({ "settings": elsewhere, "credentials": { "api_key": "sk-…wxyz" } }),
        )
        .await;
    assert_eq!(moved.status, 422);
    assert!(moved.details().contains("give the secrets again"), "{moved:?}");
    let anew = ada
        .put(
            &path,
            json!({ "settings": elsewhere, "credentials": { "api_key": "sk-9876543210abcd" } }),
        )
        .await;
    assert_eq!(anew.status, 200, "{anew:?}");

    let http = json!({ "name": "CRM", "type": "http", "credentials": { "url": "https://crm.example/ping", "token": "t0ken-0123456789" } });
    let made = ada.post("/integrations", http).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/integrations/{}", made.id());
    let moved = ada
        .put(
            &path,
            json!({ "credentials": { "url": "https://collector.example/" } }),
        )
        .await;
    assert!(
        moved.status == 422 && moved.details().starts_with("credentials.url"),
        "{moved:?}"
    );
    let same_host = ada
        .put(
            &path,
            json!({ "credentials": { "url": "https://crm.example/other" } }),
        )
        .await;
    assert_eq!(same_host.status, 200, "{same_host:?}");
}

#[tokio::test]
async fn nobody_else_sees_it() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let made = ada.post("/integrations", openai(json!({}))).await;
    let path = format!("/integrations/{}", made.id());
    let bob = platform.manager("bob").await;
    let agent = platform.colleague(&ada, "eve", Role::Agent).await;
    let nobody = platform.nobody(&ada);
    for (client, status, code) in [
        (&bob, 404, "INTEGRATION_001"),
        (&agent, 403, "AUTH_004"),
        (&nobody, 401, "AUTH_003"),
    ] {
        let asks = [
            client.get(&path).await,
            client.get(&format!("{path}/status")).await,
            client.put(&path, json!({ "name": "Mine" })).await,
            client.post(&format!("{path}/test"), Value::Null).await,
            client.delete(&path).await,
        ];
        for answer in asks {
            assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
        }
    }
    assert_eq!(bob.get("/integrations").await.body["total"], 0);
    assert_eq!(ada.get(&format!("/integrations/{NO_ID}")).await.status, 404);
    assert_eq!(ada.get(&path).await.body["name"], "Models");
}

#[tokio::test]
async fn a_request_that_is_sent_twice_makes_one() {
    let platform = closed().await;
    let ada = platform.manager("ada").await;
    let ask = async || {
        ada.send(
            "POST /integrations",
            &["idempotency-key: k1"],
            openai(json!({})).to_string(),
        )
        .await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!(
        (first.id(), second.header("idempotent-replayed")),
        (second.id(), "true")
    );
    assert_eq!(ada.get("/integrations").await.body["total"], 1);
}
