//! Where a list of calls goes on: the index key of the last row that was answered.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use trunkline_domain::CallId;

use crate::{
    item::{Item, key, s},
    keys,
};

use super::META;

/// A place in a list of calls, just after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The row's index key: `time#id`.
    created: String,
    /// The row.
    call: CallId,
}

impl Place {
    /// Just after an index entry's row.
    pub(super) fn of(created: &str) -> Option<Self> {
        let (time, id) = created.split_once('#')?;
        let well_formed = time.len() == 24 && time.parse::<trunkline_domain::Instant>().is_ok();
        let call = id.parse().ok().filter(|_| well_formed)?;
        Some(Self {
            created: created.to_owned(),
            call,
        })
    }

    /// From a client's `cursor`.
    pub(super) fn read(cursor: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        Self::of(std::str::from_utf8(&bytes).ok()?)
    }

    /// For a client's `next_cursor`.
    pub(super) fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.created)
    }

    /// As the store wants it: the keys of table and index.
    pub(super) fn start_key(&self, index: &str, scope: &str) -> Item {
        let mut start = key(keys::call(self.call), META);
        start.insert(format!("{index}_pk"), s(scope));
        start.insert(format!("{index}_sk"), s(self.created.clone()));
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::id::derived;

    #[test]
    fn a_cursor_reads_back_as_the_place_it_was_written_from() {
        let at = "2026-11-22T10:00:00.123Z".parse().unwrap();
        let place = Place::of(&keys::created(at, CallId(derived("a call")))).unwrap();
        assert_eq!(Place::read(&place.write()), Some(place));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "x",
            "AAAA",
            &URL_SAFE_NO_PAD.encode("2026-11-22#nothing"),
            &URL_SAFE_NO_PAD.encode([0xff, 0xfe]),
        ] {
            assert_eq!(Place::read(text), None, "{text}");
        }
    }
}
