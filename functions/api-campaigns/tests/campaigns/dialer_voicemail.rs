//! How a campaign's voicemail message stands, as its answers show it.

use serde_json::{Value, json};
use trunkline_domain::voicemail::{SoundFormat, VoicemailFile, VoicemailMessage, VoicemailState};
use trunkline_testing::Client;

use crate::dialer::{dialers, platform};

const URL: &str = "https://example.com/voicemail.mp3";

/// What the campaign shows, alone and in the list.
async fn shown(by: &Client, path: &str) -> Value {
    let of = |campaign: &Value| json!([campaign["voicemail_status"], campaign["voicemail_error"]]);
    let alone = of(&by.get(path).await.body["campaign"]);
    let list = by.get("/api/campaigns").await.body["campaigns"].clone();
    let listed = list
        .as_array()
        .unwrap()
        .iter()
        .find(|one| path.ends_with(one["id"].as_str().unwrap()));
    assert_eq!(of(listed.unwrap()), alone);
    alone
}

#[tokio::test]
async fn a_message_is_pending_then_ready_or_says_what_is_wrong_with_it() {
    let platform = platform().await;
    let ada = platform.manager("ada").await;
    let with = dialers(&ada, json!({ "name": "With", "voicemail_message_url": URL })).await;
    let without = dialers(&ada, json!({ "name": "Without" })).await;
    assert_eq!(shown(&ada, &without).await, json!([null, null]));
    assert_eq!(shown(&ada, &with).await, json!(["pending", null]));
    let id = with.rsplit('/').next().unwrap().parse().unwrap();
    let keep = async |state| {
        let message = VoicemailMessage {
            campaign: id,
            tenant: ada.who.tenant,
            url: URL.to_owned(),
            tried_at: platform.ctx.now(),
            state,
        };
        platform.ctx.store.put_voicemail(&message).await.unwrap();
    };
    keep(VoicemailState::Failed(
        "the address answers with HTTP status 404".to_owned(),
    ))
    .await;
    assert_eq!(
        shown(&ada, &with).await,
        json!(["failed", "the address answers with HTTP status 404"])
    );
    keep(VoicemailState::Ready(VoicemailFile {
        key: "voicemail/1".to_owned(),
        format: SoundFormat::Mp3,
        size_bytes: 1,
        duration_ms: 1_000,
    }))
    .await;
    assert_eq!(shown(&ada, &with).await, json!(["ready", null]));
    // Another file is another matter.
    ada.put(
        &with,
        json!({ "voicemail_message_url": "https://example.com/other.mp3" }),
    )
    .await;
    assert_eq!(shown(&ada, &with).await, json!(["pending", null]));
    ada.put(&with, json!({ "voicemail_message_url": null })).await;
    assert_eq!(shown(&ada, &with).await, json!([null, null]));
}
