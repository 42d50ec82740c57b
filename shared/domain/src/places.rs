//! Where the leads of a key may be: each zone with each region that it may be in there.

use chrono_tz::Tz;

use crate::{
    regions::{self, Region},
    zones,
};

/// A zone, and whose law holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What the clocks show.
    pub zone: Tz,
    /// Whose law holds; none: no table knows.
    pub region: Option<Region>,
}

/// The places that a lead's key (see [`zones::key_of`]) stands for; never empty.
///
/// A lead's own zone moves its clock, not its law: a number of Florida is called by Florida's law wherever its owner lives. Where the number leaves
/// the region open (a toll-free one), each zone has the regions that it may be in there.
///
/// Keys from before regions were in them, and those that name a region that the tables no longer have, are read by their zones alone: each
/// with every region that has it. So a lead never waits under a key that nobody reads.
#[must_use]
pub fn of_key(key: &str) -> Vec<Place> {
    let (zone, name) = key.split_once('|').unwrap_or((key, ""));
    let mut zones = zones::of_key(zone);
    if zones.is_empty() {
        zones.push(Tz::UTC);
    }
    let by_prefix = zone.strip_prefix("p:").filter(|_| name.is_empty());
    let named = match by_prefix {
        Some(prefix) => regions::of_digits(prefix).map(|area| area.regions.as_slice()),
        None => regions::area(name),
    };
    zones.into_iter().flat_map(|zone| at(zone, named)).collect()
}

fn at(zone: Tz, named: Option<&'static [Region]>) -> Vec<Place> {
    let found: Vec<Region> = match named {
        Some([only]) => vec![*only],
        Some(several) => {
            let there = several.iter().filter(|region| region.zones().contains(&zone));
            let there: Vec<Region> = there.copied().collect();
            // A zone of the lead's own may be outside them all.
            if there.is_empty() { several.to_vec() } else { there }
        }
        None => regions::in_zone(zone).collect(),
    };
    match found.as_slice() {
        [] => vec![Place { zone, region: None }],
        [_, ..] => found
            .into_iter()
            .map(|region| Place {
                zone,
                region: Some(region),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Europe};

    fn of(key: &str) -> Vec<(Tz, &'static str)> {
        let places = of_key(key).into_iter();
        places
            .map(|place| (place.zone, place.region.map_or("", Region::code)))
            .collect()
    }

    fn of_number(number: &str, own: Option<Tz>) -> Vec<(Tz, &'static str)> {
        of(&zones::key_of(&number.parse().unwrap(), own))
    }

    #[test]
    fn a_number_is_in_its_state() {
        assert_eq!(of_number("+13055550100", None), [(America::New_York, "US-FL")]);
        assert_eq!(
            of_number("+16055550100", None),
            [
                (America::Denver, "US-SD"),
                (America::North_Dakota::Center, "US-SD")
            ]
        );
    }

    #[test]
    fn a_zone_of_its_own_moves_the_clock_and_not_the_law() {
        assert_eq!(
            of_number("+13055550100", Some(America::Los_Angeles)),
            [(America::Los_Angeles, "US-FL")]
        );
    }

    #[test]
    fn a_toll_free_number_is_in_every_state_by_that_states_clock() {
        let places = of_number("+18005550100", None);
        assert!(places.contains(&(America::New_York, "US-FL")), "{places:?}");
        assert!(places.contains(&(America::Chicago, "US-TX")));
        assert!(!places.contains(&(America::Los_Angeles, "US-FL")));
        let west = of_number("+18005550100", Some(America::Los_Angeles));
        assert!(west.contains(&(America::Los_Angeles, "US-WA")), "{west:?}");
        assert!(west.iter().all(|(_, region)| *region != "US-FL"), "{west:?}");
        // Abroad with an American number: every state's law may be meant.
        assert!(of_number("+18005550100", Some(Europe::London)).contains(&(Europe::London, "US-FL")));
    }

    #[test]
    fn keys_of_older_tables_still_lead_somewhere() {
        // Without a region, as leads waited before there were any.
        let new_york = of("z:America/New_York");
        assert!(
            new_york.contains(&(America::New_York, "US-FL"))
                && new_york.contains(&(America::New_York, "US-NY"))
        );
        assert_eq!(of("z:Asia/Kolkata").len(), 1);
        assert_eq!(
            of("p:1605"),
            [
                (America::Denver, "US-SD"),
                (America::North_Dakota::Center, "US-SD")
            ]
        );
        assert_eq!(of("p:1").len(), of("p:1|1").len());
        // A region, a prefix and a zone that are gone.
        assert_eq!(of("z:America/New_York|US-XX"), new_york);
        assert_eq!(
            of("z:America/New_York|1999").len(),
            of("z:America/New_York|1").len()
        );
        for key in ["z:UTC", "z:Mars/Olympus|XX", "", "x", "z:", "p:|", "|||"] {
            assert_eq!(of(key), [(Tz::UTC, "")], "{key}");
        }
    }
}
