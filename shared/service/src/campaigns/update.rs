//! Changing campaigns, where their state allows it.

use std::collections::HashSet;

use trunkline_auth::Principal;
use trunkline_domain::{
    CallerId, Campaign, CampaignId, CampaignState, E164, Error, FieldError, Instant, Lead, LeadStatus,
    RetryPolicy, VoiceAgentId, campaign::WAIT_S, error::Kind, id::GroupId, pacing::Pacing,
};

use crate::{Ctx, voicemail};

use super::{
    TRIES, busy,
    check::{CONCURRENCY_DEFAULT, RING_TIMEOUT_S, check, check_others},
    create::blank,
    fallback::FallbackChange,
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
    /// The human agents that answered people go to.
    pub group: Option<Option<GroupId>>,
    /// How it dials for them.
    pub pacing: Option<Option<Pacing>>,
    /// How long one of them is looked for after the answer, in seconds.
    pub wait_s: Option<Option<u32>>,
    /// What the person is given if nobody comes.
    pub fallback: FallbackChange,
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
    patch.check_alone(who, id, ctx.now())?;
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let mut new = patch.applied(old.clone(), ctx.now())?;
        refuse(check(&new))?;
        if let Some(given) = &given {
            new.phone_numbers = numbers::shown(given);
        }
        allowed(&old, &new)?;
        check_others(ctx, who, Some(&old), &new).await?;
        let missing = match &given {
            Some(given) => missing(ctx, &old, given).await?,
            None => Vec::new(),
        };
        // The row first, so that whoever comes too late has changed nothing; it shows the new numbers
        // only once they are there: should this break off between the two, a repetition ends the same.
        let shown = std::mem::replace(&mut new.phone_numbers, old.phone_numbers);
        let message_changed = new.voicemail_message_url != old.voicemail_message_url;
        new.version += 1;
        new.updated_at = ctx.now();
        match ctx.store.update_campaign(&new, None).await {
            Ok(()) => {}
            Err(error) if error.is_condition() => continue,
            Err(error) => return Err(Error::from(error).into()),
        }
        if message_changed {
            voicemail::refresh(ctx, &new).await;
        }
        if let Some(given) = &given {
            remove(ctx, &new, &missing).await?;
            numbers::insert(ctx, &new, given).await?;
            new = show(ctx, new, shown).await?;
        }
        if new.state == CampaignState::Active {
            crate::dialing::steer::wake(ctx, &new).await;
        }
        return Ok(new);
    }
    Err(busy().into())
}

fn refuse(errors: Vec<FieldError>) -> Result<(), Error> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Writes which numbers a campaign shows. Where another changed it meanwhile, it shows both's: no
/// number is dialled that nobody sees.
async fn show(ctx: &Ctx, mut campaign: Campaign, shown: Vec<String>) -> Result<Campaign, Error> {
    let before = campaign.phone_numbers.clone();
    for _ in 0..TRIES {
        let mut numbers = shown.clone();
        if campaign.phone_numbers != before {
            let others = campaign.phone_numbers.iter();
            numbers.extend(others.filter(|number| !shown.contains(number)).cloned());
            numbers.truncate(numbers::NUMBERS_SHOWN);
        }
        if campaign.phone_numbers == numbers {
            return Ok(campaign);
        }
        campaign.phone_numbers = numbers;
        campaign.version += 1;
        match ctx.store.update_campaign(&campaign, None).await {
            Ok(()) => return Ok(campaign),
            Err(error) if error.is_condition() => {
                let now = ctx.store.campaign(campaign.tenant, campaign.id).await?;
                campaign = now.ok_or(Error::NotFound(Kind::Campaign))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}

impl CampaignPatch {
    /// What is wrong by itself, said before the record is looked for.
    fn check_alone(&self, who: &Principal, id: CampaignId, now: Instant) -> Result<(), Error> {
        // A part of the hours is judged together with those that it changes.
        let both = self.hours.start_min.flatten().and(self.hours.end_min.flatten());
        let hours = both.map(|_| self.hours.clone()).unwrap_or_default();
        let alone = Self {
            hours,
            // What it asks for beside itself may be there already.
            fallback: FallbackChange::default(),
            phone_numbers: None,
            ..self.clone()
        };
        refuse(check(&alone.applied(blank(who, id, now), now)?))
    }

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
        optional(&mut campaign.group, &self.group);
        set(&mut campaign.pacing, &self.pacing, Pacing::default());
        set(&mut campaign.wait_s, &self.wait_s, WAIT_S);
        campaign.fallback = self.fallback.apply(campaign.fallback)?;
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

/// The leads of the numbers that were shown and are not given any more.
async fn missing(ctx: &Ctx, campaign: &Campaign, given: &[E164]) -> Result<Vec<Lead>, Error> {
    let kept: HashSet<&str> = given.iter().map(E164::as_str).collect();
    let shown = campaign.phone_numbers.iter();
    let gone: Vec<E164> = shown
        .filter(|shown| !kept.contains(shown.as_str()))
        .filter_map(|shown| shown.parse().ok())
        .collect();
    let leads = ctx.store.leads_by_number(campaign, &gone).await?;
    if leads
        .iter()
        .any(|lead| lead.status == LeadStatus::Calling || lead.unsent)
    {
        return Err(in_call());
    }
    Ok(leads)
}

async fn remove(ctx: &Ctx, campaign: &Campaign, leads: &[Lead]) -> Result<(), Error> {
    match ctx.store.delete_leads(campaign, leads).await {
        Ok(()) => Ok(()),
        Err(error) if error.is_condition() => Err(in_call()),
        Err(error) => Err(error.into()),
    }
}

fn in_call() -> Error {
    Error::conflict(
        Kind::Campaign,
        "a number that is being called cannot be taken away; try again after the call",
    )
}
