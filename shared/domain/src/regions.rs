//! The country, and the state or province, that a phone number belongs to.
//!
//! The table is made by `tables.py` from libphonenumber's data (see the head of `regions.tsv`); the longest prefix decides. An area code
//! tells the state that a number was given out in, which the states' laws take as where its owner lives until they know better.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono_tz::Tz;

use crate::{E164, zones};

/// A country (`FR`, ISO 3166) or one of its states (`US-FL`, ISO 3166-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

impl Region {
    /// As ISO writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// The country, without the state.
    #[must_use]
    pub fn country(self) -> &'static str {
        self.0.split_once('-').map_or(self.0, |(country, _)| country)
    }

    /// The zones that its numbers may be in.
    #[must_use]
    pub fn zones(self) -> &'static [Tz] {
        ZONES.get(&self).map_or(&[], Vec::as_slice)
    }
}

/// The regions of all numbers that begin alike.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Area {
    /// How they begin.
    prefix: &'static str,
    /// Where they may be; never empty.
    pub(crate) regions: Vec<Region>,
}

impl Area {
    /// A name that [`area`] takes back: the region, or the prefix where that leaves several.
    pub(crate) fn name(&self) -> &'static str {
        match self.regions.as_slice() {
            [only] => only.code(),
            [] | [_, ..] => self.prefix,
        }
    }
}

static TABLE: LazyLock<Vec<Area>> = LazyLock::new(|| {
    // Sorted by prefix, as the file is.
    include_str!("regions.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(prefix, regions)| Area {
            prefix,
            regions: regions.split(' ').map(Region).collect(),
        })
        .collect()
});

/// An area of toll-free numbers names every region and every zone: that tells nothing of which belongs to which.
const TOLD_APART: usize = 8;

static ZONES: LazyLock<BTreeMap<Region, Vec<Tz>>> = LazyLock::new(|| {
    let mut of: BTreeMap<Region, Vec<Tz>> = BTreeMap::new();
    for (prefix, zones) in zones::rows() {
        let regions = of_digits(prefix).map_or(&[][..], |area| area.regions.as_slice());
        for region in regions.iter().filter(|_| regions.len() <= TOLD_APART) {
            let known = of.entry(*region).or_default();
            known.extend(zones);
            known.sort_unstable_by_key(|zone| zone.name());
            known.dedup();
        }
    }
    of
});

/// The regions that a number may be in; empty when its calling code is unknown.
#[must_use]
pub fn of_number(number: &E164) -> &'static [Region] {
    of_digits(number.digits()).map_or(&[], |area| area.regions.as_slice())
}

/// Every region that has a number.
pub fn all() -> impl Iterator<Item = Region> {
    let named = TABLE.iter().flat_map(|area| area.regions.iter().copied());
    named.collect::<std::collections::BTreeSet<_>>().into_iter()
}

/// The regions whose numbers may be in a zone.
pub(crate) fn in_zone(zone: Tz) -> impl Iterator<Item = Region> {
    let holds = move |(region, zones): (&Region, &Vec<Tz>)| zones.contains(&zone).then_some(*region);
    ZONES.iter().filter_map(holds)
}

/// What [`Area::name`] stands for; none: no table knew or knows it.
pub(crate) fn area(name: &str) -> Option<&'static [Region]> {
    let found = match TABLE.binary_search_by(|area| area.prefix.cmp(name)) {
        Ok(at) => TABLE.get(at).map(|area| area.regions.as_slice()),
        Err(_) => TABLE.iter().find_map(|area| {
            let at = area.regions.iter().position(|region| region.code() == name)?;
            area.regions.get(at..=at)
        }),
    };
    // A prefix that a later table has no row for is in what is left of it.
    found.or_else(|| of_digits(name).map(|area| area.regions.as_slice()))
}

/// The area of the longest prefix.
pub(crate) fn of_digits(digits: &str) -> Option<&'static Area> {
    (1..=digits.len().min(4)).rev().find_map(|len| {
        let prefix = digits.get(..len)?;
        let found = TABLE.binary_search_by(|area| area.prefix.cmp(prefix)).ok()?;
        TABLE.get(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Europe};

    fn of(text: &str) -> Vec<&'static str> {
        let regions = of_number(&text.parse().unwrap());
        regions.iter().map(|region| region.code()).collect()
    }

    #[test]
    fn an_area_code_has_its_state() {
        for (number, region) in [
            ("+13055550100", "US-FL"),
            ("+12125550100", "US-NY"),
            ("+12025550100", "US-DC"),
            ("+12035550100", "US-CT"),
            ("+13105550100", "US-CA"),
            ("+17135550100", "US-TX"),
            ("+17875550100", "US-PR"),
            ("+14165550100", "CA-ON"),
            ("+18765550100", "JM"),
            ("+33612345678", "FR"),
            ("+919812345678", "IN"),
        ] {
            assert_eq!(of(number), [region], "{number}");
        }
    }

    #[test]
    fn what_several_share_leaves_them_all() {
        assert_eq!(of("+19025550100"), ["CA-NS", "CA-PE"]);
        assert_eq!(of("+442079460018"), ["GB", "GG", "IM", "JE"]);
        let toll_free = of("+18005550100");
        assert!(toll_free.len() > 80 && toll_free.contains(&"US-FL") && toll_free.contains(&"BS"));
        assert_eq!(of("+9995550100"), [""; 0]);
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let lines = include_str!("regions.tsv").lines();
        assert_eq!(TABLE.len(), lines.filter(|line| !line.starts_with('#')).count());
        assert!(TABLE.is_sorted_by(|a, b| a.prefix < b.prefix));
        let well_formed = |region: &Region| {
            let (country, state) = region.code().split_once('-').unwrap_or((region.code(), "AA"));
            [country, state]
                .iter()
                .all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
        };
        for area in TABLE.iter() {
            assert!(area.prefix.bytes().all(|byte| byte.is_ascii_digit()), "{area:?}");
            assert!(
                !area.regions.is_empty() && area.regions.iter().all(well_formed),
                "{area:?}"
            );
        }
    }

    #[test]
    fn every_area_is_found_again_by_its_name() {
        for known in TABLE.iter() {
            assert_eq!(area(known.name()), Some(known.regions.as_slice()), "{known:?}");
        }
        assert_eq!(area("US-XX"), None);
        assert_eq!(area("1999").map(<[Region]>::len), area("1").map(<[Region]>::len));
    }

    #[test]
    fn every_state_has_its_zones() {
        let zones = |code: &str| area(code).unwrap()[0].zones();
        assert_eq!(zones("US-FL"), [America::Chicago, America::New_York]);
        assert_eq!(zones("US-WA"), [America::Los_Angeles]);
        assert_eq!(zones("FR"), [Europe::Paris]);
        let without: Vec<_> = all().filter(|region| region.zones().is_empty()).collect();
        assert_eq!(without, [], "regions without a zone");
        assert!(in_zone(America::Denver).any(|region| region.code() == "US-UT"));
    }
}
