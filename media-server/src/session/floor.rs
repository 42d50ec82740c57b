//! Who may speak: interruptions, their taking back, and replies given up.

use trunkline_providers::llm::Speaker;

use super::caller::CallerTurn;
use super::output::Output;
use super::{Phase, Session, words};

/// Listening noises become an interruption when they do not end.
const LONG_BACKCHANNEL_MS: u64 = 1_500;

impl Session {
    /// Whether the agent is in the middle of a reply, speaking or interrupted.
    pub(super) fn has_floor(&self) -> bool {
        self.reply
            .as_ref()
            .is_some_and(|reply| reply.first_audio_ms.is_some())
    }

    /// Whether the reply has only just begun.
    pub(super) fn is_protected(&self) -> bool {
        self.protected_until().is_some_and(|until| self.now < until)
    }

    /// End of the reply's start that cannot be interrupted.
    pub(super) fn protected_until(&self) -> Option<u64> {
        let begun = self.reply.as_ref()?.first_audio_ms?;
        Some(begun + self.config.timings.protect_ms)
    }

    /// Whether the caller, who speaks while the agent does, means to interrupt.
    pub(super) fn consider_interruption(&mut self) {
        let Some(turn) = &self.caller else { return };
        if self.phase != Phase::Talking || self.paused.is_some() || !self.has_floor() || self.is_protected() {
            return;
        }
        let needed = if words::is_backchannel(&turn.partial) {
            LONG_BACKCHANNEL_MS
        } else if words::has_words(&turn.partial) {
            self.config.timings.barge_in_word_ms
        } else {
            self.config.timings.barge_in_ms
        };
        if turn.run_ms >= needed {
            self.interrupt();
        }
    }

    /// Silences the agent at once. Nothing is lost yet: it may go on.
    pub(super) fn interrupt(&mut self) {
        self.stats.barge_ins += 1;
        self.hold_back();
        self.paused = Some(self.now);
    }

    /// Makes the carrier drop what it has not played.
    fn hold_back(&mut self) {
        let unplayed = self.playout.end_ms().saturating_sub(self.now);
        self.stats.agent_speech_ms = self.stats.agent_speech_ms.saturating_sub(unplayed);
        self.out.push_back(Output::Clear { from_ms: self.now });
        self.playout.take_back(self.now);
    }

    /// Follows an interruption that may turn out to be none.
    pub(super) fn floor_progress(&mut self) {
        let Some(since) = self.paused else { return };
        match &self.caller {
            None => self.go_on(),
            Some(turn) => {
                // The recogniser is slow and the caller silent: better to go on than to wait.
                let silent = !turn.feeding && turn.run_ms < self.config.timings.resume_ms;
                if silent && self.now >= since + self.config.timings.resume_ms {
                    self.go_on();
                }
            }
        }
    }

    /// The agent goes on where it stopped.
    fn go_on(&mut self) {
        self.paused = None;
        self.stats.false_barge_ins += 1;
        let now = self.now;
        if let Some(speaking) = &mut self.speaking {
            speaking.part_ms = now;
        }
        if let Some(reply) = &mut self.reply {
            reply.part_ms = now;
        }
    }

    /// What the caller said over the agent was no interruption.
    pub(super) fn not_an_interruption(&mut self, turn: &CallerTurn) {
        self.record(turn, false);
        if self.paused.is_none() {
            return;
        }
        if turn.run_ms < self.config.timings.resume_ms {
            self.go_on();
        } else {
            // They spoke for long, and nobody remembers where the sentence was.
            self.abandon_reply();
            self.without_words(turn);
        }
    }

    /// Gives up what is being said or prepared; what was heard of it is kept.
    pub(super) fn abandon_reply(&mut self) {
        if self.paused.is_none() && self.playout.end_ms() > self.now {
            self.hold_back();
        } else {
            self.playout.take_back(self.now);
        }
        let pieces: Vec<_> = self.playout.abandon().collect();
        for piece in &pieces {
            self.piece_heard(piece);
        }
        self.close_line();
        self.aside = None;
        self.paused = None;
        if self.speaking.take().is_some() {
            self.out.push_back(Output::CancelSpeech);
        }
        let Some(reply) = self.reply.take() else { return };
        self.idle_since = self.now;
        if !reply.done {
            self.out.push_back(Output::CancelReply);
        }
        self.remember(Speaker::Agent, &reply.heard);
    }

    /// Throws away a reply of which nothing has been heard.
    pub(super) fn drop_unbegun_reply(&mut self) {
        if self
            .reply
            .as_ref()
            .is_some_and(|reply| reply.first_audio_ms.is_none())
        {
            self.abandon_reply();
        }
    }
}
