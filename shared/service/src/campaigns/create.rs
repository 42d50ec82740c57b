//! Making campaigns.

use trunkline_auth::Principal;
use trunkline_domain::{
    CallerId, Campaign, CampaignId, CampaignState, Error, Instant, RetryPolicy, Role, VoiceAgentId,
    campaign::{Fallback, WAIT_S},
    id::GroupId,
    pacing::Pacing,
};

use crate::{Ctx, voicemail};

use super::{
    CampaignPatch,
    check::{CONCURRENCY_DEFAULT, RING_TIMEOUT_S, check, check_others},
    fallback::FallbackChange,
    hours::HoursChange,
    numbers,
};

/// What a campaign is made from; what is none gets its default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewCampaign {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The AI agent that talks; none: answered people go to human agents.
    pub voice_agent: Option<VoiceAgentId>,
    /// The human agents that answered people go to.
    pub group: Option<GroupId>,
    /// How it dials for them; one number for each free one unless given.
    pub pacing: Option<Pacing>,
    /// How long one of them is looked for after the answer, in seconds; [`WAIT_S`] unless given.
    pub wait_s: Option<u32>,
    /// What the person is given if nobody comes.
    pub fallback: FallbackChange,
    /// Whom to call, as written by people.
    pub phone_numbers: Vec<String>,
    /// Nobody is dialled before.
    pub start_time: Option<Instant>,
    /// Nobody is dialled after.
    pub end_time: Option<Instant>,
    /// Calls at once; [`CONCURRENCY_DEFAULT`] unless given.
    pub max_concurrent_calls: Option<u32>,
    /// `From` of its calls.
    pub caller_id: Option<CallerId>,
    /// Its own hours; none: the legal ones.
    pub hours: HoursChange,
    /// When a lead is tried again.
    pub retry_policy: Option<RetryPolicy>,
    /// How long a phone rings, in seconds; [`RING_TIMEOUT_S`] unless given.
    pub ring_timeout_s: Option<u32>,
    /// Whether answering machines are detected; they are unless told otherwise.
    pub amd_enabled: Option<bool>,
    /// Played to a machine after its beep.
    pub voicemail_message_url: Option<String>,
    /// Whether calls are recorded; they are unless told otherwise.
    pub record_calls: Option<bool>,
}

/// A new campaign as a change of nothing: what it clears or leaves has its default.
impl From<CampaignPatch> for NewCampaign {
    fn from(patch: CampaignPatch) -> Self {
        Self {
            // Without a name the checks say that one is required.
            name: patch.name.flatten().unwrap_or_default(),
            description: patch.description.flatten(),
            voice_agent: patch.voice_agent.flatten(),
            group: patch.group.flatten(),
            pacing: patch.pacing.flatten(),
            wait_s: patch.wait_s.flatten(),
            fallback: patch.fallback,
            phone_numbers: patch.phone_numbers.flatten().unwrap_or_default(),
            start_time: patch.start_time.flatten(),
            end_time: patch.end_time.flatten(),
            max_concurrent_calls: patch.max_concurrent_calls.flatten(),
            caller_id: patch.caller_id.flatten(),
            hours: patch.hours,
            retry_policy: patch.retry_policy.flatten(),
            ring_timeout_s: patch.ring_timeout_s.flatten(),
            amd_enabled: patch.amd_enabled.flatten(),
            voicemail_message_url: patch.voicemail_message_url.flatten(),
            record_calls: patch.record_calls.flatten(),
        }
    }
}

/// Makes a campaign under this id, which an idempotent request derives from its key, and its leads.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field and number.
pub async fn create(ctx: &Ctx, who: &Principal, id: CampaignId, new: NewCampaign) -> Result<Campaign, Error> {
    who.require(Role::User)?;
    let country = numbers::country(ctx, who.tenant).await?;
    let numbers = numbers::read(&new.phone_numbers, country.as_deref());
    let campaign = campaign(ctx, who, id, new)?;
    let mut errors = check(&campaign);
    let numbers = match numbers {
        Ok(numbers) => numbers,
        Err(Error::Invalid(wrong)) => {
            errors.extend(wrong);
            Vec::new()
        }
        Err(other) => return Err(other),
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    check_others(ctx, who, None, &campaign).await?;
    let campaign = Campaign {
        phone_numbers: numbers::shown(&numbers),
        ..campaign
    };
    let campaign = match ctx.store.create_campaign(&campaign).await {
        Ok(()) => campaign,
        // The id is there already: an earlier run of this very request made it, and may have
        // broken off before its last lead.
        Err(error) if error.is_condition() => ctx
            .store
            .campaign(who.tenant, id)
            .await?
            .ok_or_else(|| Error::internal(error))?,
        Err(error) => return Err(error.into()),
    };
    if let Err(error) = numbers::insert(ctx, &campaign, &numbers).await {
        // Nobody will learn this campaign's id: it must not stay behind with half its leads.
        if let Err(left) = super::remove::sweep(ctx, &campaign).await {
            tracing::warn!(campaign.id = %campaign.id, "a campaign that could not be made is still there: {left}");
        }
        return Err(error);
    }
    if campaign.voicemail_message_url.is_some() {
        voicemail::refresh(ctx, &campaign).await;
    }
    Ok(campaign)
}

/// A campaign of which nothing is known yet.
pub(super) fn blank(who: &Principal, id: CampaignId, now: Instant) -> Campaign {
    Campaign {
        id,
        tenant: who.tenant,
        created_by: who.user,
        name: "-".to_owned(),
        description: None,
        voice_agent: None,
        group: None,
        pacing: Pacing::default(),
        wait_s: WAIT_S,
        fallback: Fallback::default(),
        caller_id: None,
        state: CampaignState::Draft,
        start_time: None,
        end_time: None,
        hours: None,
        retry_policy: RetryPolicy::default(),
        max_concurrent_calls: CONCURRENCY_DEFAULT,
        ring_timeout_s: RING_TIMEOUT_S,
        amd_enabled: true,
        voicemail_message_url: None,
        record_calls: true,
        phone_numbers: Vec::new(),
        shards: Campaign::shards_for(CONCURRENCY_DEFAULT),
        launched_at: None,
        ended_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn campaign(ctx: &Ctx, who: &Principal, id: CampaignId, new: NewCampaign) -> Result<Campaign, Error> {
    let max_concurrent_calls = new.max_concurrent_calls.unwrap_or(CONCURRENCY_DEFAULT);
    let text = |text: Option<String>| {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    Ok(Campaign {
        name: new.name.trim().to_owned(),
        description: text(new.description),
        voice_agent: new.voice_agent,
        group: new.group,
        pacing: new.pacing.unwrap_or_default(),
        wait_s: new.wait_s.unwrap_or(WAIT_S),
        fallback: new.fallback.apply(Fallback::default())?,
        caller_id: new.caller_id,
        start_time: new.start_time,
        end_time: new.end_time,
        hours: new.hours.apply(None)?,
        retry_policy: new.retry_policy.unwrap_or_default(),
        max_concurrent_calls,
        ring_timeout_s: new.ring_timeout_s.unwrap_or(RING_TIMEOUT_S),
        amd_enabled: new.amd_enabled.unwrap_or(true),
        voicemail_message_url: text(new.voicemail_message_url),
        record_calls: new.record_calls.unwrap_or(true),
        // Leads are counted by shard from the first on, so it is fixed here.
        shards: Campaign::shards_for(max_concurrent_calls),
        ..blank(who, id, ctx.now())
    })
}
