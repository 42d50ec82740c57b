//! Who is at the other end of the line: people, machines, operators. All pure: 20 ms at a time, senses in, a deed out.

pub(crate) mod brief;
pub(crate) mod ear;
pub(crate) mod machine;
pub(crate) mod operator;
pub(crate) mod person;
pub(crate) mod script;

use std::sync::Arc;

use crate::{dice::Dice, manners::Manner, number::Fate};

/// What a party perceives in one tick of 20 ms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Senses {
    /// Somebody speaks at the other end.
    pub(crate) loud: bool,
    /// What the party's own mouth is doing.
    pub(crate) own: Own,
}

/// What a party's own mouth is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own {
    Silent,
    /// The voice is still being made; nothing is heard yet.
    Preparing,
    Talking,
}

/// What a party does in one tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    Wait,
    /// Starts to say a line (in place of whatever it was saying).
    Say(&'static str),
    /// The same of a text that somebody else has written.
    Recite(Arc<str>),
    /// Plays an answering machine's beep.
    Beep,
    Press(char),
    HangUp,
}

/// Anyone at the far end of a call, from the moment the call is answered.
pub(crate) trait Party: Send {
    /// 20 ms have passed.
    fn tick(&mut self, senses: Senses) -> Deed;

    /// A `<Gather>` waits for a key.
    fn key_wanted(&mut self) {}

    /// The call has come into a conference.
    fn joined(&mut self) {}
}

/// Which way the call goes, seen from the party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Called,
    /// Rang the platform, so waits to be greeted.
    Caller,
}

/// A human agent who behaves so.
pub(crate) fn operator(manner: Manner) -> Box<dyn Party> {
    Box::new(operator::Operator::new(manner))
}

/// The party a fate asks for. `talk_ms` above 0 replaces conversations by hanging up after that long.
pub(crate) fn of(fate: Fate, role: Role, talk_ms: u32, dice: &mut Dice) -> Box<dyn Party> {
    use person::{Person, Temper};
    let temper = match fate {
        Fate::Operator => return operator(Manner::default()),
        Fate::Machine => return Box::new(machine::Machine::new(talk_ms)),
        // The last three never answer; should one be asked to speak, it is silent.
        Fate::DeadAir | Fate::NoAnswer | Fate::Busy | Fate::Fails => {
            return Box::new(brief::Brief::silent(if talk_ms > 0 {
                talk_ms
            } else {
                brief::DEAD_AIR_MS
            }));
        }
        Fate::Talks => Temper::Patient,
        Fate::AsksForHuman => Temper::WantsHuman,
        Fate::StopsCalls => Temper::WantsPeace,
        Fate::TalksOver => Temper::TalksOver,
        Fate::HangsUp => Temper::HangsUp,
    };
    if talk_ms > 0 {
        return Box::new(brief::Brief::new(script::hello(dice), talk_ms));
    }
    Box::new(Person::new(temper, role, dice))
}

#[cfg(test)]
pub(crate) mod testing {
    //! A stage on which a party plays against a scripted other side.

    use super::*;

    /// Drives a party: each line it says takes `LINE_MS`; the other side speaks when `loud` says so.
    pub(crate) struct Stage {
        pub(crate) now_ms: u32,
        pub(crate) said: Vec<(u32, &'static str)>,
        pub(crate) recited: Vec<(u32, Arc<str>)>,
        pub(crate) pressed: Vec<(u32, char)>,
        pub(crate) beeps: Vec<u32>,
        pub(crate) hung_up: Option<u32>,
        talking_until: u32,
    }

    pub(crate) const LINE_MS: u32 = 1200;

    impl Stage {
        pub(crate) fn new() -> Self {
            Self {
                now_ms: 0,
                said: vec![],
                recited: vec![],
                pressed: vec![],
                beeps: vec![],
                hung_up: None,
                talking_until: 0,
            }
        }

        /// Lets `ms` pass, or less if the party hangs up.
        pub(crate) fn pass(&mut self, party: &mut dyn Party, ms: u32, loud: bool) {
            for _ in 0..ms / 20 {
                if self.hung_up.is_some() {
                    return;
                }
                let own = if self.now_ms < self.talking_until {
                    Own::Talking
                } else {
                    Own::Silent
                };
                self.now_ms += 20;
                match party.tick(Senses { loud, own }) {
                    Deed::Wait => {}
                    Deed::Say(line) => {
                        self.said.push((self.now_ms, line));
                        self.talking_until = self.now_ms + LINE_MS;
                    }
                    Deed::Recite(text) => {
                        self.recited.push((self.now_ms, text));
                        self.talking_until = self.now_ms + LINE_MS;
                    }
                    Deed::Beep => {
                        self.beeps.push(self.now_ms);
                        self.talking_until = self.now_ms + 500;
                    }
                    Deed::Press(key) => self.pressed.push((self.now_ms, key)),
                    Deed::HangUp => self.hung_up = Some(self.now_ms),
                }
            }
        }

        /// The other side says something for `ms`, then waits until the party has answered and finished.
        pub(crate) fn exchange(&mut self, party: &mut dyn Party, ms: u32) {
            self.pass(party, ms, true);
            let lines = self.said.len();
            for _ in 0..200 {
                self.pass(party, 20, false);
                let done = self.said.len() > lines && self.now_ms >= self.talking_until;
                if done || self.hung_up.is_some() {
                    return;
                }
            }
        }

        pub(crate) fn lines(&self) -> Vec<&'static str> {
            self.said.iter().map(|(_, line)| *line).collect()
        }
    }
}
