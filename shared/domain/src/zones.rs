//! Which time zones a phone number may be in.
//!
//! The table is libphonenumber's (see the head of `zones.tsv` for its version); the longest
//! prefix decides. Where several zones remain, a window must be open in all of them.

use std::sync::LazyLock;

use chrono_tz::Tz;

use crate::E164;

static TABLE: LazyLock<Vec<(&'static str, Vec<Tz>)>> = LazyLock::new(|| {
    // Sorted by prefix, as the file is; a zone that chrono-tz does not know is left out of its row.
    include_str!("zones.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(prefix, zones)| {
            (
                prefix,
                zones.split(' ').filter_map(|zone| zone.parse().ok()).collect(),
            )
        })
        .collect()
});

/// The zones that a number may be in; empty when its prefix is unknown.
#[must_use]
pub fn of_number(number: &E164) -> &'static [Tz] {
    longest(number.digits()).map_or(&[], |row| row.1.as_slice())
}

/// A short key under which numbers of the same zones are dialled: the table's prefix, so
/// that a queue holds one partition a prefix group and a closed zone never delays an open one.
#[must_use]
pub fn key_of_zones(zones: &[Tz]) -> String {
    let mut offset_names: Vec<&str> = zones.iter().map(|zone| zone.name()).collect();
    offset_names.sort_unstable();
    offset_names.dedup();
    match offset_names.as_slice() {
        [] => "UTC".to_owned(),
        [one] => (*one).to_owned(),
        many => {
            let hash = many
                .iter()
                .flat_map(|name| name.bytes())
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
                });
            format!("{}+{hash:016x}", many[0])
        }
    }
}

fn longest(digits: &str) -> Option<&'static (&'static str, Vec<Tz>)> {
    (1..=digits.len().min(9)).rev().find_map(|len| {
        let found = TABLE.binary_search_by(|row| row.0.cmp(&digits[..len])).ok()?;
        TABLE.get(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia, Europe};

    fn zones(text: &str) -> &'static [Tz] {
        of_number(&text.parse().unwrap())
    }

    #[test]
    fn an_area_code_has_its_zone() {
        assert_eq!(zones("+14155550100"), [America::Los_Angeles]);
        assert_eq!(zones("+12125550100"), [America::New_York]);
        assert_eq!(zones("+442079460018"), [Europe::London]);
        assert_eq!(zones("+919812345678"), [Asia::Calcutta]);
    }

    #[test]
    fn a_toll_free_number_may_be_anywhere_in_its_country() {
        assert!(zones("+18005550100").len() > 4);
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("zones.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count();
        assert_eq!(TABLE.len(), rows);
        assert!(
            TABLE.iter().all(|row| !row.1.is_empty()),
            "a row without a known zone"
        );
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn the_same_zones_have_the_same_key() {
        assert_eq!(key_of_zones(&[America::New_York]), "America/New_York");
        assert_eq!(
            key_of_zones(&[America::New_York, America::Chicago]),
            key_of_zones(&[America::Chicago, America::New_York])
        );
    }
}
