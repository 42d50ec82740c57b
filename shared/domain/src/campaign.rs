//! Campaigns and the moves that their states allow.

use serde::{Deserialize, Serialize};

use crate::{
    CallerId, CampaignId, Instant, RetryPolicy, TenantId, UserId, VoiceAgentId,
    error::{Error, Kind},
    hours::CallingHours,
    id::GroupId,
    pacing::Pacing,
};

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Being put together.
    Draft,
    /// Waits for its start time.
    Scheduled,
    /// Dials.
    Active,
    /// Dials nobody; may go on.
    Paused,
    /// Nothing left to dial.
    Completed,
    /// Stopped for good.
    Cancelled,
}

impl CampaignState {
    /// Every state, for filters.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Scheduled,
        Self::Active,
        Self::Paused,
        Self::Completed,
        Self::Cancelled,
    ];

    /// As every dialect writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// May still dial: deleting what it uses is refused.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Scheduled | Self::Active | Self::Paused)
    }
}

/// What an answered person is given whom nobody came for, where human agents take the calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// A sentence of apology, and the end.
    #[default]
    Goodbye,
    /// The campaign's voicemail message.
    Voicemail,
    /// An AI agent talks.
    VoiceAgent(VoiceAgentId),
}

impl Fallback {
    /// The AI agent that talks then.
    #[must_use]
    pub const fn voice_agent(self) -> Option<VoiceAgentId> {
        match self {
            Self::VoiceAgent(agent) => Some(agent),
            Self::Goodbye | Self::Voicemail => None,
        }
    }
}

/// How long a human agent is looked for after the answer, in seconds, unless told otherwise.
pub const WAIT_S: u32 = 20;

const fn wait_s() -> u32 {
    WAIT_S
}

/// What is asked of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Launch or start: dial now, or at the start time.
    Launch,
    /// Dial nobody for now.
    Pause,
    /// Go on.
    Resume,
    /// End for good.
    Stop,
    /// Nothing is left to dial (asked by the platform itself).
    Complete,
}

impl Move {
    const fn verb(self) -> &'static str {
        match self {
            Self::Launch => "launched",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Stop => "stopped",
            Self::Complete => "completed",
        }
    }
}

/// A campaign, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who made it.
    pub created_by: UserId,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The AI agent that talks; without one answered people go to human agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_agent: Option<VoiceAgentId>,
    /// The human agents that answered people go to, where no AI agent talks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// How it dials for them.
    #[serde(default)]
    pub pacing: Pacing,
    /// How long one of them is looked for after the answer, in seconds.
    #[serde(default = "wait_s")]
    pub wait_s: u32,
    /// What the person is given if nobody comes.
    #[serde(default)]
    pub fallback: Fallback,
    /// `From` of its calls; none is the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<CallerId>,
    /// Where it stands.
    pub state: CampaignState,
    /// Nobody is dialled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Instant>,
    /// Nobody is dialled after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Instant>,
    /// Its own hours; none keeps to the legal ones of each called party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<CallingHours>,
    /// When a lead is tried again.
    #[serde(default)]
    pub retry_policy: RetryPolicy,
    /// Calls at once.
    pub max_concurrent_calls: u32,
    /// How long a phone rings, in seconds.
    pub ring_timeout_s: u32,
    /// Whether answering machines are detected.
    pub amd_enabled: bool,
    /// Played to a machine after its beep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voicemail_message_url: Option<String>,
    /// Whether calls are recorded.
    pub record_calls: bool,
    /// The numbers given at its making, at most 1,000 shown.
    #[serde(default)]
    pub phone_numbers: Vec<String>,
    /// Slot shards, fixed at the first launch; 0 before.
    #[serde(default)]
    pub shards: u32,
    /// When it was first launched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launched_at: Option<Instant>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Instant>,
    /// Rises with every write; the ETag.
    pub version: u64,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Campaign {
    /// Whether its end time has come: nobody is dialled any more.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        self.end_time.is_some_and(|end| end <= now)
    }

    /// Whether this AI agent talks on its calls, at once or where no human agent comes.
    #[must_use]
    pub fn talks(&self, agent: VoiceAgentId) -> bool {
        self.voice_agent == Some(agent) || self.fallback.voice_agent() == Some(agent)
    }

    /// The human agents that its calls go to: how many of them are free bounds what it dials. None: an AI agent talks, or nobody was named.
    #[must_use]
    pub fn people(&self) -> Option<GroupId> {
        self.group.filter(|_| self.voice_agent.is_none())
    }

    /// The state after a move.
    ///
    /// # Errors
    /// [`Error::Conflict`] says from what to what the state does not allow.
    pub fn after(&self, asked: Move, now: Instant) -> Result<CampaignState, Error> {
        use CampaignState::{Active, Cancelled, Completed, Draft, Paused, Scheduled};
        let next = match (self.state, asked) {
            (Draft | Scheduled, Move::Launch) | (Paused, Move::Launch | Move::Resume) => {
                if let Some(end) = self.end_time.filter(|end| *end <= now) {
                    let what = format!(
                        "the campaign's end_time, {}, is over; set a later one first",
                        end.to_rfc3339()
                    );
                    return Err(Error::conflict(Kind::Campaign, what));
                }
                if self.start_time.is_some_and(|start| start > now) {
                    Scheduled
                } else {
                    Active
                }
            }
            (Active | Scheduled, Move::Pause) => Paused,
            (Scheduled | Active | Paused, Move::Stop) => Cancelled,
            (Active | Paused, Move::Complete) => Completed,
            (state, Move::Launch | Move::Pause | Move::Resume | Move::Stop | Move::Complete) => {
                let article = if state == Active { "an" } else { "a" };
                let what = format!("{article} {} campaign cannot be {}", state.as_str(), asked.verb());
                return Err(Error::conflict(Kind::Campaign, what));
            }
        };
        Ok(next)
    }

    /// How many slot shards its concurrency needs: one item carries about 75 transactions a second.
    #[must_use]
    pub const fn shards_for(max_concurrent_calls: u32) -> u32 {
        if max_concurrent_calls < 40 { 1 } else { 4 }
    }
}
