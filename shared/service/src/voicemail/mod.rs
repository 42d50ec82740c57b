//! Voicemail messages: the file at a campaign's `voicemail_message_url` is fetched once, checked, kept in the bucket, and played from
//! there. What is wrong with it keeps no campaign from dialling: machines are hung up on, and the log says why.

mod fetch;
mod sound;

use bytes::Bytes;
use futures::Stream;
use trunkline_domain::{
    Campaign, CampaignId, Error, Instant, TenantId,
    error::Kind,
    voicemail::{VoicemailFile, VoicemailMessage, VoicemailState, prefix},
};
use trunkline_queue::PostCallJob;

use crate::{Ctx, recordings};

pub use fetch::BYTES_MAX;

/// Asks for a campaign's message to be brought up to date, behind the request that changed it: after it was made, launched or deleted,
/// or its address changed. Best effort: who needs the message and has none asks again.
pub async fn refresh(ctx: &Ctx, campaign: &Campaign) {
    let job = PostCallJob::Voicemail {
        tenant: campaign.tenant,
        campaign: campaign.id,
    };
    if let Err(error) = ctx.queues.post_call(&job, 0).await {
        tracing::warn!(campaign.id = %campaign.id, "a voicemail message will be fetched when it is needed, not now: {error}");
    }
}

/// Has the message fetched if it will be needed and is not there: somebody listens for a machine's beep.
pub async fn needed(ctx: &Ctx, campaign: &Campaign) {
    let Some(url) = &campaign.voicemail_message_url else {
        return;
    };
    match ctx.store.voicemail(campaign.id).await {
        Ok(kept) if is_wanted(kept.as_ref(), url, ctx) => refresh(ctx, campaign).await,
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(campaign.id = %campaign.id, "whether there is a voicemail message is not known now: {error}");
        }
    }
}

fn is_wanted(kept: Option<&VoicemailMessage>, url: &str, ctx: &Ctx) -> bool {
    kept.is_none_or(|kept| kept.is_wanted(url, ctx.now()))
}

/// Brings a campaign's message up to date: fetches the file at its address unless that was done, or forgets the copy of a campaign
/// that is gone or has none any more. Repeating is harmless.
///
/// # Errors
/// When store or bucket do not answer. What is wrong with the file is no error: it is written down.
pub async fn keep(ctx: &Ctx, tenant: TenantId, id: CampaignId) -> Result<(), Error> {
    let campaign = ctx.store.campaign(tenant, id).await?;
    let url = campaign.and_then(|campaign| campaign.voicemail_message_url);
    let row = ctx.store.voicemail(id).await?;
    let kept = row.as_ref().filter(|kept| kept.tenant == tenant);
    let Some(url) = url else {
        return if row.is_some() && kept.is_none() {
            Ok(())
        } else {
            forget(ctx, tenant, id).await
        };
    };
    if !is_wanted(kept, &url, ctx) {
        return Ok(());
    }
    let before = kept.and_then(VoicemailMessage::copy).cloned();
    let claim = VoicemailMessage {
        campaign: id,
        tenant,
        url,
        tried_at: ctx.now(),
        state: VoicemailState::Fetching(before.clone()),
    };
    if !ctx.store.replace_voicemail(&claim, row.as_ref()).await? {
        // Somebody else fetches it.
        return Ok(());
    }
    let state = match fetch::fetch(ctx, &claim.url).await {
        Ok((bytes, sound)) => match store(ctx, tenant, id, bytes, sound).await {
            Ok(file) => VoicemailState::Ready(file),
            Err(error) => {
                let_go(ctx, &claim).await;
                return Err(error);
            }
        },
        Err(reason) => {
            tracing::warn!(campaign.id = %id, "the voicemail message cannot be played, so machines are hung up on: {reason}");
            VoicemailState::Failed(reason)
        }
    };
    let done = VoicemailMessage {
        tried_at: ctx.now(),
        state,
        ..claim.clone()
    };
    let unused = if ctx.store.replace_voicemail(&done, Some(&claim)).await? {
        // Only now: until then the copy before could be played.
        before.as_ref()
    } else {
        // Overtaken; or it was written, and the answer lost.
        let is_written = ctx.store.voicemail(id).await?.as_ref() == Some(&done);
        done.copy().filter(|_| !is_written)
    };
    if let Some(unused) = unused {
        ctx.blobs.delete(&unused.key).await?;
    }
    Ok(())
}

/// Has the file asked for again at once: it was there, and the bucket did not take it.
async fn let_go(ctx: &Ctx, claim: &VoicemailMessage) {
    let free = VoicemailMessage {
        tried_at: Instant::UNIX_EPOCH,
        ..claim.clone()
    };
    if let Err(error) = ctx.store.replace_voicemail(&free, Some(claim)).await {
        tracing::warn!(campaign.id = %claim.campaign, "a voicemail message will be fetched in a minute, not now: {error}");
    }
}

async fn store(
    ctx: &Ctx,
    tenant: TenantId,
    id: CampaignId,
    bytes: Vec<u8>,
    sound: sound::Sound,
) -> Result<VoicemailFile, Error> {
    let sound::Sound { format, duration_ms } = sound;
    // A name of its own: who is being played the copy before hears that one to its end.
    let name = ctx.ids.uuid().simple();
    let key = format!("{}{name}.{}", prefix(tenant, id), format.extension());
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    ctx.blobs.put(&key, bytes, format.content_type()).await?;
    Ok(VoicemailFile {
        key,
        format,
        size_bytes,
        duration_ms,
    })
}

/// Forgets all that is kept for a campaign that is gone, or has no message any more.
async fn forget(ctx: &Ctx, tenant: TenantId, id: CampaignId) -> Result<(), Error> {
    // The row first: who is fetching sees by it that the copy is not wanted, and deletes it.
    ctx.store.delete_voicemail(id).await?;
    for (key, _) in ctx.blobs.list(&prefix(tenant, id)).await? {
        ctx.blobs.delete(&key).await?;
    }
    // Should the campaign have got an address again meanwhile, no row may speak of a copy that was just deleted.
    Ok(ctx.store.delete_voicemail(id).await?)
}

/// Where the carrier can fetch a campaign's message, for 15 minutes; none when there is none to play, which is logged and has it
/// fetched for the next machine.
///
/// # Errors
/// When the store does not answer.
pub async fn playable(ctx: &Ctx, tenant: TenantId, id: CampaignId) -> Result<Option<String>, Error> {
    let Some(campaign) = ctx.store.campaign(tenant, id).await? else {
        return Ok(None);
    };
    let Some(url) = &campaign.voicemail_message_url else {
        return Ok(None);
    };
    let kept = ctx.store.voicemail(id).await?;
    let kept = kept.as_ref().filter(|kept| kept.tenant == tenant);
    if kept.is_some_and(|kept| kept.file(url).is_some()) {
        return Ok(Some(link(ctx, id)));
    }
    let why = kept.and_then(|kept| kept.failure(url));
    let why = why.unwrap_or("it has not been fetched yet");
    tracing::warn!(campaign.id = %id, "there is no voicemail message to leave: {why}");
    if is_wanted(kept, url, ctx) {
        refresh(ctx, &campaign).await;
    }
    Ok(None)
}

/// How a campaign's message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It can be played.
    Ready,
    /// It will be fetched.
    Pending,
    /// It cannot be played, because of this.
    Failed(String),
}

impl Standing {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Pending => "pending",
            Self::Failed(_) => "failed",
        }
    }

    /// Why it cannot be played.
    #[must_use]
    pub fn failure(self) -> Option<String> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Ready | Self::Pending => None,
        }
    }
}

/// How these campaigns' messages stand, each where there is an address; all in one request.
///
/// # Errors
/// When the store does not answer.
pub async fn standings(
    ctx: &Ctx,
    campaigns: impl IntoIterator<Item = &Campaign>,
) -> Result<std::collections::BTreeMap<CampaignId, Standing>, Error> {
    let mut standings = std::collections::BTreeMap::new();
    let mut urls = std::collections::BTreeMap::new();
    for campaign in campaigns {
        if let Some(url) = &campaign.voicemail_message_url {
            standings.insert(campaign.id, Standing::Pending);
            urls.insert(campaign.id, url);
        }
    }
    if urls.is_empty() {
        return Ok(standings);
    }
    for kept in ctx.store.voicemails(urls.keys().copied()).await? {
        let Some(url) = urls.get(&kept.campaign) else {
            continue;
        };
        if kept.file(url).is_some() {
            standings.insert(kept.campaign, Standing::Ready);
        } else if let Some(why) = kept.failure(url) {
            standings.insert(kept.campaign, Standing::Failed(why.to_owned()));
        }
    }
    Ok(standings)
}

/// The path under which a campaign's message is fetched.
#[must_use]
pub fn path(campaign: CampaignId) -> String {
    format!("/voicemail-messages/{campaign}")
}

fn link(ctx: &Ctx, campaign: CampaignId) -> String {
    // Not where webhooks go: those may have a host of their own, which serves nothing else.
    format!(
        "{}{}",
        ctx.settings.public_url,
        ctx.keys.sign_path(&path(campaign), ctx.now())
    )
}

/// The copy behind a signed link, whose signature the caller has checked.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get_signed(ctx: &Ctx, id: CampaignId) -> Result<VoicemailFile, Error> {
    let kept = ctx.store.voicemail(id).await?;
    let copy = kept.as_ref().and_then(VoicemailMessage::copy);
    copy.cloned().ok_or(Error::NotFound(Kind::Recording))
}

/// A copy's bytes, or the bytes `first..=last` of it, as they come from the bucket.
///
/// # Errors
/// [`Error::NotFound`] when the bucket has lost it.
pub async fn open(
    ctx: &Ctx,
    file: &VoicemailFile,
    range: Option<(u64, u64)>,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<>, Error> {
    recordings::read(ctx, &file.key, range).await
}
