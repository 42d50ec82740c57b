//! A caller and a human agent, brought together: who is rung, who has accepted, who has left.
//!
//! Pure: what happened comes in by [`Bridge::observe`], in any order, late and more than once; what is to be done next is read off the
//! record by [`Bridge::owed`] and [`Bridge::wants`]. Whoever crashed between writing the record and doing it finds it there again, and says
//! [`Bridge::done`] when it is done.

mod observe;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::{CallId, Instant, OperatorId, TenantId, id::GroupId};

/// How long after accepting a person may take to be in the room, and its telephone to be ended, before it counts as gone.
pub const JOIN: Duration = Duration::seconds(15);
/// How long who answers may take to hear who calls and to press a key: the carrier waits 10 s for one after the last word.
const KEY: Duration = Duration::seconds(30);
/// How often the carrier is asked whether those who talk still do.
const LOOK: Duration = Duration::minutes(5);
/// A telephone rings for so long at least, in seconds.
const RING_LEAST_S: u32 = 5;

/// A telephone that is rung for the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// The how-manieth of this call, from 1.
    pub n: u32,
    /// Whose.
    pub operator: OperatorId,
    /// The carrier was asked to ring it: from then on never again.
    pub asked: bool,
    /// The carrier's id of it.
    pub sid: Option<String>,
    /// How long it rings, in seconds: no longer than the caller is to wait, and long enough to be heard.
    pub ring_s: u32,
    /// When it counts as not answered, or as gone.
    pub until: Instant,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The caller waits, and somebody is looked for.
    Seeking,
    /// Somebody is rung.
    Ringing(Leg),
    /// Somebody has pressed a key, and goes to the room.
    Accepted(Leg),
    /// They talk.
    Talking {
        /// The person's telephone.
        leg: Leg,
        /// Since when.
        since: Instant,
    },
    /// Over.
    Over(Ending),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// They talked, and the caller hung up.
    CallerLeft,
    /// They talked, and the human agent hung up.
    OperatorLeft,
    /// The caller hung up before anybody came.
    GaveUp,
    /// Nobody came in time, or nobody could.
    Nobody,
    /// It was a machine that answered.
    Machine,
}

impl Ending {
    /// An answered call that nobody took, as the law counts it.
    #[must_use]
    pub const fn is_abandoned(self) -> bool {
        matches!(self, Self::GaveUp | Self::Nobody)
    }
}

/// What is left to be done, each once or, after a crash, again: all of it is harmless to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// The human agent takes calls again.
    Free {
        /// Whom.
        operator: OperatorId,
        /// After so many seconds of talk; none: it was rung in vain.
        talk_s: Option<u32>,
    },
    /// A telephone that rings or is connected in vain is hung up.
    HangUp {
        /// The carrier's id of it.
        sid: String,
    },
    /// The call's row says who talked, and whether it was abandoned.
    Note,
    /// The caller, whom an AI agent keeps, goes to the room.
    Fetch,
    /// The caller, who still waits, is given what the campaign has instead of a person.
    Fallback,
    /// The human agent has hung up: so the call ends, also for a caller who came to the room only after that.
    End,
}

/// What would bring it further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Find somebody who has not been rung for this call yet.
    Seek,
    /// Ask the carrier to ring this telephone, once [`Event::Asked`] is written.
    Ring(Leg),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody was given this call.
    Found(OperatorId),
    /// Nobody of the group could come, however long one waits.
    NobodyCan,
    /// The carrier is about to be asked to ring the telephone.
    Asked(u32),
    /// The carrier has it.
    Placed(u32, String),
    /// The carrier certainly does not have it, and may be asked once more.
    Unplaced(u32),
    /// The telephone was answered: a key is asked for.
    Answered(u32),
    /// A key was pressed.
    Accepted(u32),
    /// The person is in the room.
    Joined(u32),
    /// The telephone is busy, was not answered or not accepted, has left the room or was hung up.
    Left(u32),
    /// The caller goes to the room.
    CallerIn,
    /// A machine answered, not a person.
    Machine,
    /// A supervisor's telephone rings for the room, or is in it: the carrier's id of it.
    Guest(String),
    /// The caller is gone.
    CallerLeft,
    /// Time has passed.
    Clock,
}

/// A caller who waits for a human agent, or talks to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bridge {
    /// The call.
    pub call: CallId,
    /// Whose.
    pub tenant: TenantId,
    /// Whose human agents are rung.
    pub group: GroupId,
    /// When the caller began to wait.
    pub since: Instant,
    /// Until when somebody is looked for.
    pub until: Instant,
    /// How long a telephone rings at most, in seconds.
    pub ring_s: u32,
    /// An AI agent keeps the caller until somebody has accepted, and whenever nobody does.
    #[serde(default)]
    pub ai: bool,
    /// The AI agent has let the caller go to the room.
    #[serde(default)]
    pub fetched: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Who was rung, telephone by telephone, the present one included.
    #[serde(default)]
    pub rung: Vec<OperatorId>,
    /// Who talked.
    #[serde(default)]
    pub talked: Option<OperatorId>,
    /// Who was rung in vain.
    pub not: Vec<OperatorId>,
    /// The carrier's ids of supervisors' telephones: they go with the talk.
    #[serde(default)]
    pub guests: Vec<String>,
    /// What is left to be done.
    owed: Vec<Owed>,
    /// Rises with every write.
    pub version: u64,
}

impl Bridge {
    /// A caller begins to wait, for so long at most.
    #[must_use]
    pub const fn new(
        call: CallId,
        tenant: TenantId,
        group: GroupId,
        now: Instant,
        until: Instant,
        ring_s: u32,
    ) -> Self {
        Self {
            call,
            tenant,
            group,
            since: now,
            until,
            ring_s,
            ai: false,
            fetched: false,
            stage: Stage::Seeking,
            rung: Vec::new(),
            talked: None,
            not: Vec::new(),
            guests: Vec::new(),
            owed: Vec::new(),
            version: 0,
        }
    }

    /// The same, of a caller whom an AI agent keeps.
    #[must_use]
    pub fn for_ai(self) -> Self {
        Self { ai: true, ..self }
    }

    /// Looks for somebody once more, after nobody came: as a new wait, which counts its telephones on.
    #[must_use]
    pub fn again(&self, now: Instant, until: Instant) -> Self {
        Self {
            since: now,
            until,
            ai: true,
            fetched: false,
            stage: Stage::Seeking,
            not: Vec::new(),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Whether the caller got nobody, as the law counts it. One whom an AI agent kept was not alone.
    #[must_use]
    pub const fn is_abandoned(&self) -> bool {
        match self.stage {
            Stage::Over(ending) => ending.is_abandoned() && !self.ai && self.talked.is_none(),
            Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } => false,
        }
    }

    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        matches!(self.stage, Stage::Over(_)) && self.owed.is_empty()
    }

    /// Telephones that were rung so far, the present one included.
    #[must_use]
    pub fn legs(&self) -> u32 {
        u32::try_from(self.rung.len()).unwrap_or(u32::MAX)
    }

    /// The telephone that counts.
    #[must_use]
    pub const fn leg(&self) -> Option<&Leg> {
        match &self.stage {
            Stage::Ringing(leg) | Stage::Accepted(leg) | Stage::Talking { leg, .. } => Some(leg),
            Stage::Seeking | Stage::Over(_) => None,
        }
    }

    /// What must still be done, whatever else happens.
    #[must_use]
    pub fn owed(&self) -> &[Owed] {
        &self.owed
    }

    /// What would bring it further; none while others are to act.
    #[must_use]
    pub fn wants(&self) -> Option<Want> {
        match &self.stage {
            Stage::Seeking => Some(Want::Seek),
            Stage::Ringing(leg) if !leg.asked => Some(Want::Ring(leg.clone())),
            Stage::Ringing(_) | Stage::Accepted(_) | Stage::Talking { .. } | Stage::Over(_) => None,
        }
    }

    /// When somebody must look after it; none when nothing is left.
    #[must_use]
    pub fn check_at(&self, now: Instant) -> Option<Instant> {
        if !self.owed.is_empty() {
            return Some(now);
        }
        match &self.stage {
            Stage::Over(_) => None,
            // Who waits is looked for again and again: a wake-up may be lost, and a shift begins without one.
            Stage::Seeking => Some(now),
            Stage::Ringing(leg) if !leg.asked => Some(now),
            Stage::Ringing(leg) | Stage::Accepted(leg) => Some(leg.until),
            Stage::Talking { .. } => Some(now + LOOK),
        }
    }

    /// Somebody looked, and nothing was new: it is looked after again later.
    #[must_use]
    pub fn looked(&self) -> Self {
        Self {
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// This was done.
    #[must_use]
    pub fn done(&self, what: &Owed) -> Option<Self> {
        self.owed.contains(what).then(|| {
            let mut next = self.clone();
            next.owed.retain(|owed| owed != what);
            next.version += 1;
            next
        })
    }
}
