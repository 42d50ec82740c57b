//! What the agent says of its own accord: the greeting, fillers, questions into silence.

use super::caller::CallerTurn;
use super::config::Direction;
use super::handover::Search;
use super::output::{EndedBy, Next};
use super::{Phase, Session};

/// Voice without words, from which the caller is asked to say it again.
const UNCLEAR_MS: u64 = 500;

/// How often in a row the caller is asked to say it again.
const MAX_UNCLEAR: u32 = 2;

impl Session {
    /// Says what is due.
    pub(super) fn prompt(&mut self) {
        match self.phase {
            Phase::Opening { .. } => {
                if self.greet_at().is_some_and(|at| self.now >= at) {
                    self.greet();
                }
            }
            Phase::Talking => {
                if self.filler_at().is_some_and(|at| self.now >= at) {
                    self.filler_said = true;
                    self.aside = Some(self.config.phrases.filler.clone());
                }
                if self.in_vain_at().is_some() {
                    self.tell_in_vain();
                }
                if self.silence_at().is_some_and(|at| self.now >= at) {
                    self.ask_into_silence();
                }
            }
            Phase::New
            | Phase::Machine { .. }
            | Phase::Closing { .. }
            | Phase::Ending { .. }
            | Phase::Finished => {}
        }
    }

    /// When the agent speaks first: at once to who has called, after the "hello" of who was called.
    pub(super) fn greet_at(&self) -> Option<u64> {
        let Phase::Opening { hello } = self.phase else {
            return None;
        };
        let timings = &self.config.timings;
        let resumed = !self.config.history.is_empty();
        if self.config.direction == Direction::Inbound || resumed {
            return Some(0);
        }
        Some(match hello {
            None => timings.hello_wait_ms,
            Some(_) if self.ear.silence_ms(self.now) >= timings.hello_end_ms => self.now,
            Some(_) => self
                .ear
                .silent_for_at(timings.hello_end_ms)
                .min(timings.hello_max_ms),
        })
    }

    fn greet(&mut self) {
        self.detach_caller();
        self.phase = Phase::Talking;
        if !self.config.history.is_empty() {
            let phrase = self.config.phrases.resumed.clone();
            self.say(&phrase);
        } else if self.config.greeting.trim().is_empty() {
            self.start_reply(None);
            self.commit_reply(None);
        } else {
            let greeting = self.config.greeting.clone();
            self.say(&greeting);
        }
    }

    /// When a reply has taken so long that the caller must be told.
    pub(super) fn filler_at(&self) -> Option<u64> {
        if self.filler_said
            || self.aside.is_some()
            || self.speaking.is_some()
            || self.paused.is_some()
            || self.has_floor()
        {
            return None;
        }
        let since = match (&self.caller, &self.reply) {
            // The recogniser is slow.
            (Some(turn), None) if !turn.feeding && !turn.asked.is_empty() && turn.voiced_ms >= UNCLEAR_MS => {
                turn.last_voice_ms + self.config.timings.endpoint_ms
            }
            // The model is.
            (None, Some(reply)) if self.unanswered && !reply.phrase && reply.items.is_empty() => {
                reply.committed_ms?
            }
            _ => return None,
        };
        Some(since + self.config.timings.filler_ms)
    }

    /// When a silent caller is asked or given up.
    pub(super) fn silence_at(&self) -> Option<u64> {
        let patience_ms = if self.search == Search::Running {
            self.config.timings.hold_ms
        } else {
            self.config.silence.prompt_after_ms
        };
        (self.phase == Phase::Talking && self.is_idle()).then_some(self.idle_since + patience_ms)
    }

    fn ask_into_silence(&mut self) {
        if self.search == Search::Running {
            // Silent because they wait: told so, and never given up.
            let phrase = self.config.phrases.still_looking.clone();
            self.say(&phrase);
        } else if self.prompts < self.config.silence.prompts {
            self.prompts += 1;
            let phrase = self.config.phrases.still_there.clone();
            self.say(&phrase);
        } else {
            let phrase = self.config.phrases.goodbye.clone();
            self.close(Next::Hangup, EndedBy::Silence, &phrase);
        }
    }

    /// The caller's turn had no words that anyone understood.
    pub(super) fn without_words(&mut self, turn: &CallerTurn) {
        if self.reply.is_some() {
            // It was noise while a reply was being prepared: that is still the answer.
            return;
        }
        if turn.voiced_ms >= UNCLEAR_MS {
            self.ask_again();
        } else if self.unanswered {
            self.start_reply(None);
            self.commit_reply(None);
        }
    }

    /// Asks the caller to say it again, unless that was asked often enough.
    pub(super) fn ask_again(&mut self) {
        if self.phase == Phase::Talking && self.misheard < MAX_UNCLEAR {
            self.misheard += 1;
            let phrase = self.config.phrases.not_understood.clone();
            self.say(&phrase);
        }
    }
}
