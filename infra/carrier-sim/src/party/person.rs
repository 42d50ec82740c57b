//! A simulated person: picks up, says hello, listens to the end, answers in turns, says goodbye, hangs up.

use std::collections::VecDeque;

use super::{
    Deed, Own, Party, Role, Senses,
    ear::{Ear, Hears},
    script,
};
use crate::{audio::FRAME_MS, dice::Dice};

/// What a person is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Temper {
    Patient,
    WantsHuman,
    WantsPeace,
    TalksOver,
    HangsUp,
}

/// So long somebody waits for the agent to speak before asking whether it is there.
const PATIENCE_MS: u32 = 8000;
/// How often they ask; then they hang up.
const NUDGES_MAX: u32 = 2;
/// After their goodbye, so long they wait for one in return.
const PARTING_QUIET_MS: u32 = 3000;
const PARTING_MS_MAX: u32 = 15_000;
/// Into the agent's sentence, somebody who talks over it starts to speak.
const INTERRUPT_AFTER_MS: u32 = 1000;
/// Into their own sentence, somebody who hangs up does so.
const BREAK_OFF_MS: u32 = 900;
/// Nobody talks to a machine for longer.
const CALL_MS_MAX: u32 = 5 * 60 * 1000;

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// The handset is on its way to the ear.
    PickingUp {
        left_ms: u32,
    },
    Speaking {
        for_ms: u32,
    },
    Listening,
    /// The agent has finished; the answer follows when the thought is.
    Thinking {
        left_ms: u32,
    },
    /// Goodbye is said.
    Parting {
        for_ms: u32,
    },
}

/// A person on the phone.
pub(crate) struct Person {
    temper: Temper,
    phase: Phase,
    ear: Ear,
    hello: Option<&'static str>,
    lines: VecDeque<&'static str>,
    interruptions: VecDeque<&'static str>,
    think_ms: u32,
    nudges: u32,
    total_ms: u32,
}

impl Person {
    pub(crate) fn new(temper: Temper, role: Role, dice: &mut Dice) -> Self {
        let hello = (role == Role::Called).then(|| script::hello(dice));
        let lines = match temper {
            Temper::Patient | Temper::TalksOver => script::friendly(dice),
            Temper::WantsHuman => script::wants_human(),
            Temper::WantsPeace => script::wants_peace(),
            Temper::HangsUp => vec![script::BROKEN_OFF],
        };
        let interruptions = if temper == Temper::TalksOver {
            script::INTERRUPTIONS.into()
        } else {
            VecDeque::new()
        };
        Self {
            temper,
            phase: Phase::PickingUp {
                left_ms: dice.between(10, 25) * FRAME_MS,
            },
            ear: Ear::new(dice.between(35, 50) * FRAME_MS),
            hello,
            lines: lines.into(),
            interruptions,
            think_ms: dice.between(10, 20) * FRAME_MS,
            nudges: 0,
            total_ms: 0,
        }
    }

    fn say(&mut self, line: &'static str) -> Deed {
        self.phase = Phase::Speaking { for_ms: 0 };
        self.ear.reset();
        Deed::Say(line)
    }

    fn picking_up(&mut self, left_ms: u32) -> Deed {
        if left_ms > 0 {
            self.phase = Phase::PickingUp {
                left_ms: left_ms - FRAME_MS,
            };
            return Deed::Wait;
        }
        self.phase = Phase::Listening;
        self.hello.take().map_or(Deed::Wait, |hello| self.say(hello))
    }

    fn speaking(&mut self, for_ms: u32, own: Own) -> Deed {
        match own {
            Own::Preparing => {}
            Own::Talking => {
                let for_ms = for_ms + FRAME_MS;
                self.phase = Phase::Speaking { for_ms };
                if self.temper == Temper::HangsUp && self.lines.is_empty() && for_ms >= BREAK_OFF_MS {
                    return Deed::HangUp;
                }
            }
            Own::Silent => {
                self.phase = if self.lines.is_empty() {
                    Phase::Parting { for_ms: 0 }
                } else {
                    Phase::Listening
                };
            }
        }
        Deed::Wait
    }

    fn listening(&mut self, hears: Hears) -> Deed {
        match hears {
            Hears::Voice { ms } => {
                if ms >= INTERRUPT_AFTER_MS
                    && let Some(line) = self.interruptions.pop_front()
                {
                    return self.say(line);
                }
            }
            Hears::Ended => {
                self.nudges = 0;
                self.phase = Phase::Thinking {
                    left_ms: self.think_ms,
                };
            }
            Hears::Nothing { ms } if ms >= PATIENCE_MS => {
                if self.nudges == NUDGES_MAX {
                    return Deed::HangUp;
                }
                self.nudges += 1;
                return self.say(script::NUDGE);
            }
            Hears::Nothing { .. } => {}
        }
        Deed::Wait
    }

    fn thinking(&mut self, left_ms: u32, hears: Hears) -> Deed {
        if matches!(hears, Hears::Voice { .. }) {
            // The agent went on after all.
            self.phase = Phase::Listening;
            return Deed::Wait;
        }
        if left_ms > 0 {
            self.phase = Phase::Thinking {
                left_ms: left_ms - FRAME_MS,
            };
            return Deed::Wait;
        }
        match self.lines.pop_front() {
            Some(line) => self.say(line),
            None => Deed::HangUp,
        }
    }

    fn parting(&mut self, for_ms: u32, hears: Hears) -> Deed {
        self.phase = Phase::Parting {
            for_ms: for_ms + FRAME_MS,
        };
        let done = match hears {
            Hears::Ended => true,
            Hears::Nothing { ms } => ms >= PARTING_QUIET_MS,
            Hears::Voice { .. } => false,
        };
        if done || for_ms >= PARTING_MS_MAX {
            Deed::HangUp
        } else {
            Deed::Wait
        }
    }
}

impl Party for Person {
    fn tick(&mut self, senses: Senses) -> Deed {
        self.total_ms += FRAME_MS;
        if self.total_ms >= CALL_MS_MAX {
            return Deed::HangUp;
        }
        let hears = self.ear.tick(senses.loud);
        match self.phase {
            Phase::PickingUp { left_ms } => self.picking_up(left_ms),
            Phase::Speaking { for_ms } => self.speaking(for_ms, senses.own),
            Phase::Listening => self.listening(hears),
            Phase::Thinking { left_ms } => self.thinking(left_ms, hears),
            Phase::Parting { for_ms } => self.parting(for_ms, hears),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::*, *};

    fn person(temper: Temper) -> Person {
        Person::new(temper, Role::Called, &mut Dice::new(1, "+15550000001", 0))
    }

    #[test]
    fn says_hello_answers_in_turns_thanks_and_hangs_up() {
        for nth in 0..20 {
            let mut dice = Dice::new(3, "+15550000007", nth);
            let (mut person, mut stage) = (
                Person::new(Temper::Patient, Role::Called, &mut dice),
                Stage::new(),
            );
            stage.pass(&mut person, 2000, false);
            assert_eq!(stage.said.len(), 1, "hello comes unasked");
            for _ in 0..10 {
                stage.exchange(&mut person, 2000);
            }
            let lines = stage.lines();
            assert!((5..=6).contains(&lines.len()), "{lines:?}");
            assert!(lines.iter().any(|line| line.ends_with('?')));
            let goodbye = lines.last().unwrap().to_lowercase();
            assert!(goodbye.contains("bye") && goodbye.contains("thank"), "{goodbye}");
            assert!(stage.hung_up.is_some());
        }
    }

    #[test]
    fn the_same_call_is_the_same_conversation() {
        let talk = |seed| {
            let mut dice = Dice::new(seed, "+15550000007", 2);
            let (mut person, mut stage) = (
                Person::new(Temper::Patient, Role::Called, &mut dice),
                Stage::new(),
            );
            for _ in 0..10 {
                stage.exchange(&mut person, 1500);
            }
            (stage.said, stage.hung_up)
        };
        assert_eq!(talk(1), talk(1));
        assert!(
            (2..10).any(|seed| talk(seed) != talk(1)),
            "another seed is another person"
        );
    }

    #[test]
    fn does_not_answer_while_the_agent_speaks_or_takes_a_breath() {
        let (mut person, mut stage) = (person(Temper::Patient), Stage::new());
        stage.pass(&mut person, 2000, false);
        for _ in 0..5 {
            stage.pass(&mut person, 1500, true);
            stage.pass(&mut person, 500, false);
        }
        assert_eq!(stage.said.len(), 1, "{:?}", stage.said);
        stage.pass(&mut person, 2000, false);
        assert_eq!(stage.said.len(), 2);
    }

    #[test]
    fn asks_twice_whether_anyone_is_there_and_gives_up() {
        let (mut person, mut stage) = (person(Temper::Patient), Stage::new());
        stage.pass(&mut person, 60_000, false);
        assert_eq!(stage.lines()[1..], [script::NUDGE, script::NUDGE]);
        assert!(stage.hung_up.unwrap() > 24_000);
    }

    #[test]
    fn a_caller_waits_to_be_greeted() {
        let mut person = Person::new(
            Temper::Patient,
            Role::Caller,
            &mut Dice::new(1, "+15550000001", 0),
        );
        let mut stage = Stage::new();
        stage.pass(&mut person, 5000, false);
        assert!(stage.said.is_empty());
        stage.exchange(&mut person, 1500);
        assert_eq!(stage.said.len(), 1);
    }

    #[test]
    fn asks_for_a_human_first_thing() {
        let (mut person, mut stage) = (person(Temper::WantsHuman), Stage::new());
        stage.pass(&mut person, 2000, false);
        stage.exchange(&mut person, 2000);
        assert!(stage.lines()[1].contains("real person"), "{:?}", stage.lines());
    }

    #[test]
    fn asks_not_to_be_called_and_hangs_up_after_a_goodbye() {
        let (mut person, mut stage) = (person(Temper::WantsPeace), Stage::new());
        stage.pass(&mut person, 2000, false);
        for _ in 0..3 {
            stage.exchange(&mut person, 2000);
        }
        assert!(stage.lines()[1].contains("stop calling"), "{:?}", stage.lines());
        assert!(stage.hung_up.is_some());
    }

    #[test]
    fn talks_over_the_agent_in_mid_sentence() {
        let (mut person, mut stage) = (person(Temper::TalksOver), Stage::new());
        stage.pass(&mut person, 2000, false);
        let began = stage.now_ms;
        stage.pass(&mut person, 3000, true);
        let (at, line) = stage.said[1];
        assert_eq!(line, script::INTERRUPTIONS[0]);
        assert!((began + 900..began + 1200).contains(&at), "{at}");
    }

    #[test]
    fn hangs_up_in_the_middle_of_an_own_sentence() {
        let (mut person, mut stage) = (person(Temper::HangsUp), Stage::new());
        stage.pass(&mut person, 2000, false);
        stage.exchange(&mut person, 2000);
        let (said_at, line) = stage.said[1];
        assert_eq!(line, script::BROKEN_OFF);
        let after = stage.hung_up.unwrap() - said_at;
        assert!(after < LINE_MS, "{after} ms into a line of {LINE_MS}");
    }

    #[test]
    fn hangs_up_on_endless_talk() {
        let (mut person, mut stage) = (person(Temper::Patient), Stage::new());
        stage.pass(&mut person, 10 * 60_000, true);
        assert_eq!(stage.hung_up, Some(CALL_MS_MAX));
    }
}
