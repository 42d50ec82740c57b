//! A call: one attempt to reach one number, or one that reached us.

use serde::{Deserialize, Serialize};

use crate::{
    AnsweredBy, CallId, CallStatus, CallerId, CampaignId, E164, Instant, LeadId, OperatorId, Outcome,
    TenantId, Usd, VoiceAgentId, call_status::Report, id::GroupId, prices::CallPrice,
};

/// Who started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// We called.
    Outbound,
    /// We were called.
    Inbound,
    /// From a browser or an app, no carrier between.
    Web,
}

/// What the carrier is told when a media stream has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// End the call.
    Hangup,
    /// Hand over to a human.
    Operator,
    /// Leave the campaign's message, then end the call.
    Voicemail,
    /// Open a new stream: the media server is going away, or an AI agent takes over.
    Resume,
    /// Open a stream that only waits for a machine's beep.
    Listen,
    /// Say that nobody is free, then end the call.
    Goodbye,
}

/// What the analysis after the call found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// What it was about and how it ended.
    pub summary: String,
    /// `positive`, `neutral` or `negative`.
    pub sentiment: String,
    /// −1 to 1.
    pub sentiment_score: f64,
    /// Such as `satisfied`.
    pub emotions: Vec<String>,
    /// Most telling first.
    pub key_phrases: Vec<String>,
    /// Who found it: `builtin`, or a provider with its model, such as `openai/gpt-4o-mini`; none in older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysed_by: Option<String>,
}

/// The recording's place and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The object's key in the bucket.
    pub key: String,
    /// The WAV's size.
    pub size_bytes: u64,
    /// Whole seconds.
    pub duration_s: u32,
    /// When it became ready.
    pub ready_at: Instant,
}

/// A call, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Its id; derived from lead and attempt for a campaign's calls.
    pub id: CallId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The campaign it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// The lead it tries to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// Which try at the lead, from 1; 0 for a call without a lead.
    pub attempt: u32,
    /// The AI agent that talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_agent: Option<VoiceAgentId>,
    /// The human that talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorId>,
    /// Who started it.
    pub direction: Direction,
    /// The called number.
    pub to: E164,
    /// The calling number.
    pub from: CallerId,
    /// Where it stands.
    pub status: CallStatus,
    /// Which placing of this row: one POST at most each.
    pub epoch: u32,
    /// Rises with every write; later writes are conditional on it.
    pub version: u64,
    /// The carrier's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The carrier account it was placed with; its token signs the callbacks.
    pub account: String,
    /// Drawn by the claimer: after a lost answer, "was that claim mine?".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_nonce: Option<String>,
    /// The last instant at which the carrier may be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_by: Option<Instant>,
    /// When somebody must look after it; every unfinished call has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_at: Option<Instant>,
    /// When the carrier's list was first seen without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Instant>,
    /// Somebody asked that it end before it is answered.
    #[serde(default)]
    pub stop_requested: bool,
    /// Who or what answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<AnsweredBy>,
    /// Whether it is recorded.
    pub record: bool,
    /// The longest it may last.
    pub time_limit_s: u32,
    /// What was set aside for it from the campaign's budget.
    pub reserve: Usd,
    /// When the row was made.
    pub created_at: Instant,
    /// When the carrier was first known to have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<Instant>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Instant>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// Seconds from answer to end, as the carrier bills them.
    #[serde(default)]
    pub duration_s: u32,
    /// What it cost.
    #[serde(default)]
    pub cost: Usd,
    /// The cost in its parts, with the prices that they were reckoned with; none before the call was worked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<CallPrice>,
    /// How many media streams were opened for it so far.
    #[serde(default)]
    pub gen_next: u32,
    /// The media server that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What follows when its stream ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// Its recording, once joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
    /// What the analysis found, once done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// Free text by users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The carrier's id of the conference in which it talked to a human agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<String>,
    /// It was answered, and whoever answered was given neither a human agent nor an AI agent in time.
    #[serde(default)]
    pub abandoned: bool,
    /// The human agents that it was dialled for; none: an AI agent talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialled_for: Option<GroupId>,
    /// It was answered and looked after, so it counts no more among the calls that ring for them.
    #[serde(default)]
    pub taken: bool,
    /// Why it failed, in the carrier's or our words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The capacity shard that it holds a place of, so that the end gives it back.
    #[serde(default)]
    pub cap_shard: u32,
    /// How long the phone may ring, in seconds.
    #[serde(default)]
    pub ring_timeout_s: u32,
    /// The lead's slot shard, so that the end gives back what the claim took.
    #[serde(default)]
    pub shard: u32,
}

impl Call {
    /// The human agents for whom it rings: one of them is kept free for it until it is taken or over.
    #[must_use]
    pub fn rings_for(&self) -> Option<GroupId> {
        self.dialled_for
            .filter(|_| !self.taken && self.status.holds_slot())
    }

    /// Seconds from the dialling to the end, ringing included; none before the end.
    #[must_use]
    pub fn elapsed_s(&self) -> Option<u32> {
        let elapsed = self.ended_at? - self.placed_at.unwrap_or(self.created_at);
        u32::try_from(elapsed.num_seconds().max(0)).ok()
    }

    /// The outcome that an ending report means for this call: a completed call
    /// that a machine answered is a voicemail.
    #[must_use]
    pub fn outcome_of(&self, ended: Outcome) -> Outcome {
        let machine = self.answered_by.is_some_and(AnsweredBy::is_machine);
        if ended == Outcome::Answered && machine {
            Outcome::Voicemail
        } else {
            ended
        }
    }

    /// Whether an AI agent talked in it, and then a person.
    #[must_use]
    pub const fn was_transferred(&self) -> bool {
        self.voice_agent.is_some() && self.operator.is_some()
    }

    /// The Dialer's word for how it ended; none before, and for one that was withdrawn.
    #[must_use]
    pub fn disposition(&self) -> Option<&'static str> {
        let outcome = self.status.outcome()?;
        if outcome == Outcome::Answered && self.was_transferred() {
            return Some("transferred");
        }
        outcome.disposition()
    }

    /// What the call would be after a report, without writing it.
    ///
    /// `duration_s` comes with the carrier's last report. `None`: no change.
    #[must_use]
    pub fn observe(&self, report: Report, at: Instant, duration_s: Option<u32>) -> Option<Self> {
        use crate::call_status::Step;
        let mut next = self.clone();
        match self.status.observe(report) {
            Step::Stale => return None,
            Step::Moved(status) => {
                next.status = status;
                next.placed_at.get_or_insert(at);
                if status == CallStatus::Talking {
                    next.answered_at.get_or_insert(at);
                }
            }
            Step::Ended(outcome) => {
                let outcome = self.outcome_of(outcome);
                next.status = CallStatus::Ended(outcome);
                next.ended_at = Some(at);
                // A report of its end tells of what was never told: that it was placed, and answered.
                next.placed_at.get_or_insert(at);
                next.duration_s = match (duration_s, self.answered_at) {
                    (Some(told), _) => told,
                    (None, Some(answered)) if outcome.was_answered() => {
                        u32::try_from((at - answered).num_seconds().max(0)).unwrap_or(u32::MAX)
                    }
                    (None, _) => 0,
                };
                if outcome.was_answered() {
                    let talked = chrono::Duration::seconds(i64::from(next.duration_s));
                    next.answered_at.get_or_insert(at - talked);
                }
                next.check_at = None;
            }
        }
        Some(next)
    }

    /// What the call would be once it is known who answered; corrects an ended call too,
    /// since the verdict is a request of its own and may come last.
    #[must_use]
    pub fn observe_answered_by(&self, by: AnsweredBy) -> Option<Self> {
        let known = self
            .answered_by
            .is_some_and(|now| now != AnsweredBy::Unknown && !refines(now, by));
        if known || self.answered_by == Some(by) || by == AnsweredBy::Unknown {
            return None;
        }
        let mut next = self.clone();
        next.answered_by = Some(by);
        // Nobody was kept waiting.
        next.abandoned &= !by.is_machine();
        if let CallStatus::Ended(Outcome::Answered) = self.status {
            next.status = CallStatus::Ended(next.outcome_of(Outcome::Answered));
        }
        Some(next)
    }
}

/// A machine's greeting first shows as `machine_start`, then as one of its ends.
const fn refines(known: AnsweredBy, new: AnsweredBy) -> bool {
    matches!(known, AnsweredBy::MachineStart)
        && matches!(
            new,
            AnsweredBy::MachineEndBeep | AnsweredBy::MachineEndSilence | AnsweredBy::MachineEndOther
        )
}
