//! How a session ends.

use super::output::{EndedBy, Next, OptOutBy, Output, Work};
use super::{Phase, Session};

impl Session {
    /// Says last words; when they have been heard, the session is over.
    pub(super) fn close(&mut self, next: Next, by: EndedBy, phrase: &str) {
        if !matches!(self.phase, Phase::Opening { .. } | Phase::Talking) {
            return;
        }
        self.abandon_reply();
        self.detach_caller();
        self.phase = Phase::Closing {
            next,
            by,
            until: self.now + self.config.timings.closing_ms,
        };
        self.say(phrase);
    }

    /// Nothing more is said. What the caller said last is still recognised.
    pub(super) fn finish(&mut self, next: Next, by: EndedBy) {
        if matches!(self.phase, Phase::Ending { .. } | Phase::Finished) {
            return;
        }
        self.abandon_reply();
        self.detach_caller();
        self.stats.ended_by = by;
        let linger_ms = match by {
            EndedBy::Caller => self.config.timings.linger_ms,
            // They wait on the line meanwhile.
            EndedBy::Agent | EndedBy::Silence | EndedBy::TimeLimit | EndedBy::Machine => {
                self.config.timings.linger_ms / 2
            }
            EndedBy::Providers | EndedBy::LineLost | EndedBy::Platform => 0,
        };
        self.phase = Phase::Ending {
            next,
            until: self.now + linger_ms,
        };
    }

    /// Ends a closing whose words are heard, and an ending that waits for nothing.
    pub(super) fn end_if_quiet(&mut self) {
        if let Phase::Closing { next, by, .. } = self.phase
            && self.reply.is_none()
        {
            self.finish(next, by);
        }
        // The model opted the caller out and said nothing about hanging up.
        if self.opted_out && self.phase == Phase::Talking && self.reply.is_none() {
            self.finish(Next::Hangup, EndedBy::Agent);
        }
        if let Phase::Ending { next, until } = self.phase {
            self.past_progress();
            if self.past.is_empty() || self.now >= until {
                self.finish_now(next);
            }
        }
    }

    /// The end: every line is out, and nothing follows.
    pub(super) fn finish_now(&mut self, next: Next) {
        self.abandon_reply();
        self.detach_caller();
        while let Some(turn) = self.past.pop_front() {
            self.record(&turn, true);
        }
        self.transcript.release(None, &mut self.out);
        self.stats.duration_ms = self.now;
        self.count_listening();
        self.phase = Phase::Finished;
        self.out.push_back(Output::Finish(next));
    }

    /// The carrier says that the stream is over.
    pub(super) fn hung_up(&mut self) {
        self.finish(Next::Hangup, EndedBy::Caller);
    }

    /// The socket broke: the call itself may live, and is continued.
    pub(super) fn line_lost(&mut self) {
        let next = if let Phase::Closing { next, .. } = self.phase {
            next
        } else {
            Next::Resume
        };
        self.finish(next, EndedBy::LineLost);
    }

    /// A key was pressed.
    pub(super) fn key(&mut self, key: char) {
        if self.config.opt_out_key == Some(key) {
            self.opt_out(OptOutBy::Key);
        }
    }

    /// The person does not want to be called: recorded at once, confirmed, over.
    pub(super) fn opt_out(&mut self, by: OptOutBy) {
        // A machine's greeting asks for nothing.
        if matches!(self.phase, Phase::Machine { .. }) {
            return;
        }
        self.record_opt_out(by);
        let phrase = self.config.phrases.opted_out.clone();
        self.close(Next::Hangup, EndedBy::Agent, &phrase);
    }

    /// Records the opt-out, once.
    pub(super) fn record_opt_out(&mut self, by: OptOutBy) {
        if !std::mem::replace(&mut self.opted_out, true) {
            self.out.push_back(Output::OptOut(by));
        }
    }

    /// The recogniser broke or hangs: the next one listens, or nobody can.
    pub(super) fn stt_failed(&mut self) {
        let [failures, ..] = &mut self.stats.failures;
        *failures += 1;
        self.count_listening();
        // What it was asked is lost; the caller will be asked to say it again.
        for turn in self.caller.iter_mut().chain(&mut self.past) {
            turn.asked.clear();
        }
        if matches!(self.phase, Phase::Ending { .. }) {
            return;
        }
        if let Some(choice) = self.stt.next() {
            self.out.push_back(Output::OpenStt { choice });
        } else {
            self.deaf = true;
            self.caller = None;
            self.providers_lost();
        }
    }

    /// Counts what the recogniser in use has listened to since the last count.
    pub(super) fn count_listening(&mut self) {
        let listened_ms = self.now - std::mem::replace(&mut self.listening_since, self.now);
        Work::add(&mut self.stats.work.heard_ms, self.stt.choice(), listened_ms);
    }

    /// A part has no provider left: a goodbye, never dead air.
    pub(super) fn providers_lost(&mut self) {
        let phrase = self.config.phrases.fallback.clone();
        self.close(self.config.fallback, EndedBy::Providers, &phrase);
    }

    /// Nothing can be said any more, not even goodbye.
    pub(super) fn voice_lost(&mut self) {
        self.finish(self.config.fallback, EndedBy::Providers);
    }
}
