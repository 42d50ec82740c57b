//! A person is looked for who takes the caller over, while the agent goes on talking.

use super::config::People;
use super::output::{EndedBy, Next, Output};
use super::{Phase, Session};

/// How far the search for a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Search {
    /// Nobody is looked for.
    #[default]
    None,
    /// Somebody is. Who comes takes the call away, and the stream ends.
    Running,
    /// Nobody came, which the caller has not been told yet.
    InVain,
}

impl Session {
    /// The caller is to be given a person; what was said before it has been heard.
    pub(super) fn transfer(&mut self) {
        if self.config.handover == People::None {
            return self.finish(Next::Operator, EndedBy::Agent);
        }
        let begun = self.search == Search::Running;
        if !begun {
            self.search();
        }
        let phrases = &self.config.phrases;
        let phrase = if begun {
            &phrases.still_looking
        } else {
            &phrases.transferring
        };
        if let Some(reply) = &mut self.reply {
            reply.transfers(phrase);
        }
    }

    pub(super) fn search(&mut self) {
        self.search = Search::Running;
        self.out.push_back(Output::FindPerson);
    }

    /// Nobody will come: the caller is told when nobody speaks.
    pub(super) fn nobody_came(&mut self) {
        if self.search == Search::Running {
            self.search = Search::InVain;
        }
    }

    /// When it is to be said that nobody came: in the next moment in which nobody speaks.
    pub(super) fn in_vain_at(&self) -> Option<u64> {
        (self.phase == Phase::Talking && self.search == Search::InVain && self.is_idle()).then_some(self.now)
    }

    pub(super) fn tell_in_vain(&mut self) {
        self.search = Search::None;
        let phrase = self.config.phrases.nobody_came.clone();
        self.say(&phrase);
    }

    /// Whether neither side speaks or is about to.
    pub(super) fn is_idle(&self) -> bool {
        self.reply.is_none()
            && self.caller.is_none()
            && self.past.is_empty()
            && self.aside.is_none()
            && self.speaking.is_none()
            && self.playout.is_empty()
    }
}
