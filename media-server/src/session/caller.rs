//! The caller's side: when a turn begins, what it says, when it is over.

use std::collections::VecDeque;

use trunkline_providers::llm::Speaker;

use super::ear::{ONSET_MS, Sound};
use super::output::{LineRecord, OptOutBy, Output, Track};
use super::{Phase, Session, words};
use crate::audio::{FRAME_MS, Frame};

/// Less voice than this is a noise; the recogniser is not asked about it.
const NOISE_MS: u64 = 100;

/// A caller who goes on this soon after a turn was taken to be over had only paused.
const WENT_ON_MS: u64 = 1_500;

/// Who speaks this soon into a reply has not heard it yet.
const REACTION_MS: u64 = 300;

/// What the caller says until the agent answers; may have pauses.
#[derive(Debug)]
pub(super) struct CallerTurn {
    pub(super) onset_ms: u64,
    pub(super) last_voice_ms: u64,
    /// Voice in all, and since the last pause.
    pub(super) voiced_ms: u64,
    pub(super) run_ms: u64,
    /// Whether frames go to the recogniser.
    pub(super) feeding: bool,
    /// Numbers and times of what the recogniser was asked.
    pub(super) asked: VecDeque<(u32, u64)>,
    pub(super) text: String,
    pub(super) partial: String,
    /// Whether the caller paused in it and went on.
    went_on: bool,
    confidence: Option<f32>,
}

impl CallerTurn {
    fn new(now: u64) -> Self {
        Self {
            onset_ms: (now + FRAME_MS).saturating_sub(ONSET_MS),
            last_voice_ms: now,
            voiced_ms: 0,
            run_ms: 0,
            feeding: true,
            asked: VecDeque::new(),
            text: String::new(),
            partial: String::new(),
            went_on: false,
            confidence: None,
        }
    }

    fn is_noise(&self) -> bool {
        self.voiced_ms < NOISE_MS && self.text.is_empty() && self.asked.is_empty()
    }

    /// Takes the recogniser's answer; false if it is not about this turn.
    fn take(&mut self, number: u32, text: &str, confidence: Option<f32>) -> bool {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == number) else {
            return false;
        };
        // Answers come in order: one that was skipped will never come.
        self.asked.drain(..=at);
        self.partial.clear();
        let text = text.trim();
        if words::has_words(text) {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(text);
            self.confidence = match (self.confidence, confidence) {
                (Some(before), Some(now)) => Some(before.min(now)),
                (before, now) => before.or(now),
            };
        }
        true
    }
}

impl Session {
    /// The caller's next 20 ms.
    pub(super) fn media(&mut self, frame: &Frame, speech: f32) {
        let sound = self.ear.frame(self.now, frame, speech);
        self.listen_for_machine(frame, sound != Sound::Silence);
        if self.deaf || matches!(self.phase, Phase::Ending { .. }) {
            return;
        }
        if self.caller.as_ref().is_some_and(|turn| turn.feeding) {
            self.out.push_back(Output::Feed(*frame));
        } else {
            self.ear.remember(frame);
            if sound == Sound::Began {
                self.voice_began();
            }
        }
        let voiced = match sound {
            Sound::Silence => {
                let silence = self.ear.silence_ms(self.now);
                if let Some(turn) = self.caller.as_mut().filter(|turn| turn.feeding) {
                    turn.last_voice_ms = turn
                        .last_voice_ms
                        .min(self.now.saturating_sub(silence))
                        .max(turn.onset_ms);
                }
                return;
            }
            Sound::Began => ONSET_MS,
            Sound::Voice => FRAME_MS,
        };
        self.stats.caller_speech_ms += voiced;
        self.idle_since = self.now;
        if let Some(turn) = &mut self.caller {
            turn.voiced_ms += voiced;
            turn.run_ms += voiced;
            turn.last_voice_ms = self.now;
        }
        self.consider_interruption();
    }

    fn voice_began(&mut self) {
        let now = self.now;
        if let Phase::Opening { hello } = &mut self.phase {
            hello.get_or_insert(now);
        }
        if let Some(turn) = &mut self.caller {
            self.endpoint
                .went_on_after(now.saturating_sub(turn.last_voice_ms + ONSET_MS));
            turn.feeding = true;
            turn.went_on = true;
            turn.run_ms = 0;
        } else {
            // Before the reply, or before anyone could react to it: the turn was not over after all.
            let cut_in = match &self.reply {
                Some(reply) => reply.first_audio_ms.is_none_or(|begun| now < begun + REACTION_MS),
                None => self.unanswered,
            };
            if let Some(before) = self.answered_voice_ms.take()
                && cut_in
                && now < before + WENT_ON_MS
            {
                self.endpoint.went_on_after(now.saturating_sub(before + ONSET_MS));
            }
            self.caller = Some(CallerTurn::new(now));
        }
        for frame in self.ear.preroll() {
            self.out.push_back(Output::Feed(frame));
        }
    }

    /// What the turn sounds like so far.
    pub(super) fn partial(&mut self, text: String) {
        if let Some(turn) = self.caller.as_mut().filter(|turn| turn.feeding) {
            turn.partial = text;
            self.consider_interruption();
        }
    }

    /// The recogniser's answer.
    pub(super) fn words(&mut self, number: u32, text: &str, confidence: Option<f32>) {
        self.stt.worked();
        if self.detector.is_some() && words::has_words(text) {
            self.heard_words = Some(text.to_owned());
        }
        let mut whole = None;
        if let Some(turn) = &mut self.caller
            && turn.take(number, text, confidence)
        {
            whole = Some(turn.text.clone());
            if words::has_words(text) {
                // A reply prepared without these words answers the wrong thing.
                self.drop_unbegun_reply();
            }
        } else if let Some(turn) = self
            .past
            .iter_mut()
            .find_map(|turn| turn.take(number, text, confidence).then_some(turn))
        {
            whole = Some(turn.text.clone());
        }
        if whole.is_some_and(|text| (self.config.opt_out)(&text)) {
            self.opt_out(OptOutBy::Speech);
        }
    }

    /// Asks the recogniser about what it was fed.
    pub(super) fn ask(&mut self, turn: &mut CallerTurn) {
        self.asked += 1;
        turn.feeding = false;
        turn.asked.push_back((self.asked, self.now));
        self.out.push_back(Output::EndOfTurn { turn: self.asked });
    }

    /// Lets go of the caller's turn: its words are recorded when they are known,
    /// but not replied to.
    pub(super) fn detach_caller(&mut self) {
        let Some(mut turn) = self.caller.take() else {
            return;
        };
        if turn.feeding {
            if turn.is_noise() {
                self.out.push_back(Output::ResetStt);
                return;
            }
            self.ask(&mut turn);
        }
        self.past.push_back(turn);
    }

    /// Records detached turns whose words are known.
    pub(super) fn past_progress(&mut self) {
        while self.past.front().is_some_and(|turn| turn.asked.is_empty()) {
            if let Some(turn) = self.past.pop_front() {
                self.record(&turn, true);
            }
        }
    }

    /// Writes down a turn: in the transcript, and in the history if it counts.
    pub(super) fn record(&mut self, turn: &CallerTurn, counts: bool) {
        if counts {
            self.remember(Speaker::User, &turn.text);
        }
        self.transcript.push(LineRecord {
            start_ms: turn.onset_ms,
            end_ms: turn.last_voice_ms,
            track: Track::Caller,
            text: turn.text.clone(),
            confidence: turn.confidence,
        });
    }

    /// Follows the caller's silence.
    pub(super) fn caller_progress(&mut self) {
        let silence = self.ear.silence_ms(self.now);
        let Some(turn) = &self.caller else { return };
        if turn.feeding {
            if silence < self.config.timings.probe_ms {
                return;
            }
            if turn.is_noise() {
                self.out.push_back(Output::ResetStt);
                self.caller = None;
                if let Phase::Opening { hello } = &mut self.phase {
                    *hello = None;
                }
                return;
            }
            if let Some(mut turn) = self.caller.take() {
                self.ask(&mut turn);
                self.caller = Some(turn);
            }
            return;
        }
        if !turn.asked.is_empty() {
            return;
        }
        match self.phase {
            Phase::Talking => self.known_words(silence),
            // The hello, a machine's greeting, a goodbye: noted, not answered.
            Phase::New
            | Phase::Opening { .. }
            | Phase::Machine { .. }
            | Phase::Closing { .. }
            | Phase::Ending { .. }
            | Phase::Finished => self.detach_caller(),
        }
    }

    /// The caller pauses, and what was said so far is known.
    fn known_words(&mut self, silence: u64) {
        let Some(turn) = self.caller.take() else { return };
        let has_words = words::has_words(&turn.text);
        if self.has_floor() {
            if !has_words || words::is_backchannel(&turn.text) {
                self.not_an_interruption(&turn);
                return;
            }
            if self.paused.is_none() {
                if self.is_protected() {
                    self.caller = Some(turn);
                    return;
                }
                self.interrupt();
            }
            self.abandon_reply();
        }
        let over = silence >= self.endpoint.delay_ms(&turn.text);
        if !has_words {
            if over {
                self.without_words(&turn);
            } else {
                self.caller = Some(turn);
            }
            return;
        }
        if self.reply.is_none() && (over || !words::is_unfinished(&turn.text)) {
            self.start_reply(Some(&turn.text));
        }
        if over {
            self.turn_over(&turn);
        } else {
            self.caller = Some(turn);
        }
    }

    /// The caller has finished: the reply may be spoken.
    fn turn_over(&mut self, turn: &CallerTurn) {
        self.record(turn, true);
        self.stats.turns += 1;
        if !turn.went_on {
            self.endpoint.was_right();
        }
        self.unanswered = true;
        self.prompts = 0;
        self.misheard = 0;
        self.answered_voice_ms = Some(turn.last_voice_ms);
        self.commit_reply(Some(turn.last_voice_ms));
    }
}
