//! Who has heard whom in a conference, and for how long: what a test asks for, after the fact too.

use std::collections::BTreeMap;

use crate::audio::FRAME_MS;

/// Milliseconds of speech by who heard it and who said it; of the waiting sound by who heard it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    speech: BTreeMap<(String, String), u64>,
    waiting: BTreeMap<String, u64>,
}

impl Heard {
    /// A frame of this speaker has reached this listener.
    pub(super) fn speech(&mut self, by: &str, from: &str) {
        add(&mut self.speech, (by.to_owned(), from.to_owned()));
    }

    /// A frame of the waiting sound has.
    pub(super) fn waiting(&mut self, by: &str) {
        add(&mut self.waiting, by.to_owned());
    }

    /// Who heard whom for how many milliseconds.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        let pairs = self.speech.iter();
        pairs.map(|((by, from), ms)| (by.as_str(), from.as_str(), *ms))
    }

    /// Who heard the waiting sound for how many milliseconds.
    pub(crate) fn all_waiting(&self) -> impl Iterator<Item = (&str, u64)> {
        self.waiting.iter().map(|(by, ms)| (by.as_str(), *ms))
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, u64>, key: K) {
    *sums.entry(key).or_default() += u64::from(FRAME_MS);
}
