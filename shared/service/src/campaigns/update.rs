//! Changing campaigns, where their state allows it.

use trunkline_auth::Principal;
use trunkline_domain::{
    CallerId, Campaign, CampaignId, CampaignState, E164, Error, Instant, LeadStatus, RetryPolicy,
    VoiceAgentId, error::Kind,
};

use crate::Ctx;

use super::{
    TRIES, busy,
    check::{CONCURRENCY_DEFAULT, RING_TIMEOUT_S, check, check_others},
    get,
    hours::HoursChange,
    numbers,
};

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CampaignPatch {
    /// Its name; cannot be cleared.
    pub name: Option<Option<String>>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// The AI agent that talks.
    pub voice_agent: Option<Option<VoiceAgentId>>,
    /// Whom to call: new ones are added; those that the campaign showed and that are missing here are taken away.
    pub phone_numbers: Option<Option<Vec<String>>>,
    /// Nobody is dialled before.
    pub start_time: Option<Option<Instant>>,
    /// Nobody is dialled after.
    pub end_time: Option<Option<Instant>>,
    /// Calls at once.
    pub max_concurrent_calls: Option<Option<u32>>,
    /// `From` of its calls.
    pub caller_id: Option<Option<CallerId>>,
    /// Its own hours.
    pub hours: HoursChange,
    /// When a lead is tried again.
    pub retry_policy: Option<Option<RetryPolicy>>,
    /// How long a phone rings, in seconds.
    pub ring_timeout_s: Option<Option<u32>>,
    /// Whether answering machines are detected.
    pub amd_enabled: Option<Option<bool>>,
    /// Played to a machine after its beep.
    pub voicemail_message_url: Option<Option<String>>,
    /// Whether calls are recorded.
    pub record_calls: Option<Option<bool>>,
}

/// Changes a campaign, if its version is `fresh` to the client.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`]; [`Error::Conflict`] when its state does not allow this change; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: CampaignId,
    patch: &CampaignPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<Campaign, E> {
    let country = numbers::country(ctx, who.tenant).await?;
    let given = patch
        .phone_numbers
        .as_ref()
        .map(|texts| texts.as_deref().unwrap_or_default());
    let given = given
        .map(|texts| numbers::read(texts, country.as_deref()))
        .transpose()?;
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let mut new = patch.applied(old.clone(), ctx.now())?;
        let errors = check(&new);
        if !errors.is_empty() {
            return Err(Error::Invalid(errors).into());
        }
        if let Some(given) = &given {
            new.phone_numbers = numbers::shown(given);
        }
        allowed(&old, &new)?;
        check_others(ctx, who, Some(&old), &new).await?;
        new.version += 1;
        new.updated_at = ctx.now();
        // The numbers first: should this break off between the two, a repetition ends the same.
        if let Some(given) = &given {
            remove_missing(ctx, &old, given).await?;
            numbers::insert(ctx, &old, given).await?;
        }
        match ctx.store.update_campaign(&new, None).await {
            Ok(()) => {
                if new.state == CampaignState::Active {
                    crate::dialing::steer::wake(ctx, &new).await;
                }
                return Ok(new);
            }
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(Error::from(error).into()),
        }
    }
    Err(busy().into())
}

impl CampaignPatch {
    fn applied(&self, mut campaign: Campaign, now: Instant) -> Result<Campaign, Error> {
        if let Some(name) = &self.name {
            let name = name
                .as_deref()
                .ok_or_else(|| Error::invalid("name", "cannot be null; a campaign has a name"))?;
            name.trim().clone_into(&mut campaign.name);
        }
        let text = |field: &mut Option<String>, change: &Option<Option<String>>| {
            if let Some(change) = change {
                *field = change
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned);
            }
        };
        text(&mut campaign.description, &self.description);
        text(&mut campaign.voicemail_message_url, &self.voicemail_message_url);
        optional(&mut campaign.voice_agent, &self.voice_agent);
        optional(&mut campaign.caller_id, &self.caller_id);
        optional(&mut campaign.start_time, &self.start_time);
        optional(&mut campaign.end_time, &self.end_time);
        campaign.hours = self.hours.apply(campaign.hours.as_ref())?;
        set(
            &mut campaign.max_concurrent_calls,
            &self.max_concurrent_calls,
            CONCURRENCY_DEFAULT,
        );
        set(&mut campaign.ring_timeout_s, &self.ring_timeout_s, RING_TIMEOUT_S);
        set(
            &mut campaign.retry_policy,
            &self.retry_policy,
            RetryPolicy::default(),
        );
        set(&mut campaign.amd_enabled, &self.amd_enabled, true);
        set(&mut campaign.record_calls, &self.record_calls, true);
        if campaign.state == CampaignState::Scheduled && campaign.start_time.is_none() {
            // Without a start time it would wait for ever.
            campaign.start_time = Some(now);
        }
        Ok(campaign)
    }
}

fn optional<T: Clone>(field: &mut Option<T>, change: &Option<Option<T>>) {
    if let Some(change) = change {
        field.clone_from(change);
    }
}

fn set<T: Clone>(field: &mut T, change: &Option<Option<T>>, cleared: T) {
    if let Some(change) = change {
        *field = change.clone().unwrap_or(cleared);
    }
}

/// What may change while it dials, and that nothing may once it is over.
fn allowed(old: &Campaign, new: &Campaign) -> Result<(), Error> {
    match old.state {
        CampaignState::Draft | CampaignState::Scheduled | CampaignState::Paused => Ok(()),
        CampaignState::Completed | CampaignState::Cancelled => {
            let what = format!("a {} campaign cannot be changed", old.state.as_str());
            Err(Error::conflict(Kind::Campaign, what))
        }
        CampaignState::Active => {
            let steady = Campaign {
                name: new.name.clone(),
                description: new.description.clone(),
                end_time: new.end_time,
                max_concurrent_calls: new.max_concurrent_calls,
                retry_policy: new.retry_policy.clone(),
                hours: new.hours.clone(),
                ..old.clone()
            };
            if steady == *new {
                return Ok(());
            }
            let what = "while a campaign is active only name, description, end_time, calling hours, retry_policy and \
                        max_concurrent_calls can be changed; pause it for the rest";
            Err(Error::conflict(Kind::Campaign, what))
        }
    }
}

/// Takes away the numbers that were shown and are not given any more.
async fn remove_missing(ctx: &Ctx, campaign: &Campaign, given: &[E164]) -> Result<(), Error> {
    let kept: std::collections::HashSet<&str> = given.iter().map(E164::as_str).collect();
    for shown in campaign
        .phone_numbers
        .iter()
        .filter(|shown| !kept.contains(shown.as_str()))
    {
        let Ok(phone) = shown.parse::<E164>() else {
            continue;
        };
        let Some(lead) = ctx
            .store
            .lead_by_number(campaign.tenant, campaign.id, &phone)
            .await?
        else {
            continue;
        };
        let in_call = || {
            let what = "a number that is being called cannot be taken away; try again after the call";
            Error::conflict(Kind::Campaign, what)
        };
        if lead.status == LeadStatus::Calling || lead.unsent {
            return Err(in_call());
        }
        match ctx.store.delete_lead(campaign, &lead).await {
            Ok(()) => {}
            Err(error) if error.is_condition() => return Err(in_call()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
