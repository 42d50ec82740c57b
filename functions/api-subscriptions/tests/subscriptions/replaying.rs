//! Sending again.

use chrono::Duration;
use serde_json::json;
use trunkline_domain::id::DeliveryId;
use trunkline_events::EventKind;
use trunkline_service::webhooks;
use trunkline_store::keys;

use crate::{awake, happen, id_of, logs, open, receiver::Receiver, subscribe, turn, work};

#[tokio::test]
async fn one_event_is_sent_again_under_its_id() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([]).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    let event = happen(&platform, &ada, EventKind::CallEnded, 1).await;
    work(&platform, id_of(&made)).await;
    turn(&platform, Duration::days(1));
    let ada = awake(&platform, &ada).await;
    let asked = ada
        .post(
            &format!("/webhooks/{}/replay", made.id()),
            json!({ "event_id": event.id }),
        )
        .await;
    assert_eq!(
        (asked.status, &asked.body["data"]),
        (202, &json!({ "webhook_id": made.id(), "status": "queued" }))
    );
    work(&platform, id_of(&made)).await;
    let got = receiver.got();
    assert_eq!(
        (got.len(), &got[0].id, &got[0].text),
        (2, &got[1].id, &got[1].text)
    );
    assert_eq!(logs(&ada, &made).await[0]["attempt"], 2);
}

#[tokio::test]
async fn all_since_a_moment_are_sent_again_page_by_page() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([]).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    let mut events = Vec::new();
    for seq in 0..5 {
        events.push(happen(&platform, &ada, EventKind::CallEnded, seq).await);
        turn(&platform, Duration::minutes(1));
    }
    work(&platform, id_of(&made)).await;
    // The queue of this test is down: who asks is told so.
    let asked = ada
        .post(
            &format!("/webhooks/{}/replay", made.id()),
            json!({ "since": "2026-01-05T10:02:00Z" }),
        )
        .await;
    assert_eq!((asked.status, asked.code()), (503, "SERVER_002"));
    // What job-webhooks does with the message.
    let from = keys::delivered_order(events[2].at, DeliveryId(uuid::Uuid::nil()));
    webhooks::replay_some(&platform.ctx, ada.who.tenant, id_of(&made), &from)
        .await
        .unwrap();
    work(&platform, id_of(&made)).await;
    let times = |at: usize| {
        receiver
            .got()
            .iter()
            .filter(|message| message.body["seq"] == json!(at))
            .count()
    };
    assert_eq!([0, 1, 2, 3, 4].map(times), [1, 1, 2, 2, 2]);
    // Another tenant's id opens nothing.
    let bob = platform.manager("bob").await;
    webhooks::replay_some(&platform.ctx, bob.who.tenant, id_of(&made), "E#")
        .await
        .unwrap();
    work(&platform, id_of(&made)).await;
    assert_eq!(receiver.got().len(), 8);
}
