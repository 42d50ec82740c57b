//! What a campaign's fields may hold.

use trunkline_auth::Principal;
use trunkline_domain::{
    Campaign, Error, FieldError, VoiceAgentId, campaign::Fallback, voice_agent::VoiceAgentStatus,
};

use crate::{Ctx, public_url};

/// Calls at once, unless told otherwise.
pub const CONCURRENCY_DEFAULT: u32 = 10;
/// Calls at once, at most.
pub const CONCURRENCY_MAX: u32 = 1_000;
/// Numbers in one request, at most.
pub const NUMBERS_MAX: usize = 10_000;
/// How long a phone rings, in seconds, unless told otherwise.
pub const RING_TIMEOUT_S: u32 = 30;

/// What is wrong with a campaign's own fields.
pub(super) fn check(campaign: &Campaign) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, what: String| errors.push(FieldError::new(field, what));
    if campaign.name.is_empty() {
        wrong("name", "is required; give the campaign a name".to_owned());
    }
    if campaign.name.chars().count() > 200 {
        wrong("name", "must be at most 200 characters".to_owned());
    }
    if campaign.name.chars().any(char::is_control) {
        wrong("name", "must be one line without control characters".to_owned());
    }
    if campaign
        .description
        .as_ref()
        .is_some_and(|text| text.chars().count() > 2_000)
    {
        wrong("description", "must be at most 2000 characters".to_owned());
    }
    if !(1..=CONCURRENCY_MAX).contains(&campaign.max_concurrent_calls) {
        let what = format!(
            "must be 1 to {CONCURRENCY_MAX}, not {}",
            campaign.max_concurrent_calls
        );
        wrong("max_concurrent_calls", what);
    }
    if !(5..=600).contains(&campaign.ring_timeout_s) {
        wrong(
            "ring_timeout_seconds",
            format!("must be 5 to 600 seconds, not {}", campaign.ring_timeout_s),
        );
    }
    if !(2..=300).contains(&campaign.wait_s) {
        let what = format!("must be 2 to 300 seconds, not {}", campaign.wait_s);
        wrong("max_wait_seconds", what);
    }
    if campaign.fallback == Fallback::Voicemail && campaign.voicemail_message_url.is_none() {
        let what =
            "voicemail plays the campaign's message; give voicemail_message_url too, or another fallback";
        wrong("fallback", what.to_owned());
    }
    if let (Some(start), Some(end)) = (campaign.start_time, campaign.end_time)
        && start >= end
    {
        wrong("end_time", "must be after start_time".to_owned());
    }
    let hours = campaign
        .hours
        .iter()
        .flat_map(trunkline_domain::hours::CallingHours::check);
    errors.extend(hours.map(|mut error| {
        if error.field == "days" {
            "calling_days".clone_into(&mut error.field);
        }
        error
    }));
    errors.extend(campaign.retry_policy.check());
    errors
}

/// What must be looked up to be judged, where it is not as it was: the agents, the group of human agents, the voicemail's address.
pub(super) async fn check_others(
    ctx: &Ctx,
    who: &Principal,
    old: Option<&Campaign>,
    new: &Campaign,
) -> Result<(), Error> {
    if old.is_none_or(|old| old.voice_agent != new.voice_agent) {
        check_agent(ctx, who, "agent_id", new.voice_agent).await?;
    }
    if old.is_none_or(|old| old.fallback != new.fallback) {
        check_agent(ctx, who, "fallback_agent_id", new.fallback.voice_agent()).await?;
    }
    if old.is_none_or(|old| old.group != new.group) {
        check_group(ctx, who, new).await?;
    }
    match &new.voicemail_message_url {
        Some(url) if old.is_none_or(|old| old.voicemail_message_url.as_ref() != Some(url)) => {
            if url.len() > 2_048 {
                return Err(Error::invalid(
                    "voicemail_message_url",
                    "must be at most 2048 characters",
                ));
            }
            public_url::check(ctx, "voicemail_message_url", url).await
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses an agent that is not there, or not for new campaigns.
async fn check_agent(
    ctx: &Ctx,
    who: &Principal,
    field: &str,
    agent: Option<VoiceAgentId>,
) -> Result<(), Error> {
    let Some(id) = agent else {
        return Ok(());
    };
    match ctx.store.voice_agent(who.tenant, id).await? {
        None => Err(Error::invalid(field, "no agent with this id")),
        Some(agent) if agent.status == VoiceAgentStatus::Inactive => Err(Error::invalid(
            field,
            format!("the agent `{}` is inactive; activate it first", agent.name),
        )),
        Some(_) => Ok(()),
    }
}

/// Refuses a group of human agents that is not there.
async fn check_group(ctx: &Ctx, who: &Principal, campaign: &Campaign) -> Result<(), Error> {
    let Some(id) = campaign.group else {
        return Ok(());
    };
    match ctx.store.group(who.tenant, id).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "agent_group_id",
            "there is no agent group with this id",
        )),
    }
}
