//! Which text belongs to which turn, and when a turn's text is whole.
//!
//! Texts carry the stretch of audio that they are for, so they find their turn
//! even when they come after its end, after a reset, or not at all.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::wire::Heard;
use crate::RATE_HZ;
use crate::stt::SttEvent;

/// How much of a turn's end a text may leave out and still be its last: one
/// step of the recogniser.
const LOOSE: u64 = RATE_HZ as u64 / 50;
/// The same for the answer to `Finalize`. Turns are further apart.
const LOOSE_FLUSHED: u64 = RATE_HZ as u64 / 5;
/// Turns that may wait for their text; a session asks for one after the other.
const WAITING_MAX: usize = 8;

/// A call's turns.
#[derive(Debug, Default)]
pub(super) struct Turns {
    waiting: VecDeque<Waiting>,
    /// The turn that is being spoken, from this sample on.
    from: u64,
    current: Words,
    /// All audio before it has its last text.
    fixed_until: u64,
}

/// A turn that has ended.
#[derive(Debug)]
struct Waiting {
    turn: u32,
    from: u64,
    until: u64,
    words: Words,
    deadline: Instant,
}

impl Turns {
    /// The turn ends before sample `at`; its text is waited for until `deadline`.
    pub(super) fn end(&mut self, turn: u32, at: u64, deadline: Instant) -> Vec<SttEvent> {
        self.waiting.push_back(Waiting {
            turn,
            from: self.from,
            until: at,
            words: std::mem::take(&mut self.current),
            deadline,
        });
        self.from = at;
        // Nothing of it is still to come when all of it is fixed.
        let mut ended = self.settle(self.fixed_until + LOOSE);
        while self.waiting.len() > WAITING_MAX {
            ended.extend(self.waiting.pop_front().map(Waiting::answer));
        }
        ended
    }

    /// What was said before sample `at`, since the last turn, does not count.
    pub(super) fn reset(&mut self, at: u64) {
        self.current = Words::default();
        self.from = at;
    }

    /// Takes a text, its stretch counted from the call's start.
    pub(super) fn hear(&mut self, heard: Heard) -> Vec<SttEvent> {
        let middle = heard.from.midpoint(heard.until);
        let mut events = Vec::new();
        let owner = self
            .waiting
            .iter_mut()
            .find(|waiting| (waiting.from..waiting.until).contains(&middle));
        if let Some(waiting) = owner {
            waiting.words.take(&heard);
        } else if middle >= self.from {
            self.current.take(&heard);
            events.extend(self.current.partial());
        }
        if heard.fixed {
            self.fixed_until = self.fixed_until.max(heard.until);
            let loose = if heard.flushed { LOOSE_FLUSHED } else { LOOSE };
            events.splice(0..0, self.settle(heard.until + loose));
        }
        events
    }

    /// Answers the turns whose audio lies before sample `until`: no more comes for them.
    pub(super) fn settle(&mut self, until: u64) -> Vec<SttEvent> {
        let mut events = Vec::new();
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.until <= until) {
            events.push(waiting.answer());
        }
        events
    }

    /// Answers the turns that were waited for long enough, with what is known.
    pub(super) fn give_up(&mut self, now: Instant) -> Vec<SttEvent> {
        let mut events = Vec::new();
        while let Some(waiting) = self.waiting.pop_front_if(|waiting| waiting.deadline <= now) {
            events.push(waiting.answer());
        }
        events
    }

    /// When somebody has to be answered.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.front().map(|waiting| waiting.deadline)
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Where the turns end whose text is still to come, after the connection was
    /// lost: they have this much longer.
    pub(super) fn ends(&mut self, deadline: Instant) -> Vec<u64> {
        let renew = |waiting: &mut Waiting| {
            waiting.deadline = deadline;
            waiting.until
        };
        self.waiting.iter_mut().map(renew).collect()
    }
}

impl Waiting {
    fn answer(self) -> SttEvent {
        SttEvent::Final {
            turn: self.turn,
            confidence: self.words.confidence(),
            text: self.words.text(),
        }
    }
}

/// The text of a turn so far.
#[derive(Debug, Default)]
struct Words {
    fixed: String,
    /// May still change.
    loose: String,
    /// Confidence by letters, for their mean.
    sure: f32,
    letters: f32,
    /// The text of the last partial.
    told: String,
}

impl Words {
    fn take(&mut self, heard: &Heard) {
        let text = heard.text.trim();
        if !heard.fixed {
            text.clone_into(&mut self.loose);
            return;
        }
        self.loose.clear();
        if text.is_empty() {
            return;
        }
        if !self.fixed.is_empty() {
            self.fixed.push(' ');
        }
        self.fixed.push_str(text);
        if let Some(confidence) = heard.confidence {
            let letters = text.len() as f32;
            self.sure += confidence * letters;
            self.letters += letters;
        }
    }

    fn text(&self) -> String {
        let parts = [self.fixed.as_str(), self.loose.as_str()];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn confidence(&self) -> Option<f32> {
        (self.letters > 0.0).then(|| (self.sure / self.letters).clamp(0.0, 1.0))
    }

    fn partial(&mut self) -> Option<SttEvent> {
        let text = self.text();
        if text.is_empty() || text == self.told {
            return None;
        }
        self.told.clone_from(&text);
        Some(SttEvent::Partial { text })
    }
}
