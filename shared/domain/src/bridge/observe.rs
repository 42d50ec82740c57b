//! What a bridge is after something happened.

use chrono::Duration;

use super::{Bridge, Ending, Event, JOIN, KEY, Leg, Owed, RING_LEAST_S, Stage};
use crate::{Instant, OperatorId};

/// So many supervisors' telephones are remembered.
const GUESTS_MAX: usize = 20;

impl Bridge {
    /// What it is after this happened; none: nothing new.
    #[must_use]
    pub fn observe(&self, event: &Event, now: Instant) -> Option<Self> {
        let mut next = self.clone();
        match event {
            Event::Found(operator) => next.found(*operator, now),
            Event::NobodyCan => {
                if next.stage == Stage::Seeking {
                    next.nobody();
                }
            }
            Event::Asked(n) => next.asked(*n, now),
            Event::Placed(n, sid) => next.placed(*n, sid),
            Event::Unplaced(n) => next.unplaced(*n),
            Event::Answered(n) => next.answered(*n, now),
            Event::Accepted(n) => next.accepted(*n, now),
            Event::Joined(n) => next.joined(*n, now),
            Event::Left(n) => next.left(*n, now),
            Event::CallerIn => {
                next.fetched = true;
                next.owed.retain(|owed| *owed != Owed::Fetch);
            }
            Event::Machine => next.machine(),
            Event::Guest(sid) => next.guest(sid),
            Event::CallerLeft => next.caller_left(now),
            Event::Clock => next.clock(now),
        }
        next.guests_go();
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
        // Who is still to be freed of this call cannot have it again before.
        let freed = |owed: &Owed| matches!(owed, Owed::Free { operator: who, .. } if *who == operator);
        if self.owed.iter().any(freed) {
            return;
        }
        // Somebody who was found too late, or beside another, takes calls again at once.
        if self.stage != Stage::Seeking || self.not.contains(&operator) {
            return self.owe(Owed::Free {
                operator,
                talk_s: None,
            });
        }
        self.rung.push(operator);
        let ring_s = self.ring_s.min(seconds(now, self.until).max(RING_LEAST_S));
        self.stage = Stage::Ringing(Leg {
            n: self.legs(),
            operator,
            asked: false,
            sid: None,
            ring_s,
            until: now + Duration::seconds(i64::from(ring_s)) + JOIN,
        });
    }

    /// It rings from now on, however long the carrier could not be asked; but whom it refuses again and again does not wait for ever.
    fn asked(&mut self, n: u32, now: Instant) {
        let latest = self.until;
        self.with_leg(n, |leg| {
            if !leg.asked {
                let ends = now.min(latest) + Duration::seconds(i64::from(leg.ring_s)) + JOIN;
                leg.until = leg.until.max(ends);
            }
            leg.asked = true;
        });
    }

    /// Whoever answers late in the ring still hears who calls, and has time for a key.
    fn answered(&mut self, n: u32, now: Instant) {
        if let Stage::Ringing(leg) = &mut self.stage
            && leg.n == n
        {
            leg.until = leg.until.max(now + KEY);
        }
    }

    /// A telephone that counts no more is hung up, whenever its id becomes known.
    fn placed(&mut self, n: u32, sid: &str) {
        if self.leg().is_some_and(|leg| leg.n == n) {
            self.with_leg(n, |leg| {
                leg.asked = true;
                leg.sid = Some(sid.to_owned());
            });
        } else if n <= self.legs() {
            self.owe(Owed::HangUp { sid: sid.to_owned() });
        }
    }

    /// It certainly does not ring: it may be asked for once more.
    fn unplaced(&mut self, n: u32) {
        if let Stage::Ringing(leg) = &mut self.stage
            && leg.n == n
            && leg.sid.is_none()
        {
            leg.asked = false;
        }
    }

    fn accepted(&mut self, n: u32, now: Instant) {
        if let Stage::Ringing(leg) = &self.stage
            && leg.n == n
        {
            self.stage = Stage::Accepted(Leg {
                until: now + JOIN,
                ..leg.clone()
            });
            self.fetch();
        }
    }

    /// In the room, perhaps without a word of the key: the room knows.
    fn joined(&mut self, n: u32, now: Instant) {
        match &self.stage {
            Stage::Ringing(leg) | Stage::Accepted(leg) if leg.n == n => {
                let leg = leg.clone();
                self.fetch();
                self.talks(leg.operator);
                self.stage = Stage::Talking { leg, since: now };
            }
            // Told after its end: they did talk.
            Stage::Seeking | Stage::Ringing(_) | Stage::Accepted(_) | Stage::Over(_) => {
                let at = usize::try_from(n).unwrap_or(0).checked_sub(1);
                let who = at.and_then(|at| self.rung.get(at)).copied();
                if let (Some(who), None) = (who, self.talked) {
                    self.talks(who);
                }
            }
            Stage::Talking { .. } => {}
        }
    }

    fn talks(&mut self, who: OperatorId) {
        self.talked = Some(who);
        self.owe(Owed::Note);
    }

    fn left(&mut self, n: u32, now: Instant) {
        match &self.stage {
            Stage::Ringing(leg) | Stage::Accepted(leg) if leg.n == n => {
                // It has ended by itself: nothing is to be hung up.
                let leg = Leg {
                    sid: None,
                    ..leg.clone()
                };
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
                self.owed.retain(|owed| *owed != Owed::Fetch);
                // An AI agent that still has the caller goes on.
                if !self.ai || self.fetched {
                    self.owe(Owed::End);
                }
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
        // Whatever there was for the caller, nobody hears it.
        self.owed
            .retain(|owed| !matches!(owed, Owed::Fallback | Owed::Fetch | Owed::End));
        let ending = match self.stage.clone() {
            Stage::Over(_) => return,
            Stage::Seeking => Ending::GaveUp,
            Stage::Ringing(leg) | Stage::Accepted(leg) => {
                self.in_vain(&leg);
                Ending::GaveUp
            }
            Stage::Talking { leg, since } => {
                // First: who takes calls again is rung, and must not be busy with this one.
                self.hang_up(&leg);
                self.owe(Owed::Free {
                    operator: leg.operator,
                    talk_s: Some(seconds(since, now)),
                });
                Ending::CallerLeft
            }
        };
        self.over(ending);
    }

    fn guest(&mut self, sid: &str) {
        if self.guests.iter().any(|guest| guest == sid) {
            return;
        }
        // Who came so often has gone as often.
        if self.guests.len() >= GUESTS_MAX {
            self.guests.remove(0);
        }
        self.guests.push(sid.to_owned());
    }

    /// Without a talk there is nothing to supervise, also for one who still rings.
    fn guests_go(&mut self) {
        if !matches!(self.stage, Stage::Talking { .. }) {
            for sid in std::mem::take(&mut self.guests) {
                self.owe(Owed::HangUp { sid });
            }
        }
    }

    /// Whoever talks to it knows better.
    fn machine(&mut self) {
        match self.stage.clone() {
            Stage::Over(Ending::Nobody) => self.owed.retain(|owed| *owed != Owed::Fallback),
            Stage::Over(_) | Stage::Talking { .. } => {}
            Stage::Seeking => self.over(Ending::Machine),
            Stage::Ringing(leg) | Stage::Accepted(leg) => {
                self.in_vain(&leg);
                self.over(Ending::Machine);
            }
        }
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
            self.nobody();
        }
    }

    /// A caller whom an AI agent still has hears it from that.
    fn nobody(&mut self) {
        if !self.ai || self.fetched {
            self.owe(Owed::Fallback);
        }
        self.over(Ending::Nobody);
    }

    fn over(&mut self, ending: Ending) {
        self.stage = Stage::Over(ending);
        if self.is_abandoned() {
            self.owe(Owed::Note);
        }
    }

    fn fetch(&mut self) {
        if self.ai && !self.fetched {
            self.owe(Owed::Fetch);
        }
    }

    /// Somebody did not come: the telephone hung up, free again, not rung for this call again.
    fn in_vain(&mut self, leg: &Leg) {
        self.hang_up(leg);
        self.owe(Owed::Free {
            operator: leg.operator,
            talk_s: None,
        });
        self.owed.retain(|owed| *owed != Owed::Fetch);
        self.not.push(leg.operator);
    }

    fn hang_up(&mut self, leg: &Leg) {
        if let Some(sid) = leg.sid.clone() {
            self.owe(Owed::HangUp { sid });
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
