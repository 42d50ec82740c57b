//! When something is due, and what happens then.

use super::output::EndedBy;
use super::{Next, Phase, Session};

impl Session {
    /// When the session wants [`super::Input::Timeout`], ms from the stream's
    /// start, should nothing happen before. `None` before the start and after the end.
    #[must_use]
    pub fn next_timeout(&self) -> Option<u64> {
        let timings = &self.config.timings;
        let phase = match self.phase {
            Phase::New | Phase::Finished => return None,
            Phase::Opening { .. } => self.greet_at(),
            Phase::Talking => min(self.in_vain_at(), min(self.filler_at(), self.silence_at())),
            Phase::Machine { .. } => self.machine_at(),
            Phase::Closing { until, .. } => Some(until),
            Phase::Ending { until, .. } => {
                return Some(until.min(timings.max_duration_ms + timings.grace_ms));
            }
        };
        let voice = min(self.stt_at(), min(self.llm_at(), self.tts_at()));
        let due = min(min(phase, voice), min(self.caller_at(), self.playout_at()));
        let due = due.unwrap_or(u64::MAX).min(self.media_at()).min(self.limit_at());
        // Never in the past: should a step not happen when it is due, that costs a
        // wake-up a millisecond, not a spinning core.
        Some(due.max(self.now + 1))
    }

    /// Ends what has lasted too long.
    pub(super) fn enforce_deadlines(&mut self) {
        let timings = &self.config.timings;
        let limit = timings.max_duration_ms;
        if self.now >= limit + timings.grace_ms {
            let next = match self.phase {
                Phase::Closing { next, .. } | Phase::Ending { next, .. } => next,
                Phase::New
                | Phase::Opening { .. }
                | Phase::Talking
                | Phase::Machine { .. }
                | Phase::Finished => Next::Hangup,
            };
            if self.phase != Phase::Finished {
                self.finish(next, EndedBy::TimeLimit);
                self.finish_now(next);
            }
            return;
        }
        match self.phase {
            Phase::New | Phase::Ending { .. } | Phase::Finished => return,
            Phase::Closing { next, by, until } if self.now >= until => self.finish(next, by),
            Phase::Machine { .. } if self.machine_at().is_some_and(|at| self.now >= at) => {
                self.machine_over()
            }
            Phase::Opening { .. } | Phase::Talking if self.now >= limit => {
                let phrase = self.config.phrases.out_of_time.clone();
                self.close(Next::Hangup, EndedBy::TimeLimit, &phrase);
            }
            Phase::Opening { .. } | Phase::Talking | Phase::Machine { .. } | Phase::Closing { .. } => {}
        }
        if self.now >= self.media_at() {
            self.line_lost();
        }
        if self.stt_at().is_some_and(|at| self.now >= at) {
            self.stt_failed();
        }
        if self.llm_at().is_some_and(|at| self.now >= at) {
            self.llm_failed();
        }
        if self.tts_at().is_some_and(|at| self.now >= at) {
            self.tts_failed();
        }
    }

    /// The next step towards the maximum duration.
    fn limit_at(&self) -> u64 {
        let limit = self.config.timings.max_duration_ms;
        let last = limit + self.config.timings.grace_ms;
        match self.phase {
            Phase::Opening { .. } | Phase::Talking => limit,
            Phase::New
            | Phase::Machine { .. }
            | Phase::Closing { .. }
            | Phase::Ending { .. }
            | Phase::Finished => last,
        }
    }

    /// When a stream without audio is given up.
    fn media_at(&self) -> u64 {
        self.ear.last_frame_ms() + self.config.timings.media_ms
    }

    /// When the recogniser is late.
    fn stt_at(&self) -> Option<u64> {
        let turns = self.caller.iter().chain(&self.past);
        let oldest = turns
            .filter_map(|turn| turn.asked.front().map(|(_, at)| *at))
            .min()?;
        Some(oldest + self.config.timings.provider_ms)
    }

    /// When the model is late: counted while nothing of it is left to say.
    fn llm_at(&self) -> Option<u64> {
        let reply = self
            .reply
            .as_ref()
            .filter(|reply| !reply.done && self.paused.is_none())?;
        let waiting = reply.items.is_empty() && self.speaking.is_none();
        // A filler in the meantime is no sign of life.
        let played = reply.first_audio_ms.map_or(0, |_| self.playout.end_ms());
        waiting.then(|| reply.part_ms.max(played) + self.config.timings.provider_ms)
    }

    /// When the voice is late: counted while it is being listened to.
    fn tts_at(&self) -> Option<u64> {
        let speaking = self
            .speaking
            .as_ref()
            .filter(|_| self.wants_speech() && self.paused.is_none())?;
        Some(speaking.part_ms.max(self.playout.end_ms()) + self.config.timings.provider_ms)
    }

    /// The next step in the caller's turn, should frames stop coming.
    fn caller_at(&self) -> Option<u64> {
        let timings = &self.config.timings;
        let resume = self
            .paused
            .map(|since| since + timings.resume_ms)
            .filter(|at| *at > self.now);
        let Some(turn) = &self.caller else { return resume };
        let step = if turn.feeding {
            Some(self.ear.silent_for_at(timings.probe_ms))
        } else if turn.asked.is_empty() {
            let over = self.ear.silent_for_at(self.endpoint.delay_ms(&turn.text));
            let free = self.protected_until().filter(|until| *until > self.now);
            min(Some(over).filter(|at| *at > self.now), free)
        } else {
            None
        };
        min(step.filter(|at| *at > self.now), resume)
    }

    /// When the carrier needs more audio, or a mark counts as lost.
    fn playout_at(&self) -> Option<u64> {
        let timings = &self.config.timings;
        let lost = self.playout.heard_at(timings.mark_grace_ms);
        let ready = self.may_send() && self.playout.is_ready();
        let more = ready.then(|| self.playout.end_ms().saturating_sub(timings.low_lead_ms));
        min(lost, more)
    }
}

fn min(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
