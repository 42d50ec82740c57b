//! Voicemail messages: by their link, whole and in parts, and by nothing else.

use axum::body::Body;
use chrono::Duration;
use trunkline_domain::{
    CampaignId,
    id::derived,
    voicemail::{SoundFormat, VoicemailFile, VoicemailMessage, VoicemailState, prefix},
};
use trunkline_service::campaigns::{self, NewCampaign};

use crate::{Whole, wav, whole};

const URL: &str = "https://example.com/voicemail.wav";

impl Whole {
    /// A campaign whose message is kept, and the path of its link.
    async fn with_message(&self, format: SoundFormat) -> (CampaignId, String) {
        let (ctx, who) = (&self.platform.ctx, &self.ada.who);
        let id = CampaignId(derived(format.extension()));
        let new = NewCampaign {
            name: format.extension().to_owned(),
            voicemail_message_url: Some(URL.to_owned()),
            ..NewCampaign::default()
        };
        campaigns::create(ctx, who, id, new).await.unwrap();
        let file = VoicemailFile {
            key: format!("{}1.{}", prefix(who.tenant, id), format.extension()),
            format,
            size_bytes: u64::try_from(wav().len()).unwrap(),
            duration_ms: 6_000,
        };
        ctx.blobs
            .put(&file.key, wav(), format.content_type())
            .await
            .unwrap();
        let message = VoicemailMessage {
            campaign: id,
            tenant: who.tenant,
            url: URL.to_owned(),
            tried_at: ctx.now(),
            state: VoicemailState::Ready(file),
        };
        ctx.store.put_voicemail(&message).await.unwrap();
        let played = trunkline_service::voicemail::playable(ctx, who.tenant, id).await;
        let link = played.unwrap().unwrap();
        (id, link.strip_prefix("http://127.0.0.1:8000").unwrap().to_owned())
    }
}

#[tokio::test]
async fn the_carrier_fetches_the_message_by_its_link() {
    let whole = whole().await;
    let carrier = whole.platform.nobody(&whole.ada);
    for (format, content_type) in [(SoundFormat::Wav, "audio/wav"), (SoundFormat::Mp3, "audio/mpeg")] {
        let (_, path) = whole.with_message(format).await;
        let file = carrier.get(&path).await;
        assert_eq!((file.status, file.header("content-type")), (200, content_type));
        assert_eq!(file.header("content-length"), wav().len().to_string());
        assert!(file.bytes == wav());
        let part = carrier
            .send(&format!("GET {path}"), &["range: bytes=0-3"], Body::empty())
            .await;
        assert_eq!((part.status, part.text()), (206, "RIFF"));
        let head = carrier.send(&format!("HEAD {path}"), &[], Body::empty()).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0));
        assert_eq!(head.header("content-length"), wav().len().to_string());
        let outside = carrier
            .send(&format!("GET {path}"), &["range: bytes=99999999-"], Body::empty())
            .await;
        assert_eq!(outside.status, 416);
    }
}

#[tokio::test]
async fn nothing_but_the_link_opens_it_and_not_for_long() {
    let whole = whole().await;
    let (id, path) = whole.with_message(SoundFormat::Wav).await;
    let (other, _) = whole.with_message(SoundFormat::Mp3).await;
    let (bare, query) = path.split_once('?').unwrap();
    assert_eq!(bare, format!("/voicemail-messages/{id}"));
    // A token does not stand in for it, not even its own manager's.
    assert_eq!(whole.ada.get(bare).await.status, 401);
    let carrier = whole.platform.nobody(&whole.ada);
    let (expires, signature) = query.split_once('&').unwrap();
    for (altered, status) in [
        (bare.to_owned(), 401),
        (format!("{bare}?{expires}"), 401),
        (format!("{bare}?{expires}0&{signature}"), 401),
        (format!("{bare}?{expires}&signature=AAAA"), 401),
        (format!("/voicemail-messages/{other}?{query}"), 401),
        (format!("/voicemail-messages/nothing?{query}"), 404),
        (format!("{bare}?expires=soon&{signature}"), 400),
    ] {
        assert_eq!(carrier.get(&altered).await.status, status, "{altered}");
    }
    whole.platform.world.clock.turn(Duration::seconds(899));
    assert_eq!(carrier.get(&path).await.status, 200);
    whole.platform.world.clock.turn(Duration::seconds(1));
    assert_eq!(carrier.get(&path).await.status, 401);
}

#[tokio::test]
async fn a_copy_that_is_gone_is_not_found() {
    let whole = whole().await;
    let (id, path) = whole.with_message(SoundFormat::Wav).await;
    let carrier = whole.platform.nobody(&whole.ada);
    let key = format!("{}1.wav", prefix(whole.ada.who.tenant, id));
    whole.platform.ctx.blobs.delete(&key).await.unwrap();
    assert_eq!(carrier.get(&path).await.status, 404);
    whole.platform.ctx.store.delete_voicemail(id).await.unwrap();
    assert_eq!(carrier.get(&path).await.status, 404);
}
