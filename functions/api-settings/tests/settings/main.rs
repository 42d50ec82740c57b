//! The price table, asked as the admin asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

use serde_json::{Value, json};
use trunkline_service::post_call;
use trunkline_testing::{Aws, Platform, call};

async fn platform() -> Platform {
    Platform::new(api_settings::router()).await
}

#[tokio::test]
async fn the_list_prices_name_their_sources() {
    let platform = platform().await;
    let admin = platform.admin().await;
    let shown = admin.get("/admin/prices").await;
    assert_eq!(shown.status, 200, "{shown:?}");
    let data = &shown.body["data"];
    assert_eq!(
        (&data["currency"], &data["version"], &data["updated_by"]),
        (&json!("USD"), &json!(0), &Value::Null)
    );
    for (part, unit, default) in [
        ("telephony", "started minute", 0.05),
        ("speech", "started minute", 0.008),
        ("model", "1,000 characters read or written", 0.0025),
        ("voice", "1,000 characters spoken", 0.05),
    ] {
        assert_eq!(
            (&data[part]["unit"], &data[part]["default"]),
            (&json!(unit), &json!(default))
        );
        assert!(
            data[part]["source"].as_str().unwrap().contains("list price"),
            "{part}"
        );
    }
    assert_eq!(data["telephony"]["by"], json!({ "1": 0.014 }));
}

#[tokio::test]
async fn the_admin_sets_prices_part_by_part_and_takes_them_back() {
    let platform = platform().await;
    let admin = platform.admin().await;
    let body = json!({
        "telephony": { "default": 0.07, "by": { "+44": 0.02, "1900": 1.5 } },
        "model": { "by": { "OpenAI/gpt-4o": 0.001 }, "source": "our contract" },
    });
    let set = admin.put("/admin/prices", body).await;
    assert_eq!(set.status, 200, "{set:?}");
    let data = &set.body["data"];
    assert_eq!(data["telephony"]["by"], json!({ "44": 0.02, "1900": 1.5 }));
    assert_eq!(
        (&data["telephony"]["default"], &data["telephony"]["source"]),
        (&json!(0.07), &json!("set by the admin"))
    );
    assert_eq!(
        (&data["model"]["default"], &data["model"]["by"]),
        (&json!(0.0025), &json!({ "openai/gpt-4o": 0.001 }))
    );
    assert_eq!(
        (&data["model"]["source"], &data["version"]),
        (&json!("our contract"), &json!(1))
    );
    assert_eq!(data["updated_by"], "root@example.com");
    assert_eq!(admin.get("/admin/prices").await.body["data"], *data);

    let stale = admin.put_if("/admin/prices", "\"0\"", json!({})).await;
    assert_eq!(stale.status, 409, "{stale:?}");
    let back = admin
        .put_if(
            "/admin/prices",
            set.header("etag"),
            json!({ "telephony": null, "model": { "by": null } }),
        )
        .await;
    assert_eq!(back.body["data"]["telephony"]["by"], json!({ "1": 0.014 }));
    assert_eq!(back.body["data"]["model"]["by"], json!({}));
}

#[tokio::test]
async fn prices_that_cannot_be_are_all_named_and_nothing_is_set() {
    let platform = platform().await;
    let admin = platform.admin().await;
    for (body, says) in [
        (
            json!({ "voice": { "default": -0.01 }, "speech": { "default": 101 } }),
            &["voice.default: must be from 0 to 100", "speech.default"][..],
        ),
        (
            json!({ "telephony": { "by": { "44": 1e300 } } }),
            &["telephony.by.44"],
        ),
        (
            json!({ "telephony": { "by": { "UK": 1 } } }),
            &["`UK` is no prefix"],
        ),
        (json!({ "model": { "by": { " ": 1 } } }), &["model.by"]),
        (
            json!({ "model": { "source": "x".repeat(201) } }),
            &["model.source: at most 200"],
        ),
        (json!({ "model": { "default": "dear" } }), &["model.default"]),
        (json!({ "model": 7 }), &["model"]),
        (json!([]), &["body"]),
    ] {
        let answer = admin.put("/admin/prices", body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        for part in says {
            assert!(answer.details().contains(part), "{body}: {answer:?}");
        }
    }
    assert_eq!(admin.send("PUT /admin/prices", &[], "{").await.status, 400);
    assert_eq!(admin.get("/admin/prices").await.body["version"], 0);
}

#[tokio::test]
async fn a_call_keeps_the_prices_of_its_first_time() {
    let aws = Aws::start().await;
    let platform = Platform::with(api_settings::router(), |ctx| aws.wire(ctx)).await;
    let (admin, client) = (platform.admin().await, platform.manager("ann").await);
    let made = "2026-01-05T09:00:00Z".parse().unwrap();
    let finished = async |call: &trunkline_domain::Call| {
        post_call::finish(&platform.ctx, call.tenant, call.id)
            .await
            .unwrap();
        platform
            .ctx
            .store
            .call(call.tenant, call.id)
            .await
            .unwrap()
            .unwrap()
    };
    // 90 s to the United States are two started minutes.
    let first = call(&client, &platform.ctx, made);
    platform.put_call(&first).await;
    assert_eq!(finished(&first).await.cost.micros(), 28_000);
    let dearer = json!({ "telephony": { "by": { "1": 0.02, "1415": 0.1 } } });
    assert_eq!(admin.put("/admin/prices", dearer).await.status, 200);
    let second = call(&client, &platform.ctx, made);
    platform.put_call(&second).await;
    let priced = finished(&second).await;
    assert_eq!(
        (priced.cost.micros(), priced.price.unwrap().rates.version),
        (200_000, 1)
    );
    platform.talk(&first).await;
    let again = finished(&first).await;
    assert_eq!(
        again.cost.micros(),
        28_000,
        "worked up again, with more words, by the old prices"
    );
    assert_eq!(again.price.unwrap().rates.version, 0);
}

#[tokio::test]
async fn only_the_admin_sees_prices() {
    let platform = platform().await;
    let manager = platform.manager("ann").await;
    assert_eq!(manager.get("/admin/prices").await.code(), "AUTH_004");
    assert_eq!(manager.put("/admin/prices", json!({})).await.code(), "AUTH_004");
    assert_eq!(
        platform.nobody(&manager).get("/admin/prices").await.code(),
        "AUTH_003"
    );
}
