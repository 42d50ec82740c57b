//! A caller and a human agent, brought together: who is rung, who has accepted, who has left.
//!
//! Pure: what happened comes in by [`Bridge::observe`], in any order, late and more than once; what is to be done next is read off the
//! record by [`Bridge::owed`] and [`Bridge::wants`]. Whoever crashed between writing the record and doing it finds it there again, and says
//! [`Bridge::done`] when it is done.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::{CallId, Instant, OperatorId, TenantId, id::GroupId};

/// How long after accepting a person may take to be in the room, and its telephone to be ended, before it counts as gone.
const JOIN: Duration = Duration::seconds(15);

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
    /// Nobody came in time.
    Nobody,
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
    /// The caller, who still waits, is given what the campaign has instead of a person.
    Fallback,
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
    /// The carrier is about to be asked to ring the telephone.
    Asked(u32),
    /// The carrier has it.
    Placed(u32, String),
    /// A key was pressed.
    Accepted(u32),
    /// The person is in the room.
    Joined(u32),
    /// The telephone is busy, was not answered or not accepted, has left the room or was hung up.
    Left(u32),
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
    /// How long a telephone rings, in seconds.
    pub ring_s: u32,
    /// How far it has come.
    pub stage: Stage,
    /// Telephones that were rung so far, the present one included.
    pub legs: u32,
    /// Who was rung in vain.
    pub not: Vec<OperatorId>,
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
            stage: Stage::Seeking,
            legs: 0,
            not: Vec::new(),
            owed: Vec::new(),
            version: 0,
        }
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
        match &self.stage {
            Stage::Seeking => Some(self.until),
            Stage::Ringing(leg) | Stage::Accepted(leg) => Some(leg.until),
            // The caller's own deadlines end the call, and with it this.
            Stage::Talking { .. } | Stage::Over(_) => (!self.owed.is_empty()).then_some(now),
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

    /// What it is after this happened; none: nothing new.
    #[must_use]
    pub fn observe(&self, event: &Event, now: Instant) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::Found(operator) => next.found(*operator, now),
            Event::Asked(n) => next.with_leg(*n, |leg| leg.asked = true),
            Event::Placed(n, sid) => next.placed(*n, sid),
            Event::Accepted(n) => {
                if let Stage::Ringing(leg) = &next.stage
                    && leg.n == *n
                {
                    next.stage = Stage::Accepted(Leg {
                        until: now + JOIN,
                        ..leg.clone()
                    });
                }
            }
            // In the room without a word of the key: the room knows.
            Event::Joined(n) => {
                if let Stage::Ringing(leg) | Stage::Accepted(leg) = &next.stage
                    && leg.n == *n
                {
                    next.stage = Stage::Talking {
                        leg: leg.clone(),
                        since: now,
                    };
                }
            }
            Event::Left(n) => next.left(*n, now),
            Event::CallerLeft => next.caller_left(now),
            Event::Clock => next.clock(now),
        }
        if next == *self {
            return None;
        }
        next.version += 1;
        Some(next)
    }

    fn found(&mut self, operator: OperatorId, now: Instant) {
        if self.leg().is_some_and(|leg| leg.operator == operator) {
            return;
        }
        // Somebody who was found too late, or beside another, takes calls again at once.
        if self.stage != Stage::Seeking || self.not.contains(&operator) {
            return self.owe(Owed::Free {
                operator,
                talk_s: None,
            });
        }
        self.legs += 1;
        self.stage = Stage::Ringing(Leg {
            n: self.legs,
            operator,
            asked: false,
            sid: None,
            until: now + Duration::seconds(i64::from(self.ring_s)) + JOIN,
        });
    }

    /// A telephone that counts no more is hung up, whenever its id becomes known.
    fn placed(&mut self, n: u32, sid: &str) {
        if self.leg().is_some_and(|leg| leg.n == n) {
            self.with_leg(n, |leg| {
                leg.asked = true;
                leg.sid = Some(sid.to_owned());
            });
        } else if n <= self.legs {
            self.owe(Owed::HangUp { sid: sid.to_owned() });
        }
    }

    fn left(&mut self, n: u32, now: Instant) {
        match &self.stage {
            Stage::Ringing(leg) | Stage::Accepted(leg) if leg.n == n => {
                let leg = leg.clone();
                self.in_vain(&leg);
                self.stage = Stage::Seeking;
                self.clock(now);
            }
            Stage::Talking { leg, since } if leg.n == n => {
                let owed = Owed::Free {
                    operator: leg.operator,
                    talk_s: Some(seconds(*since, now)),
                };
                self.owe(owed);
                self.stage = Stage::Over(Ending::OperatorLeft);
            }
            Stage::Seeking
            | Stage::Ringing(_)
            | Stage::Accepted(_)
            | Stage::Talking { .. }
            | Stage::Over(_) => {}
        }
    }

    fn caller_left(&mut self, now: Instant) {
        let ending = match self.stage.clone() {
            Stage::Over(Ending::Nobody) => {
                // Whatever there was instead, nobody hears it.
                return self.owed.retain(|owed| *owed != Owed::Fallback);
            }
            Stage::Over(_) => return,
            Stage::Seeking => Ending::GaveUp,
            Stage::Ringing(leg) | Stage::Accepted(leg) => {
                self.in_vain(&leg);
                Ending::GaveUp
            }
            Stage::Talking { leg, since } => {
                self.owe(Owed::Free {
                    operator: leg.operator,
                    talk_s: Some(seconds(since, now)),
                });
                self.hang_up(&leg);
                Ending::CallerLeft
            }
        };
        self.stage = Stage::Over(ending);
    }

    fn clock(&mut self, now: Instant) {
        if let Stage::Ringing(leg) | Stage::Accepted(leg) = &self.stage
            && leg.until <= now
        {
            let leg = leg.clone();
            self.in_vain(&leg);
            self.stage = Stage::Seeking;
        }
        if self.stage == Stage::Seeking && self.until <= now {
            self.owe(Owed::Fallback);
            self.stage = Stage::Over(Ending::Nobody);
        }
    }

    /// Somebody did not come: free again, not rung for this call again, the telephone hung up.
    fn in_vain(&mut self, leg: &Leg) {
        self.owe(Owed::Free {
            operator: leg.operator,
            talk_s: None,
        });
        self.not.push(leg.operator);
        self.hang_up(leg);
    }

    fn hang_up(&mut self, leg: &Leg) {
        if let Some(sid) = &leg.sid {
            self.owe(Owed::HangUp { sid: sid.clone() });
        }
    }

    fn owe(&mut self, what: Owed) {
        if !self.owed.contains(&what) {
            self.owed.push(what);
        }
    }

    fn with_leg(&mut self, n: u32, change: impl FnOnce(&mut Leg)) {
        if let Stage::Ringing(leg) | Stage::Accepted(leg) | Stage::Talking { leg, .. } = &mut self.stage
            && leg.n == n
        {
            change(leg);
        }
    }
}

fn seconds(from: Instant, to: Instant) -> u32 {
    u32::try_from((to - from).num_seconds().max(0)).unwrap_or(u32::MAX)
}
