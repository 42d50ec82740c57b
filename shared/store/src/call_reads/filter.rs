//! Which calls are asked for, and by which index they are found.

use trunkline_domain::{
    AnsweredBy, CallStatus, CampaignId, E164, Instant, OperatorId, Outcome, TenantId, VoiceAgentId,
};

use crate::{counters::Period, keys};

/// Which calls are asked for; what is none asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Of this campaign.
    pub campaign: Option<CampaignId>,
    /// Of this voice agent.
    pub voice_agent: Option<VoiceAgentId>,
    /// Of this human agent.
    pub operator: Option<OperatorId>,
    /// To this number.
    pub phone: Option<E164>,
    /// With this status, one of [`CallStatus::WORDS`].
    pub status: Option<&'static str>,
    /// That ended like this.
    pub outcome: Option<Outcome>,
    /// Answered by this.
    pub answered_by: Option<AnsweredBy>,
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
        let (base, scope) = match (&self.phone, self.operator, self.campaign, self.voice_agent) {
            (Some(phone), ..) => ("phone", format!("{tenant}#{phone}")),
            (None, Some(operator), ..) => ("operator", format!("{tenant}#{operator}")),
            (None, None, Some(campaign), _) => ("campaign", format!("{tenant}#{campaign}")),
            (None, None, None, Some(agent)) => ("agent", format!("{tenant}#{agent}")),
            (None, None, None, None) => ("tenant", tenant.to_string()),
        };
        let mut contains = Vec::new();
        if let Some(operator) = self.operator.filter(|_| base != "operator") {
            contains.push(format!("|{operator}|"));
        }
        if let Some(by) = self.answered_by {
            contains.push(format!("|by:{}|", by.as_str()));
        }
        if let Some(campaign) = self.campaign.filter(|_| base != "campaign") {
            contains.push(format!("|{campaign}|"));
        }
        if let Some(agent) = self.voice_agent.filter(|_| base != "agent") {
            contains.push(format!("|{agent}|"));
        }
        if self.recorded {
            contains.push("|rec|".to_owned());
        }
        let word = self.word();
        let begins = word.map(|word| match self.outcome {
            Some(outcome) => format!("{word}|{}|", outcome.as_str()),
            None => format!("{word}|"),
        });
        let plan = Plan {
            index: base,
            scope,
            begins,
            contains,
        };
        match word {
            Some(word) => plan.in_state(keys::call_state(word)),
            None => plan,
        }
    }

    /// The status that calls have which are asked for: the one that is named, or the one that the outcome brings.
    fn word(&self) -> Option<&'static str> {
        self.status
            .or_else(|| self.outcome.map(|outcome| CallStatus::Ended(outcome).word()))
    }

    /// As [`Self::plan`], of calls under way only.
    pub(super) fn plan_of_open(&self, tenant: TenantId) -> Plan {
        self.plan(tenant).in_state(keys::OPEN)
    }

    /// The first and last sort key of the period.
    pub(super) fn keys(&self) -> (String, String) {
        let bound = |at: Option<Instant>, open: &str| at.map_or_else(|| open.to_owned(), keys::time);
        // A key is `time#id`: those of the first instant sort after its bare time, and those of
        // the instant that ends the period do too, so they are out.
        (bound(self.period.from, "0"), bound(self.period.before, "~"))
    }

    /// Whether a row that was read is still one of those: its index entry may be older.
    pub(super) fn fits(&self, call: &trunkline_domain::Call) -> bool {
        self.status
            .is_none_or(|word| CallStatus::word(call.status) == word)
            && self
                .outcome
                .is_none_or(|outcome| call.status == CallStatus::Ended(outcome))
            && self.answered_by.is_none_or(|by| call.answered_by == Some(by))
            && (!self.recorded || call.recording.is_some())
    }
}

impl Plan {
    /// The part of the index that holds only one state; a number's calls are not listed by state.
    fn in_state(mut self, state: &str) -> Self {
        let by_state = match self.index {
            "tenant" => "tenant_state",
            "campaign" => "campaign_state",
            "agent" => "agent_state",
            _ => return self,
        };
        self.index = by_state;
        self.scope = format!("{}#{state}", self.scope);
        // Those under way are told apart by their words; those that are over are all of the same, but not of the same outcome.
        if self.begins.as_deref() == Some(&format!("{state}|")) {
            self.begins = None;
        }
        self
    }
}
