//! What one socket was told: the same news come by two ways, late and more than once. Pure.

use std::collections::{HashMap, VecDeque};

use super::port::News;

/// How many things are remembered; a desk has a handful of calls, a tenant some hundred human agents.
const REMEMBERED: usize = 512;

/// What one socket was told last about each thing.
#[derive(Debug, Default)]
pub(super) struct Seen {
    last: HashMap<Thing, Last>,
    /// Oldest first.
    order: VecDeque<Thing>,
}

/// What it is about, and for whose desk.
type Thing = (String, Option<String>);

#[derive(Debug, Clone, Copy)]
struct Last {
    seq: u64,
    is_card: bool,
}

impl Seen {
    /// Whether these are news here, which they are once.
    pub(super) fn is_new(&mut self, news: &News) -> bool {
        let thing = (news.about.clone(), news.desk.clone());
        let now = Last {
            seq: news.seq,
            is_card: news.is_card,
        };
        if let Some(last) = self.last.get_mut(&thing) {
            if news.seq <= last.seq {
                return false;
            }
            let again = last.is_card && news.is_card;
            *last = now;
            return !again;
        }
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.last.remove(&oldest);
        }
        self.order.push_back(thing.clone());
        self.last.insert(thing, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(about: &str, desk: &str, seq: u64, is_card: bool) -> News {
        News {
            tenant: "t".to_owned(),
            desk: Some(desk.to_owned()),
            about: about.to_owned(),
            seq,
            is_card,
            event: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_repetition_and_what_comes_too_late_are_no_news() {
        let mut seen = Seen::default();
        assert!(seen.is_new(&news("call", "ann", 2, true)));
        assert!(!seen.is_new(&news("call", "ann", 2, true)), "by the other way");
        assert!(seen.is_new(&news("call", "ann", 5, false)));
        assert!(
            !seen.is_new(&news("call", "ann", 4, true)),
            "a card after its call's end"
        );
    }

    #[test]
    fn a_card_that_is_shown_is_not_shown_again() {
        let mut seen = Seen::default();
        assert!(seen.is_new(&news("call", "ann", 2, true)));
        assert!(!seen.is_new(&news("call", "ann", 3, true)));
        assert!(seen.is_new(&news("call", "ann", 4, false)));
    }

    #[test]
    fn two_desks_on_one_socket_have_each_its_own() {
        let mut seen = Seen::default();
        assert!(seen.is_new(&news("call", "bob", 6, true)));
        assert!(
            seen.is_new(&news("call", "ann", 5, false)),
            "it left Ann before it rang Bob"
        );
    }

    #[test]
    fn it_remembers_no_more_than_it_should() {
        let mut seen = Seen::default();
        for n in 0..2 * REMEMBERED {
            assert!(seen.is_new(&news(&n.to_string(), "ann", 1, true)));
        }
        assert_eq!((seen.last.len(), seen.order.len()), (REMEMBERED, REMEMBERED));
        assert!(!seen.is_new(&news(&(2 * REMEMBERED - 1).to_string(), "ann", 1, true)));
    }
}
