//! Which calls are asked for, and by which index they are found.

use trunkline_domain::{CallStatus, CampaignId, E164, Instant, TenantId, VoiceAgentId};

use crate::{
    counters::{Period, Scope},
    keys,
};

/// Which calls are asked for; what is none asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Of this campaign.
    pub campaign: Option<CampaignId>,
    /// Of this voice agent.
    pub voice_agent: Option<VoiceAgentId>,
    /// To this number.
    pub phone: Option<E164>,
    /// With this status, one of [`CallStatus::WORDS`].
    pub status: Option<&'static str>,
    /// With a recording.
    pub recorded: bool,
    /// Made in this period.
    pub period: Period,
}

/// In which order of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallOrder {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// The index that finds the fewest, with what it does not tell apart by itself.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its name.
    pub(super) index: &'static str,
    /// Its partition.
    pub(super) scope: String,
    /// What the filter string must begin with.
    pub(super) begins: Option<String>,
    /// What it must contain besides.
    pub(super) contains: Vec<String>,
}

impl CallFilter {
    pub(super) fn plan(&self, tenant: TenantId) -> Plan {
        let (index, scope) = match (&self.phone, self.campaign, self.voice_agent) {
            (Some(phone), _, _) => ("phone", format!("{tenant}#{phone}")),
            (None, Some(campaign), _) => ("campaign", format!("{tenant}#{campaign}")),
            (None, None, Some(agent)) => ("agent", format!("{tenant}#{agent}")),
            (None, None, None) => ("tenant", tenant.to_string()),
        };
        let mut contains = Vec::new();
        if let Some(campaign) = self.campaign.filter(|_| index != "campaign") {
            contains.push(format!("|{campaign}|"));
        }
        if let Some(agent) = self.voice_agent.filter(|_| index != "agent") {
            contains.push(format!("|{agent}|"));
        }
        if self.recorded {
            contains.push("|rec|".to_owned());
        }
        Plan {
            index,
            scope,
            begins: self.status.map(|word| format!("{word}|")),
            contains,
        }
    }

    /// The first and last sort key of the period.
    pub(super) fn keys(&self) -> (String, String) {
        let bound = |at: Option<Instant>, open: &str| at.map_or_else(|| open.to_owned(), keys::time);
        // A key is `time#id`: those of the first instant sort after its bare time, and those of
        // the instant that ends the period do too, so they are out.
        (bound(self.period.from, "0"), bound(self.period.before, "~"))
    }

    /// The counters that know how many ended calls this asks for; none when none does.
    pub(super) fn counted_by(&self) -> Option<Scope> {
        if self.phone.is_some() || !self.period.is_whole_hours() {
            return None;
        }
        match (self.campaign, self.voice_agent) {
            (None, None) => Some(Scope::Tenant),
            (Some(campaign), None) => Some(Scope::Campaign(campaign)),
            (None, Some(agent)) => Some(Scope::VoiceAgent(agent)),
            (Some(_), Some(_)) => None,
        }
    }

    /// Whether a row that was read is still one of those: its index entry may be older.
    pub(super) fn fits(&self, call: &trunkline_domain::Call) -> bool {
        self.status
            .is_none_or(|word| CallStatus::word(call.status) == word)
            && (!self.recorded || call.recording.is_some())
    }
}
