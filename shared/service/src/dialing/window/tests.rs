//! Which keys are open, by campaign, law and clock.

use chrono_tz::{America, Europe};
use trunkline_domain::{VoiceAgentId, id::derived, zones};

use super::*;
use crate::dialing::explain::tests::facts::{at, campaign, hours as hours_of_day};

fn key(number: &str, own: Option<Tz>) -> String {
    zones::key_of(&number.parse().unwrap(), own)
}

fn places_of(number: &str) -> Vec<Place> {
    places::of_key(&key(number, None))
}

const FLORIDA: &str = "+13055550100";
const ALABAMA: &str = "+12055550100";
const FRANCE: &str = "+33612345678";

#[test]
fn a_campaigns_hours_and_the_law_are_open_together() {
    let mut campaign = campaign();
    let open = |campaign: &Campaign, now: &str, legal| opening(campaign, &places_of(FLORIDA), legal, at(now));
    // A Tuesday, 19:30 in Florida, where the law ends at 20:00.
    campaign.hours = Some(hours_of_day(9 * 60, 22 * 60));
    let now = "2026-01-07T00:30:00Z";
    assert_eq!(
        open(&campaign, now, true),
        Opening::OpenUntil(at("2026-01-07T01:00:00Z"))
    );
    assert_eq!(
        open(&campaign, now, false),
        Opening::OpenUntil(at("2026-01-07T03:00:00Z"))
    );
    // The campaign begins an hour after the law.
    let night = "2026-01-07T05:00:00Z";
    assert_eq!(
        open(&campaign, night, true),
        Opening::ClosedUntil(at("2026-01-07T14:00:00Z"))
    );
    // An overnight shift meets the law in its first and its last hours.
    campaign.hours = Some(hours_of_day(18 * 60, 10 * 60));
    assert_eq!(
        open(&campaign, now, true),
        Opening::OpenUntil(at("2026-01-07T01:00:00Z"))
    );
    assert_eq!(
        open(&campaign, night, true),
        Opening::ClosedUntil(at("2026-01-07T13:00:00Z"))
    );
    let morning = "2026-01-07T13:00:00Z";
    assert_eq!(
        open(&campaign, morning, true),
        Opening::OpenUntil(at("2026-01-07T15:00:00Z"))
    );
}

#[test]
fn a_campaigns_own_zone_moves_its_hours_and_not_the_law() {
    let mut campaign = campaign();
    let mut own = hours_of_day(9 * 60, 17 * 60);
    own.timezone = Some(Europe::London);
    campaign.hours = Some(own);
    // 09:00 in London is 04:00 in Florida: the law opens at 13:00 UTC, London closes at 17:00.
    let found = opening(&campaign, &places_of(FLORIDA), true, at("2026-01-07T09:00:00Z"));
    assert_eq!(found, Opening::ClosedUntil(at("2026-01-07T13:00:00Z")));
    let found = opening(&campaign, &places_of(FLORIDA), true, at("2026-01-07T13:00:00Z"));
    assert_eq!(found, Opening::OpenUntil(at("2026-01-07T17:00:00Z")));
}

#[test]
fn hours_that_the_law_never_meets_are_never_open() {
    let mut campaign = campaign();
    campaign.hours = Some(hours_of_day(22 * 60, 6 * 60));
    assert_eq!(
        next_callable(&campaign, &places_of(FLORIDA), true, at("2026-01-07T09:00:00Z")),
        None
    );
}

#[test]
fn dialling_stops_a_ring_and_five_seconds_before_the_end_of_every_window() {
    let campaign = campaign();
    let keys = [key(FLORIDA, None), key(FRANCE, None)];
    let open = |now: &str| windows(&campaign, &keys, true, at(now)).open;
    // Florida ends at 01:00 UTC, and a phone rings for 30 s; France is asleep.
    assert_eq!(open("2026-01-07T00:59:24Z"), keys[..1]);
    assert_eq!(open("2026-01-07T00:59:25Z"), [""; 0]);
    // France goes to lunch at 12:00 UTC, and Florida has not begun.
    assert_eq!(open("2026-01-07T11:59:24Z"), keys[1..]);
    let lunch = windows(&campaign, &keys, true, at("2026-01-07T11:59:25Z"));
    assert_eq!(lunch.open, [""; 0]);
    assert_eq!(lunch.next_opening, Some(at("2026-01-07T12:00:00Z")));
    assert_eq!(
        windows(&campaign, &keys, true, at("2026-01-07T12:00:00Z")).next_opening,
        Some(at("2026-01-07T13:00:00Z"))
    );
    assert_eq!(open("2026-01-07T13:00:00Z"), keys);
    // The last instant is exact to the second.
    let after = next_callable(&campaign, &places_of(FRANCE), true, at("2026-01-07T11:59:25Z"));
    assert_eq!(after, Some(at("2026-01-07T13:00:00Z")));
}

#[test]
fn the_next_call_leaves_out_nights_sundays_and_holidays() {
    let campaign = campaign();
    let next = |number: &str, from: &str| next_callable(&campaign, &places_of(number), true, at(from));
    // Wednesday, 19:59:50 in Alabama: Thursday is Thanksgiving.
    assert_eq!(
        next(ALABAMA, "2026-11-26T01:59:50Z"),
        Some(at("2026-11-27T14:00:00Z"))
    );
    // Saturday night: Sunday is out.
    assert_eq!(
        next(ALABAMA, "2026-11-29T02:00:00Z"),
        Some(at("2026-11-30T14:00:00Z"))
    );
    // In Florida neither is.
    assert_eq!(
        next(FLORIDA, "2026-11-26T01:59:50Z"),
        Some(at("2026-11-26T13:00:00Z"))
    );
    // The night in which the clocks go forward, and the one in which they go back.
    assert_eq!(
        next(FLORIDA, "2026-03-08T06:59:00Z"),
        Some(at("2026-03-08T12:00:00Z"))
    );
    assert_eq!(
        next(FLORIDA, "2026-11-01T05:30:00Z"),
        Some(at("2026-11-01T13:00:00Z"))
    );
}

#[test]
fn a_machine_in_maine_is_a_machine_whoever_talks_first() {
    let mut campaign = campaign();
    let maine = places_of("+12075550100");
    // 17:00 in Maine.
    let evening = at("2026-11-23T22:00:00Z");
    assert!(matches!(
        opening(&campaign, &maine, true, evening),
        Opening::OpenUntil(_)
    ));
    let agent = VoiceAgentId(derived("agent"));
    campaign.fallback = trunkline_domain::campaign::Fallback::VoiceAgent(agent);
    assert!(matches!(
        opening(&campaign, &maine, true, evening),
        Opening::ClosedUntil(_)
    ));
    campaign.fallback = trunkline_domain::campaign::Fallback::Goodbye;
    campaign.voice_agent = Some(agent);
    assert!(matches!(
        opening(&campaign, &maine, true, evening),
        Opening::ClosedUntil(_)
    ));
}

#[test]
fn leads_under_keys_without_a_region_are_found_and_keep_to_every_law_of_their_zone() {
    let campaign = campaign();
    let old = [
        "z:America/New_York",
        "z:Asia/Calcutta",
        "p:12083",
        "z:UTC",
        "z:America/New_York|US-XX",
        "nonsense",
    ]
    .map(str::to_owned);
    // Each opens within a week, whenever it is asked for.
    for hour in 0..168 {
        let now = at("2026-11-23T00:00:00Z") + Duration::hours(hour);
        for key in &old {
            let found = next_callable(&campaign, &places::of_key(key), true, now);
            assert!(
                found.is_some_and(|found| found - now < Duration::days(5)),
                "{key} at {now}: {found:?}"
            );
        }
    }
    // Rhode Island's 18:00 is in New York's zone, so that is when what may be there ends.
    let key = [old[0].clone()];
    assert_eq!(
        windows(&campaign, &key, true, at("2026-11-23T22:00:00Z")).open,
        key
    );
    assert_eq!(
        windows(&campaign, &key, true, at("2026-11-23T23:00:00Z")).open,
        [""; 0]
    );
    assert_eq!(
        windows(&campaign, &key, false, at("2026-11-23T23:00:00Z")).open,
        key
    );
}

#[test]
fn a_leads_own_zone_moves_its_clock_under_its_numbers_law() {
    let campaign = campaign();
    let moved = [key(FLORIDA, Some(America::Los_Angeles))];
    // 20:00 in Florida, 17:00 where the lead is.
    assert_eq!(
        windows(&campaign, &moved, true, at("2026-01-07T01:00:00Z")).open,
        moved
    );
    // 20:00 where the lead is, by the law of Florida.
    assert_eq!(
        windows(&campaign, &moved, true, at("2026-01-07T04:00:00Z")).open,
        [""; 0]
    );
}

#[test]
fn no_law_is_kept_to_where_the_deployment_keeps_to_none() {
    let campaign = campaign();
    let found = opening(&campaign, &places_of(FLORIDA), false, at("2026-01-07T09:00:00Z"));
    assert!(matches!(found, Opening::OpenUntil(_)));
}
