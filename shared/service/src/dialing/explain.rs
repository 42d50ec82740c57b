//! Why a lead is dialled now, or not, and when it may be: what is read, and the verdicts in words.

use trunkline_auth::Principal;
use trunkline_domain::{
    CampaignState, Error, Instant, LeadId, LeadStatus, error::Kind, hours::Opening, lead::bucket,
};

use super::{
    pacing,
    permit::permit,
    place::RESERVE,
    rules::{Facts, Rule, Stands},
    window::{self, Window},
};
use crate::{Ctx, leads};

#[cfg(test)]
pub(super) mod tests;

/// One rule's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How it stands.
    pub stands: Stands,
    /// That, in a sentence.
    pub verdict: String,
}

impl Finding {
    /// Whether the rule allows the call now.
    #[must_use]
    pub fn allows(&self) -> bool {
        self.stands == Stands::Allows
    }
}

/// Why a lead is dialled now, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Every rule, in the order in which the dialer applies them.
    pub findings: Vec<Finding>,
    /// All rules that decide allow it now.
    pub may_be_dialled: bool,
    /// The first instant at which they do; none: something else than time stands in the way.
    pub next_dial_at: Option<Instant>,
    /// What that is.
    pub not_by_time: Vec<Rule>,
}

/// Explains a lead: what the rules look at, and what they say.
///
/// # Errors
/// [`Error::NotFound`] for a lead that is not the tenant's, or whose campaign is gone; [`Error::Forbidden`] below the role of a user.
pub async fn explain(ctx: &Ctx, who: &Principal, id: LeadId) -> Result<(Facts, Explanation), Error> {
    let lead = leads::get(ctx, who, id).await?;
    let campaign = ctx.store.campaign(lead.tenant, lead.campaign).await?;
    let campaign = campaign.ok_or(Error::NotFound(Kind::Lead))?;
    let shard = bucket(&lead.phone) % campaign.shards.max(1);
    let now = ctx.now();
    let (slot, capacity, media_used, (number, dnc)) = futures::try_join!(
        ctx.store.slot(campaign.id, shard),
        ctx.store.media_capacity(now),
        ctx.store.media_used(),
        ctx.store.number_with_mark(lead.tenant, &lead.phone),
    )?;
    let under_way = slot.as_ref().map_or(0, |slot| slot.used);
    let people = pacing::room(ctx, &campaign, now).await?;
    let facts = Facts {
        now,
        people,
        permit: permit(ctx, lead.tenant, under_way).await?,
        lead,
        campaign,
        slot,
        capacity,
        media_used,
        number,
        dnc,
        legal_windows: ctx.settings.legal_windows,
    };
    let explanation = judge(&facts);
    Ok((facts, explanation))
}

/// Judges every rule, and from that when the lead may be dialled.
#[must_use]
pub fn judge(facts: &Facts) -> Explanation {
    let findings: Vec<Finding> = Rule::ALL
        .into_iter()
        .map(|rule| {
            let stands = facts.stands(rule);
            Finding {
                rule,
                stands,
                verdict: verdict(facts, rule, stands),
            }
        })
        .collect();
    let mut from = facts.now;
    let mut not_by_time = Vec::new();
    for finding in findings.iter().filter(|finding| finding.rule.decides()) {
        match finding.stands {
            Stands::Allows => {}
            // Where a window opens is asked for below, once it is known from when on all else allows it.
            Stands::From(_) if finding.rule == Rule::CallingWindow => {}
            Stands::From(at) => from = from.max(at),
            Stands::Refuses => not_by_time.push(finding.rule),
        }
    }
    let next = facts.next_callable(from);
    if next.is_none() && not_by_time.is_empty() {
        not_by_time.push(too_late(facts, from));
    }
    let next_dial_at = next.filter(|_| not_by_time.is_empty());
    let mut decided = findings.iter().filter(|finding| finding.rule.decides());
    let may_be_dialled = decided.all(Finding::allows);
    Explanation {
        findings,
        may_be_dialled,
        next_dial_at,
        not_by_time,
    }
}

/// Why there is no instant: without its end, would the campaign come to it?
fn too_late(facts: &Facts, from: Instant) -> Rule {
    let mut endless = facts.clone();
    endless.campaign.end_time = None;
    if endless.next_callable(from).is_some() {
        Rule::CampaignEnd
    } else {
        Rule::CallingWindow
    }
}

fn verdict(facts: &Facts, rule: Rule, stands: Stands) -> String {
    let allows = stands == Stands::Allows;
    let lead = &facts.lead;
    match rule {
        Rule::CampaignState => campaign_state(facts, stands),
        Rule::CampaignEnd => match facts.campaign.end_time {
            None => "the campaign has no end".to_owned(),
            Some(end) if allows => format!("the campaign dials until {}", text(end)),
            Some(end) => format!("the campaign's end_time, {}, is over: set a later one", text(end)),
        },
        Rule::FreeCalls if allows => "the campaign has room for one more call at once".to_owned(),
        Rule::FreeCalls => {
            "as many calls as the campaign makes at once are under way: the lead waits for its turn"
                .to_owned()
        }
        Rule::HumanAgents | Rule::FreeHumanAgent if facts.people.is_none() => {
            "no human agent is waited for".to_owned()
        }
        Rule::HumanAgents if allows => "human agents of the campaign's group are at work".to_owned(),
        Rule::HumanAgents => {
            "no human agent of the campaign's group is at work and available: nobody is dialled for them"
                .to_owned()
        }
        Rule::FreeHumanAgent if allows => "a human agent can take one more call".to_owned(),
        Rule::FreeHumanAgent => {
            "as many phones ring as human agents are free: the lead waits for its turn".to_owned()
        }
        Rule::TenantGrant if allows => "the tenant may dial".to_owned(),
        Rule::TenantGrant => "the platform's admin has not granted the tenant its calls".to_owned(),
        Rule::DailySpend => daily_spend(stands),
        Rule::MediaCapacity if allows => "a media server has room for one more conversation".to_owned(),
        Rule::MediaCapacity => {
            "no media server has room for one more conversation: the lead waits for its turn".to_owned()
        }
        Rule::CallingWindow => calling_window(facts, stands),
        Rule::LeadStatus => lead_status(lead.status),
        Rule::PlannedAttempt => {
            let next = lead.attempts + 1;
            let most = facts.campaign.retry_policy.max_attempts;
            match stands {
                Stands::Allows => format!("attempt {next} of {most} is due"),
                Stands::From(due) => format!("attempt {next} of {most} is planned for {}", text(due)),
                Stands::Refuses => format!("no further attempt is planned after {} of {most}", lead.attempts),
            }
        }
        Rule::Country if allows => "the tenant may dial the number's country".to_owned(),
        Rule::Country => {
            "the tenant was not granted the number's country: the lead fails when its turn comes".to_owned()
        }
        Rule::Budget if allows => "the campaign's budget lasts for one more call".to_owned(),
        Rule::Budget => format!(
            "less than the {} dollars that are set aside for a call are left of the campaign's budget",
            RESERVE.dollars()
        ),
        Rule::DoNotCall => do_not_call(facts, stands),
        Rule::InAnotherCall if allows => "the number is in no call".to_owned(),
        Rule::InAnotherCall => "the number is in a call: the next may begin when that has ended".to_owned(),
        Rule::MinimumGap => match stands {
            Stands::From(end) => format!(
                "a call of the number ended just now: none of the tenant's campaigns dials it before {}",
                text(end)
            ),
            Stands::Allows | Stands::Refuses => "no call of the number ended just now".to_owned(),
        },
    }
}

fn campaign_state(facts: &Facts, stands: Stands) -> String {
    let todo = match (facts.campaign.state, stands) {
        (_, Stands::Allows) => return "the campaign dials".to_owned(),
        (_, Stands::From(start)) if start > facts.now => format!("it starts at {}", text(start)),
        (_, Stands::From(_)) => "it starts within a minute".to_owned(),
        (CampaignState::Draft, Stands::Refuses) => "launch it".to_owned(),
        (CampaignState::Paused, Stands::Refuses) => "resume it".to_owned(),
        (CampaignState::Completed | CampaignState::Cancelled, Stands::Refuses) => {
            "it dials nobody any more".to_owned()
        }
        (CampaignState::Active | CampaignState::Scheduled, Stands::Refuses) => {
            "it is being changed or deleted".to_owned()
        }
    };
    format!("the campaign is {}: {todo}", facts.campaign.state.as_str())
}

fn daily_spend(stands: Stands) -> String {
    match stands {
        Stands::Allows => "the tenant's day has money for one more call".to_owned(),
        Stands::From(next) => format!(
            "the tenant's spend for this day is used up: the next begins at {}",
            text(next)
        ),
        Stands::Refuses => format!(
            "the tenant may spend less a day than the {} dollars that are set aside for a call",
            RESERVE.dollars()
        ),
    }
}

fn calling_window(facts: &Facts, stands: Stands) -> String {
    let opening = window::opening(&facts.campaign, &facts.places(), facts.legal_windows, facts.now);
    match (stands, opening) {
        (Stands::Allows, Opening::OpenUntil(end) | Opening::ClosedUntil(end)) => {
            format!("open until {}", text(end))
        }
        (Stands::From(next), Opening::OpenUntil(end)) => format!(
            "open until {}, which is too short for a phone to ring: opens again at {}",
            text(end),
            text(next)
        ),
        (Stands::From(next), Opening::ClosedUntil(_)) => {
            format!("closed until {}{}", text(next), by_whom(facts))
        }
        (Stands::Refuses, _) if facts.campaign.end_time.is_some() => {
            "closed, and it does not open again before the campaign ends".to_owned()
        }
        (Stands::Refuses, _) => {
            "the hours of the campaign, of the law and of all of the number's zones are never open at once for long enough: give the lead its timezone, or the campaign other hours"
                .to_owned()
        }
    }
}

/// Of the windows that are closed now, the one that opens last, and where it is written.
fn by_whom(facts: &Facts) -> String {
    let places = facts.places();
    let hours = window::hours(&facts.campaign, &places, facts.legal_windows);
    let last = hours.closed(facts.now).max_by_key(|(_, then)| *then);
    match last {
        Some((Window::Law(rule, zone), _)) => {
            let today = facts.now.with_timezone(&zone).date_naive();
            let citation = rule.text(today).and_then(|(_, rows)| rows.first());
            citation.map_or_else(String::new, |row| format!(" by law ({})", row.citation))
        }
        Some((Window::Own(..), _)) => " by the campaign's hours".to_owned(),
        None => String::new(),
    }
}

fn lead_status(status: LeadStatus) -> String {
    match status {
        LeadStatus::Pending => "the lead waits to be dialled",
        LeadStatus::Calling => "the lead is being called",
        LeadStatus::Completed => "the lead was reached: it is not called again",
        LeadStatus::Failed => "the lead's attempts are used up, or its last call is not repeated",
        LeadStatus::Dnc => "the lead's number asked not to be called: it is not called again",
    }
    .to_owned()
}

fn do_not_call(facts: &Facts, stands: Stands) -> String {
    match (stands, &facts.dnc) {
        (Stands::Allows, _) => "the number is not on the do-not-call list".to_owned(),
        (Stands::From(end), _) => {
            format!("the number is on the do-not-call list until {}", text(end))
        }
        (Stands::Refuses, Some(entry)) => format!(
            "the number is on the do-not-call list for good, since {}",
            text(entry.created_at)
        ),
        (Stands::Refuses, None) => "the number is on the do-not-call list".to_owned(),
    }
}

/// `2024-01-29T10:30:00Z`.
fn text(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
