//! Secrets and what they sign.

use chrono::Duration;
use serde_json::Value;
use trunkline_events::EventKind;

use crate::{happen, id_of, open, receiver::Receiver, subscribe, turn, work};

#[tokio::test]
async fn a_replaced_secret_signs_beside_the_new_one_for_a_day() {
    let platform = open().await;
    let ada = platform.manager("ada").await;
    let receiver = Receiver::saying([]).await;
    let made = subscribe(&ada, &receiver.url, &["*"]).await;
    let old = made.body["secret"].as_str().unwrap().to_owned();
    let rotated = ada
        .post(&format!("/webhooks/{}/rotate-secret", made.id()), Value::Null)
        .await;
    assert_eq!(
        (rotated.status, &rotated.body["previous_secret_expires_at"]),
        (200, &"2026-01-06T10:00:00Z".into())
    );
    let new = rotated.body["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    for (seq, wait) in [
        (1, Duration::seconds(86_399)),
        (2, Duration::seconds(1)),
        (3, Duration::zero()),
    ] {
        happen(&platform, &ada, EventKind::CallEnded, seq).await;
        work(&platform, id_of(&made)).await;
        turn(&platform, wait);
    }
    let got = receiver.got();
    let signed: Vec<(usize, bool, bool)> = got
        .iter()
        .map(|message| {
            (
                message.signatures.len(),
                message.is_signed_by(&new),
                message.is_signed_by(&old),
            )
        })
        .collect();
    assert_eq!(signed, [(2, true, true), (2, true, true), (1, true, false)]);
    assert!(
        !ada.get(&format!("/webhooks/{}", made.id()))
            .await
            .text()
            .contains("whsec_")
    );
}
