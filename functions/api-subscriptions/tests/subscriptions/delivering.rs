//! Events on their way.

use chrono::Duration;
use serde_json::{Value, json};
use trunkline_events::EventKind;
use trunkline_service::webhooks;
use trunkline_testing::call;

use crate::{happen, id_of, logs, open, receiver::Receiver, subscribe, turn, work};

#[tokio::test]
async fn an_event_reaches_who_asked_for_it_once_and_nobody_else() {
    let platform = open().await;
    let (ada, bob) = (platform.manager("ada").await, platform.manager("bob").await);
    let receiver = Receiver::saying([]).await;
    let wants = subscribe(&ada, &receiver.url, &["call.ended", "lead.dnc"]).await;
    let all = subscribe(&ada, &receiver.url, &["*"]).await;
    let off = subscribe(&ada, &receiver.url, &["*"]).await;
    ada.put(&format!("/webhooks/{}", off.id()), json!({ "is_active": false }))
        .await;
    let other = subscribe(&bob, &receiver.url, &["*"]).await;
    let event = happen(&platform, &ada, EventKind::CallEnded, 7).await;
    webhooks::announce(&platform.ctx, &event).await.unwrap();
    happen(&platform, &ada, EventKind::CallUpdated, 6).await;
    for made in [&wants, &all, &off, &other] {
        work(&platform, id_of(made)).await;
        work(&platform, id_of(made)).await;
    }
    let got = receiver.got();
    let told = |topic: &str| got.iter().filter(|message| message.body["type"] == topic).count();
    assert_eq!(
        (got.len(), told("call.ended"), told("call.updated")),
        (3, 2, 1),
        "{got:?}"
    );
    let ids: std::collections::BTreeSet<&str> = got.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(ids.len(), 3, "each message has an id of its own");
    let first = &got[0];
    assert!(first.is_signed_by(wants.body["secret"].as_str().unwrap()));
    assert!(!first.is_signed_by(all.body["secret"].as_str().unwrap()));
    assert_eq!(first.timestamp, platform.ctx.now().timestamp().to_string());
    let expected = json!({ "id": event.id, "type": "call.ended", "timestamp": "2026-01-05T10:00:00.000Z", "seq": 7, "data": { "call_id": event.subject, "call": null } });
    assert_eq!(
        first.body, expected,
        "its call is deleted; what happened is told all the same"
    );
    let log = logs(&ada, &wants).await;
    assert_eq!(log.len(), 1);
    let expected = json!({
        "id": log[0]["id"],
        "delivery_id": first.id,
        "event_id": event.id,
        "event": "call.ended",
        "attempt": 1,
        "status_code": 200,
        "delivered": true,
        "reason": "the receiver took it (200)",
        "duration_ms": 0,
        "created_at": "2026-01-05T10:00:00Z",
        "next_attempt_at": null,
    });
    assert_eq!(log[0], expected);
}

#[tokio::test]
async fn what_happened_before_a_webhook_was_made_is_not_sent() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([]).await;
    let early = trunkline_events::Event::new(
        EventKind::CallEnded,
        ada.who.tenant,
        uuid::Uuid::nil(),
        1,
        platform.ctx.now(),
    );
    turn(&platform, Duration::seconds(1));
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    webhooks::announce(&platform.ctx, &early).await.unwrap();
    work(&platform, id_of(&made)).await;
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn a_calls_message_shows_the_call() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([]).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    let call = call(&ada, &platform.ctx, platform.ctx.now());
    platform.put_call(&call).await;
    for (kind, seq) in [
        (EventKind::CallEnded, 1),
        (EventKind::CallAnalyzed, 2),
        (EventKind::TranscriptReady, 3),
    ] {
        let event = trunkline_events::Event::new(kind, ada.who.tenant, call.id.0, seq, platform.ctx.now());
        webhooks::announce(&platform.ctx, &event).await.unwrap();
    }
    work(&platform, id_of(&made)).await;
    let got = receiver.got();
    let of = |topic: &str| {
        &got.iter()
            .find(|message| message.body["type"] == topic)
            .unwrap()
            .body["data"]
    };
    let ended = &of("call.ended")["call"];
    assert_eq!(
        (
            &ended["id"],
            &ended["status"],
            &ended["phone_number"],
            &ended["duration_seconds"],
            &ended["created_at"]
        ),
        (
            &json!(call.id),
            &json!("completed"),
            &json!("+14155550100"),
            &json!(90),
            &json!("2026-01-05T10:00:00Z")
        )
    );
    let told: Vec<&str> = got
        .iter()
        .filter_map(|message| message.body["type"].as_str())
        .collect();
    assert!(
        !told.contains(&"sentiment.changed"),
        "nobody said anything: {told:?}"
    );
    assert_eq!(
        (
            &of("transcript.ready")["transcript"],
            &of("transcript.ready")["transcript_is_cut"]
        ),
        (&json!(""), &json!(false))
    );
}

#[tokio::test]
async fn a_number_that_is_not_to_be_called_is_told_of_in_the_same_write_once() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let phone: trunkline_domain::E164 = "+14155550100".parse().unwrap();
    let mark = async || {
        platform
            .ctx
            .store
            .mark_dnc(&trunkline_store::DncEntry::lasting(
                ada.who.tenant,
                &phone,
                "api",
                platform.ctx.now(),
            ))
            .await
            .unwrap()
    };
    let event = async || {
        let rows = platform
            .world
            .db()
            .scan()
            .table_name("test-dialing")
            .send()
            .await
            .unwrap();
        let row = rows
            .items()
            .iter()
            .find(|row| row["SK"].as_s().unwrap() == "NUM")
            .unwrap()
            .clone();
        row["ev"].as_m().unwrap()["id"].as_s().unwrap().clone()
    };
    mark().await;
    let first = event().await;
    turn(&platform, Duration::seconds(5));
    mark().await;
    assert_eq!(event().await, first, "marked already: nothing happened");
    platform
        .ctx
        .store
        .lift_dnc(ada.who.tenant, &phone, None)
        .await
        .unwrap();
    mark().await;
    assert_ne!(event().await, first);
}

#[tokio::test]
async fn a_test_is_sent_at_once_signed_and_logged() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([]).await;
    let made = subscribe(&ada, &receiver.url, &["call.ended"]).await;
    let tested = ada
        .post(&format!("/webhooks/{}/test", made.id()), Value::Null)
        .await;
    let expected = json!({ "delivered": true, "status_code": 200, "reason": "the receiver took it (200)", "duration_ms": 0 });
    assert_eq!((tested.status, &tested.body["data"]), (200, &expected));
    let got = receiver.got();
    assert!(
        got.len() == 1
            && got[0].body["type"] == "webhook.test"
            && got[0].is_signed_by(made.body["secret"].as_str().unwrap())
    );
    let log = logs(&ada, &made).await;
    assert_eq!(
        (&log[0]["event"], &log[0]["delivery_id"]),
        (&json!("webhook.test"), &json!(got[0].id))
    );
    assert!(
        !tested.text().contains("inside"),
        "nothing of what the receiver wrote"
    );
}
