//! How far a list of a campaign's leads has come.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use trunkline_domain::{Instant, LeadId};

use crate::{Result, StoreError};

/// A lead's place in the order of lists, whatever its status: `time#id`, as the index keys of all statuses end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(String);

impl Position {
    /// A lead's.
    #[cfg(test)]
    pub(crate) fn of(created_at: Instant, lead: LeadId) -> Self {
        Self(format!("{}#{lead}", crate::keys::time(created_at)))
    }

    /// From an index key, `status#time#id`.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::well_formed(key.split_once('#')?.1)
    }

    /// From a client's `cursor`.
    pub(crate) fn read(cursor: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::Cursor)?;
        let text = std::str::from_utf8(&bytes).ok();
        text.and_then(Self::well_formed).ok_or(StoreError::Cursor)
    }

    /// For a client's `next_cursor`.
    pub(crate) fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// As it ends an index key.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn well_formed(text: &str) -> Option<Self> {
        let (time, id) = text.split_once('#')?;
        id.parse::<LeadId>().ok()?;
        let time_is = time.len() == 24 && time.parse::<Instant>().is_ok();
        time_is.then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::id::derived;

    #[test]
    fn a_cursor_reads_back_as_the_position_it_was_written_from() {
        let at = "2026-11-22T10:00:00.123Z".parse().unwrap();
        let position = Position::of(at, LeadId(derived("a lead")));
        assert_eq!(Position::read(&position.write()).unwrap(), position);
    }

    #[test]
    fn what_is_no_position_is_refused() {
        let old = "0!pending#2026-11-22T10:00:00.123Z";
        for text in [
            "",
            "x",
            "AAAA",
            old,
            &URL_SAFE_NO_PAD.encode("2026-11-22#nothing"),
        ] {
            assert!(matches!(Position::read(text), Err(StoreError::Cursor)), "{text}");
        }
    }
}
