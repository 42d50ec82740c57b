//! Who answered, and what an answering machine changes.

use trunkline_providers::amd::{Detector, Heard, Verdict};

use super::config::{Direction, MachinePolicy, SessionConfig};
use super::input::Answerer;
use super::output::{EndedBy, Next};
use super::{Phase, Session};
use crate::audio::Frame;

/// Silence after a machine's greeting that stands for its beep.
const GREETING_OVER_MS: u64 = 2_000;

/// A detector, where a machine may have answered and it matters.
pub(super) fn detector(config: &SessionConfig) -> Option<Detector> {
    if config.listens {
        return Some(Detector::of_machine());
    }
    let matters = config.machine != MachinePolicy::Ignore;
    let may = config.direction == Direction::Outbound && config.history.is_empty();
    (matters && may).then(Detector::new)
}

impl Session {
    /// Listens for a machine until it is known who answered.
    pub(super) fn listen_for_machine(&mut self, frame: &Frame, speech: bool) {
        let Some(detector) = &mut self.detector else {
            return;
        };
        let text = self.heard_words.take();
        let Some(verdict) = detector.observe(Heard {
            frame,
            speech,
            text: text.as_deref(),
        }) else {
            return;
        };
        if verdict != Verdict::Machine {
            self.detector = None;
        }
        match verdict {
            Verdict::Person => self.answered_by(Answerer::Human),
            Verdict::Machine => self.answered_by(Answerer::Machine),
            Verdict::MachineBeep => self.answered_by(Answerer::MachineReady),
            Verdict::Unobtainable => self.answered_by(Answerer::Nobody),
            Verdict::Unknown => {}
        }
    }

    /// A verdict on who answered: ours, or the carrier's.
    pub(super) fn answered_by(&mut self, answerer: Answerer) {
        let undecided = matches!(self.phase, Phase::Opening { .. } | Phase::Talking);
        let waiting = matches!(self.phase, Phase::Machine { .. });
        match (self.config.machine, answerer) {
            (MachinePolicy::Ignore, _) => {}
            // The first verdict stands: a person who is talked to is not hung up on later.
            (MachinePolicy::Hangup | MachinePolicy::LeaveMessage, Answerer::Human) => self.detector = None,
            (MachinePolicy::Hangup, Answerer::Machine | Answerer::MachineReady)
            | (MachinePolicy::Hangup | MachinePolicy::LeaveMessage, Answerer::Nobody) => {
                if undecided || waiting {
                    self.finish(Next::Hangup, EndedBy::Machine);
                }
            }
            (MachinePolicy::LeaveMessage, Answerer::Machine) => {
                if undecided {
                    self.machine_answered();
                }
            }
            (MachinePolicy::LeaveMessage, Answerer::MachineReady) => {
                if undecided || waiting {
                    self.finish(Next::Voicemail, EndedBy::Machine);
                }
            }
        }
    }

    /// A machine speaks: its beep is waited for.
    pub(super) fn machine_answered(&mut self) {
        self.abandon_reply();
        self.detach_caller();
        // It has no verdict of its own yet, or none that would let it hear the beep.
        if self.detector.as_ref().and_then(Detector::verdict) != Some(Verdict::Machine) {
            self.detector = Some(Detector::of_machine());
        }
        self.phase = Phase::Machine {
            until: self.now + self.config.timings.machine_ms,
        };
    }

    /// When a machine's greeting is taken to be over.
    pub(super) fn machine_at(&self) -> Option<u64> {
        let Phase::Machine { until } = self.phase else {
            return None;
        };
        let silent = if self.ear.silence_ms(self.now) >= GREETING_OVER_MS {
            self.now
        } else {
            self.ear.silent_for_at(GREETING_OVER_MS)
        };
        Some(silent.min(until))
    }

    /// The machine records now: the call plays its message.
    pub(super) fn machine_over(&mut self) {
        self.finish(Next::Voicemail, EndedBy::Machine);
    }
}
