//! Which time zones a phone number may be in.
//!
//! The table is libphonenumber's (see the head of `zones.tsv` for its version); the longest
//! prefix decides. Where several zones remain, a window must be open in all of them.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono_tz::Tz;

use crate::{E164, regions};

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

/// Of each prefix that leaves several zones open, the first that leaves the same ones.
static FIRST: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut first: BTreeMap<Vec<&'static str>, &'static str> = BTreeMap::new();
    let several = TABLE.iter().filter(|row| row.1.len() > 1);
    several
        .map(|(prefix, zones)| {
            let names = zones.iter().map(|zone| zone.name()).collect();
            (*prefix, *first.entry(names).or_insert(*prefix))
        })
        .collect()
});

/// The zones that a number may be in; empty when its prefix is unknown.
#[must_use]
pub fn of_number(number: &E164) -> &'static [Tz] {
    longest(number.digits()).map_or(&[], |row| row.1.as_slice())
}

/// A zone's name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone: give an IANA name such as America/New_York")]
pub struct NotAZone(pub String);

/// Reads an IANA name.
///
/// # Errors
/// [`NotAZone`] keeps the rejected text.
pub fn read(name: &str) -> Result<Tz, NotAZone> {
    name.parse().map_err(|_| NotAZone(name.to_owned()))
}

/// The key under which a lead waits: leads of one key share their windows, so those of a closed
/// zone never delay those of an open one. `z:` and a zone's name when the zone is certain (the
/// lead's own, or its number's only one), else `p:` and a prefix that leaves the same zones open; then `|` and the
/// number's region, or the prefix that leaves that open. A key holds what is known of the number and no law:
/// what the law says there is looked up when it is used, so that it may change while leads wait.
#[must_use]
pub fn key_of(phone: &E164, own: Option<Tz>) -> String {
    let digits = phone.digits();
    let area = regions::of_digits(digits);
    let zone = match (own, longest(digits)) {
        (Some(zone), _) => format!("z:{}", zone.name()),
        (None, Some((_, zones))) if zones.len() == 1 => format!("z:{}", zones[0].name()),
        (None, Some((prefix, _))) => {
            // Prefixes of the same zones share a key, which keeps a campaign's keys few; not one that alone tells the region.
            let first = area.and_then(|_| FIRST.get(prefix)).unwrap_or(prefix);
            format!("p:{first}")
        }
        (None, None) => "z:UTC".to_owned(),
    };
    match area {
        Some(area) => format!("{zone}|{}", area.name()),
        None => zone,
    }
}

/// The zones that a key stands for.
#[must_use]
pub fn of_key(key: &str) -> Vec<Tz> {
    let (zone, _) = key.split_once('|').unwrap_or((key, ""));
    match zone.split_once(':') {
        Some(("z", name)) => name.parse().into_iter().collect(),
        Some(("p", prefix)) => longest(prefix).map(|row| row.1.clone()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Every prefix of the table, with its zones.
pub(crate) fn rows() -> impl Iterator<Item = (&'static str, &'static [Tz])> {
    TABLE.iter().map(|(prefix, zones)| (*prefix, zones.as_slice()))
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
    fn a_key_gives_back_its_zones() {
        let phone = "+14155550100".parse().unwrap();
        assert_eq!(key_of(&phone, None), "z:America/Los_Angeles|US-CA");
        assert_eq!(key_of(&phone, Some(Europe::London)), "z:Europe/London|US-CA");
        assert_eq!(of_key(&key_of(&phone, None)), [America::Los_Angeles]);
        let free = "+18005550100".parse().unwrap();
        assert_eq!(key_of(&free, None), "p:1|1");
        assert_eq!(of_key(&key_of(&free, None)), of_number(&free));
        assert_eq!(key_of(&"+9995550100".parse().unwrap(), None), "z:UTC");
        // Two exchanges of Idaho between the same zones.
        let idaho = key_of(&"+12083130100".parse().unwrap(), None);
        assert_eq!(key_of(&"+12083030100".parse().unwrap(), None), idaho);
        assert_eq!(of_key(&idaho), of_number(&"+12083130100".parse().unwrap()));
    }

    #[test]
    fn a_campaign_over_the_whole_country_has_few_keys() {
        let numbers = rows().filter(|(prefix, _)| prefix.starts_with('1') && prefix.len() >= 4);
        let numbers = numbers.map(|(prefix, _)| format!("+{prefix:2<11}").parse::<E164>().unwrap());
        let keys: std::collections::BTreeSet<String> = numbers
            .inspect(|number| assert_eq!(of_key(&key_of(number, None)), of_number(number)))
            .map(|number| key_of(&number, None))
            .collect();
        assert!((60..140).contains(&keys.len()), "{}: {keys:?}", keys.len());
    }
}
