//! The rules that decide whether a lead is dialled, each judged by the function that the pump, or
//! the claim's own condition, is made of; in the order in which these apply them.

use trunkline_domain::{
    CallId, Campaign, CampaignState, Instant, Lead,
    places::{self, Place},
    zones,
};
use trunkline_store::{
    Slot,
    dialing::{
        capacity::MediaCapacity,
        dnc::DncEntry,
        number::{Hold, Number},
    },
};

use super::{pacing::Room, permit::Permit, place::RESERVE, window};
use crate::tenants;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The campaign dials.
    CampaignState,
    /// The campaign's end time has not come.
    CampaignEnd,
    /// The campaign has room for one more call at once.
    FreeCalls,
    /// Human agents of the campaign's group are at work, where they take its calls.
    HumanAgents,
    /// One of them is free, or about to be, for whom no other phone rings.
    FreeHumanAgent,
    /// The admin granted the tenant its calls.
    TenantGrant,
    /// The tenant's day has money for one more call.
    DailySpend,
    /// A media server has room for one more conversation.
    MediaCapacity,
    /// It is time to call where the number may be.
    CallingWindow,
    /// The lead waits to be dialled.
    LeadStatus,
    /// Its planned attempt has come.
    PlannedAttempt,
    /// The admin granted the number's country.
    Country,
    /// The campaign's budget lasts for one more call.
    Budget,
    /// The number is not on the do-not-call list.
    DoNotCall,
    /// The number is in no other call.
    InAnotherCall,
    /// The last call of the number, whatever campaign's, ended long enough ago.
    MinimumGap,
}

impl Rule {
    /// Every rule, in the order in which the dialer applies them.
    pub const ALL: [Self; 16] = [
        Self::CampaignState,
        Self::CampaignEnd,
        Self::FreeCalls,
        Self::HumanAgents,
        Self::FreeHumanAgent,
        Self::TenantGrant,
        Self::DailySpend,
        Self::MediaCapacity,
        Self::CallingWindow,
        Self::LeadStatus,
        Self::PlannedAttempt,
        Self::Country,
        Self::Budget,
        Self::DoNotCall,
        Self::InAnotherCall,
        Self::MinimumGap,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CampaignState => "campaign_state",
            Self::CampaignEnd => "campaign_end",
            Self::FreeCalls => "free_calls",
            Self::HumanAgents => "human_agents",
            Self::FreeHumanAgent => "free_human_agent",
            Self::TenantGrant => "tenant_grant",
            Self::DailySpend => "daily_spend",
            Self::MediaCapacity => "media_capacity",
            Self::CallingWindow => "calling_window",
            Self::LeadStatus => "lead_status",
            Self::PlannedAttempt => "planned_attempt",
            Self::Country => "country",
            Self::Budget => "budget",
            Self::DoNotCall => "do_not_call",
            Self::InAnotherCall => "in_another_call",
            Self::MinimumGap => "minimum_gap",
        }
    }

    /// Whether it says if the lead may be dialled; the others only say when its turn comes: room
    /// comes and goes with other leads' calls.
    #[must_use]
    pub const fn decides(self) -> bool {
        !matches!(
            self,
            Self::FreeCalls | Self::FreeHumanAgent | Self::MediaCapacity | Self::Budget
        )
    }
}

/// How a rule stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It allows the call.
    Allows,
    /// Time alone lifts it, then.
    From(Instant),
    /// It refuses, and time alone does not change that.
    Refuses,
}

/// All that the rules look at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When.
    pub now: Instant,
    /// The lead.
    pub lead: Lead,
    /// Its campaign.
    pub campaign: Campaign,
    /// The shard of the campaign that dials it; none: the campaign is being deleted.
    pub slot: Option<Slot>,
    /// What the tenant may do; none: the tenant is gone.
    pub permit: Option<Permit>,
    /// What the campaign may dial for its human agents; none: an AI agent takes its calls.
    pub people: Option<Room>,
    /// What all media servers can carry.
    pub capacity: MediaCapacity,
    /// How much of that is taken.
    pub media_used: i64,
    /// What is known of the number, in all of the tenant's campaigns.
    pub number: Number,
    /// Its do-not-call mark.
    pub dnc: Option<DncEntry>,
    /// Whether this deployment keeps to the law's windows.
    pub legal_windows: bool,
}

impl Facts {
    /// Where the number may be.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        places::of_key(&self.lead.zone_key)
    }

    /// The zones that the number may be in.
    #[must_use]
    pub fn zones(&self) -> Vec<chrono_tz::Tz> {
        let zones = zones::of_key(&self.lead.zone_key);
        if zones.is_empty() {
            vec![chrono_tz::Tz::UTC]
        } else {
            zones
        }
    }

    /// What holds the number against the lead's next call.
    #[must_use]
    pub fn holds(&self) -> Vec<Hold> {
        let call = CallId::of_attempt(self.lead.id, self.lead.attempts + 1);
        self.number.holds(call, self.now)
    }

    /// How a rule stands.
    #[must_use]
    pub fn stands(&self, rule: Rule) -> Stands {
        match rule {
            Rule::CampaignState => self.campaign_state(),
            Rule::CampaignEnd => yes(!self.campaign.is_over(self.now)),
            Rule::FreeCalls => yes(self.slot.as_ref().is_some_and(|slot| slot.free() > 0)),
            Rule::HumanAgents => yes(self.people.is_none_or(|room| room.people.at_work())),
            Rule::FreeHumanAgent => yes(self.people.is_none_or(|room| room.more > 0)),
            Rule::TenantGrant => yes(self.permit.as_ref().is_some_and(|permit| permit.tenant.may_dial)),
            Rule::DailySpend => self.daily_spend(),
            Rule::MediaCapacity => yes(self.capacity.free(self.media_used) > 0),
            Rule::CallingWindow => self.calling_window(),
            Rule::LeadStatus => yes(self.lead.waits()),
            Rule::PlannedAttempt => match self.lead.due_at {
                Some(_) if self.lead.is_due(self.now) => Stands::Allows,
                Some(due) => Stands::From(due),
                None => Stands::Refuses,
            },
            Rule::Country => yes(self
                .permit
                .as_ref()
                .is_some_and(|permit| permit.tenant.reaches(&self.lead.phone))),
            Rule::Budget => yes(self.slot.as_ref().is_some_and(|slot| slot.affords(RESERVE))),
            Rule::DoNotCall => match self.holds().contains(&Hold::DoNotCall) {
                true => self
                    .dnc
                    .as_ref()
                    .and_then(|entry| entry.expires_at)
                    // The clock's next tick lifts a mark that has ended.
                    .map_or(Stands::Refuses, |end| Stands::From(end.max(self.now))),
                false => Stands::Allows,
            },
            Rule::InAnotherCall => yes(!self.holds().iter().any(|hold| matches!(hold, Hold::InCall(_)))),
            Rule::MinimumGap => self
                .holds()
                .iter()
                .find_map(|hold| match hold {
                    Hold::Gap(end) => Some(Stands::From(*end)),
                    Hold::DoNotCall | Hold::InCall(_) => None,
                })
                .unwrap_or(Stands::Allows),
        }
    }

    fn campaign_state(&self) -> Stands {
        if self.slot.as_ref().is_some_and(|slot| dials(&self.campaign, slot)) {
            return Stands::Allows;
        }
        match (self.campaign.state, self.campaign.start_time) {
            // The clock's next tick starts one whose time has come.
            (CampaignState::Scheduled, Some(start)) => Stands::From(start.max(self.now)),
            (CampaignState::Scheduled, None) => Stands::From(self.now),
            (
                CampaignState::Draft
                | CampaignState::Active
                | CampaignState::Paused
                | CampaignState::Completed
                | CampaignState::Cancelled,
                _,
            ) => Stands::Refuses,
        }
    }

    fn daily_spend(&self) -> Stands {
        match &self.permit {
            Some(permit) if permit.has_money() => Stands::Allows,
            Some(permit) if permit.tenant.affords(trunkline_domain::Usd::ZERO, RESERVE) => {
                Stands::From(tenants::day_ends(self.now))
            }
            Some(_) | None => Stands::Refuses,
        }
    }

    fn calling_window(&self) -> Stands {
        match self.next_callable(self.now) {
            Some(at) if at == self.now => Stands::Allows,
            Some(at) => Stands::From(at),
            None => Stands::Refuses,
        }
    }

    /// The first instant from then on at which the lead's window allows a call.
    #[must_use]
    pub fn next_callable(&self, from: Instant) -> Option<Instant> {
        window::next_callable(&self.campaign, &self.places(), self.legal_windows, from)
    }
}

/// Whether a campaign's shard dials at all.
#[must_use]
pub fn dials(campaign: &Campaign, slot: &Slot) -> bool {
    campaign.state == CampaignState::Active && slot.open
}

const fn yes(allows: bool) -> Stands {
    if allows { Stands::Allows } else { Stands::Refuses }
}
