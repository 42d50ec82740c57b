//! What the data says, and that it is whole.

use std::collections::BTreeSet;

use chrono_tz::{America, Australia, Europe};

use super::*;
use crate::{hours::all_open, places, regions, zones};

fn utc(text: &str) -> Instant {
    text.parse().unwrap()
}

/// How a number's law stands, by its places alone.
fn opening(number: &str, now: &str, automated: bool) -> Opening {
    let places = places::of_key(&zones::key_of(&number.parse().unwrap(), None));
    all_open(&rules_at(&places, automated), utc(now), |(rule, zone), at| {
        rule.opening(at, *zone)
    })
}

fn open_until(number: &str, now: &str, end: &str) {
    let found = opening(number, now, false);
    assert_eq!(found, Opening::OpenUntil(utc(end)), "{number} at {now}");
}

fn closed_until(number: &str, now: &str, start: &str) {
    let found = opening(number, now, false);
    assert_eq!(found, Opening::ClosedUntil(utc(start)), "{number} at {now}");
}

const FLORIDA: &str = "+13055550100";
const NEW_YORK: &str = "+12125550100";
const ALABAMA: &str = "+12055550100";
const TEXAS: &str = "+12145550100";
const MAINE: &str = "+12075550100";
const FRANCE: &str = "+33612345678";
const ONTARIO: &str = "+14165550100";
const GERMANY: &str = "+4930123456";

#[test]
fn every_row_is_read_and_is_of_a_place_that_has_numbers() {
    let rows = rows::read(include_str!("../law.tsv"));
    let wrong: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
    assert_eq!(wrong, [""; 0]);
    let known: BTreeSet<&str> = regions::all()
        .flat_map(|region| [region.code(), region.country()])
        .chain([ELSEWHERE])
        .collect();
    for row in rows.into_iter().flatten() {
        assert!(known.contains(row.jurisdiction), "{row:?}");
        assert!(
            row.citation.len() > 10 && row.start_min < row.end_min && !row.days.is_empty(),
            "{row:?}"
        );
        assert!(
            row.checked
                .is_none_or(|checked| row.since.is_none_or(|since| since <= checked)),
            "{row:?}"
        );
    }
    assert!(version().parse::<NaiveDate>().is_ok(), "{}", version());
    assert!(RULES.iter().any(|rule| rule.jurisdiction == ELSEWHERE));
}

#[test]
fn what_is_no_row_is_told_with_its_line() {
    let good = "US-XX\tall\tmo-fr\t08:00\t20:00\t-\t-\t2026-11-23\tA statute of some state";
    assert!(rows::read(good)[0].is_ok());
    for (from, to) in [
        ("all", "some"),
        ("mo-fr", "fr-mo"),
        ("mo-fr", "monday"),
        ("08:00", "8:00"),
        ("08:00", "08:60"),
        ("20:00", "08:00"),
        ("20:00", "24:01"),
        ("20:00\t-", "20:00\tUS-XX"),
        ("2026-11-23", "yesterday"),
        ("A statute of some state", " "),
        ("\tA statute of some state", ""),
        ("US-XX", ""),
    ] {
        let bad: &'static str = Box::leak(good.replacen(from, to, 1).into_boxed_str());
        let told = rows::read(bad)[0].clone().unwrap_err();
        assert!(told.starts_with("law.tsv, line 1: "), "{bad}: {told}");
    }
}

#[test]
fn florida_ends_an_hour_before_the_country_does() {
    // A Monday in winter, 19:30 in both.
    open_until(FLORIDA, "2026-01-06T00:30:00Z", "2026-01-06T01:00:00Z");
    open_until(NEW_YORK, "2026-01-06T00:30:00Z", "2026-01-06T02:00:00Z");
    closed_until(FLORIDA, "2026-01-06T01:00:00Z", "2026-01-06T13:00:00Z");
}

#[test]
fn sundays_and_holidays_are_left_out_where_the_law_says_so() {
    // Saturday night to Monday morning.
    closed_until(ALABAMA, "2026-11-22T02:00:00Z", "2026-11-23T14:00:00Z");
    // The evening before Thanksgiving to the Friday after it.
    closed_until(ALABAMA, "2026-11-26T02:00:00Z", "2026-11-27T14:00:00Z");
    // New York is called then.
    open_until(NEW_YORK, "2026-11-26T15:00:00Z", "2026-11-27T02:00:00Z");
    let thanksgiving = rules(
        regions::of_number(&ALABAMA.parse().unwrap()).first().copied(),
        false,
    );
    let state = thanksgiving
        .iter()
        .find(|rule| rule.jurisdiction == "US-AL")
        .unwrap();
    let day = state.day("2026-11-26".parse().unwrap());
    assert_eq!((day.spans, day.holiday), (Vec::new(), Some("Thanksgiving Day")));
}

#[test]
fn a_sunday_in_texas_begins_at_noon() {
    closed_until(TEXAS, "2026-11-22T15:00:00Z", "2026-11-22T18:00:00Z");
    open_until(TEXAS, "2026-11-22T18:00:00Z", "2026-11-23T03:00:00Z");
}

#[test]
fn france_has_its_lunch_its_weekend_and_its_14th_of_july() {
    open_until(FRANCE, "2026-11-23T09:00:00Z", "2026-11-23T12:00:00Z");
    closed_until(FRANCE, "2026-11-23T12:00:00Z", "2026-11-23T13:00:00Z");
    closed_until(FRANCE, "2026-11-20T19:00:00Z", "2026-11-23T09:00:00Z");
    // In summer time, over a Tuesday.
    closed_until(FRANCE, "2026-07-13T18:00:00Z", "2026-07-15T08:00:00Z");
}

#[test]
fn canada_has_other_hours_at_the_weekend() {
    open_until(ONTARIO, "2026-01-06T02:00:00Z", "2026-01-06T02:30:00Z");
    open_until(ONTARIO, "2026-01-10T22:30:00Z", "2026-01-10T23:00:00Z");
    closed_until(ONTARIO, "2026-01-10T14:30:00Z", "2026-01-10T15:00:00Z");
}

#[test]
fn australia_rests_on_the_days_in_lieu_of_christmas() {
    // Thursday the 24th, 20:00 in Sydney (UTC+11): Friday Christmas, Saturday and Monday Boxing Day.
    let rule = rules(
        regions::of_number(&"+61212345678".parse().unwrap())
            .first()
            .copied(),
        false,
    )[0];
    assert_eq!(rule.jurisdiction, "AU");
    assert_eq!(
        rule.opening(utc("2026-12-24T09:00:00Z"), Australia::Sydney),
        Opening::ClosedUntil(utc("2026-12-28T22:00:00Z"))
    );
}

#[test]
fn a_machine_keeps_to_what_is_said_of_machines_too() {
    // 16:30, and 17:00, in Maine.
    let until = |now: &str, automated| opening(MAINE, now, automated);
    assert_eq!(
        until("2026-11-23T21:30:00Z", true),
        Opening::OpenUntil(utc("2026-11-23T22:00:00Z"))
    );
    assert_eq!(
        until("2026-11-23T22:00:00Z", true),
        Opening::ClosedUntil(utc("2026-11-24T14:00:00Z"))
    );
    assert_eq!(
        until("2026-11-23T22:00:00Z", false),
        Opening::OpenUntil(utc("2026-11-24T02:00:00Z"))
    );
}

#[test]
fn where_no_rule_is_known_the_united_states_window_is_taken() {
    let rules = rules(
        regions::of_number(&GERMANY.parse().unwrap()).first().copied(),
        true,
    );
    assert_eq!(
        rules.iter().map(|rule| rule.jurisdiction).collect::<Vec<_>>(),
        [ELSEWHERE]
    );
    open_until(GERMANY, "2026-11-22T08:00:00Z", "2026-11-22T20:00:00Z");
    assert_eq!(super::rules(None, false), rules);
}

#[test]
fn a_rule_holds_from_its_first_day_on_and_not_before() {
    let maryland = RULES.iter().find(|rule| rule.jurisdiction == "US-MD").unwrap();
    let day = |text: &str| maryland.day(text.parse().unwrap()).spans;
    assert_eq!(day("2023-12-31"), [(0, 1_440)]);
    assert_eq!(day("2024-01-01"), [(480, 1_200)]);
    let file = "XX\tall\tmo-su\t08:00\t20:00\t-\t-\t-\tThe old text\nXX\tall\tmo-sa\t09:00\t19:00\t-\t2027-01-01\t-\tThe new text";
    let rules = rows::grouped(rows::read(file));
    let [rule] = rules.as_slice() else {
        panic!("{rules:?}")
    };
    let text = |day: &str| rule.text(day.parse().unwrap()).unwrap().1[0].citation;
    assert_eq!(
        (text("2026-12-31"), text("2027-01-01")),
        ("The old text", "The new text")
    );
    // Over the change: Friday the 1st opens an hour later, and Sunday is out.
    let opening = |now: &str| rule.opening(utc(now), Tz::UTC);
    assert_eq!(
        opening("2026-12-31T20:00:00Z"),
        Opening::ClosedUntil(utc("2027-01-01T09:00:00Z"))
    );
    assert_eq!(
        opening("2027-01-02T19:00:00Z"),
        Opening::ClosedUntil(utc("2027-01-04T09:00:00Z"))
    );
}

#[test]
fn pennsylvanias_new_text_takes_over_on_its_day() {
    // A Friday evening, and a Sunday, before and after 2026-10-18.
    let number = "+12155550100";
    open_until(number, "2026-10-16T23:30:00Z", "2026-10-17T01:00:00Z");
    open_until(number, "2026-10-11T15:00:00Z", "2026-10-12T01:00:00Z");
    closed_until(number, "2026-10-23T23:30:00Z", "2026-10-24T13:00:00Z");
    closed_until(number, "2026-10-25T15:00:00Z", "2026-10-26T13:00:00Z");
}

#[test]
fn eight_stays_eight_across_the_clock_changes() {
    closed_until(FLORIDA, "2026-03-07T06:00:00Z", "2026-03-07T13:00:00Z");
    closed_until(FLORIDA, "2026-03-08T06:00:00Z", "2026-03-08T12:00:00Z");
    closed_until(FLORIDA, "2026-11-01T06:00:00Z", "2026-11-01T13:00:00Z");
    let autumn = rules(None, false)[0].opening(utc("2026-10-25T07:00:00Z"), Europe::Berlin);
    assert_eq!(autumn, Opening::OpenUntil(utc("2026-10-25T20:00:00Z")));
}

#[test]
fn rows_of_one_day_that_touch_are_one_window() {
    let file = "XX\tall\tmo-su\t08:00\t12:00\t-\t-\t-\tThe only text\nXX\tall\tmo-su\t12:00\t20:00\t-\t-\t-\tThe only text";
    let rules = rows::grouped(rows::read(file));
    assert_eq!(rules[0].day("2026-11-23".parse().unwrap()).spans, [(480, 1_200)]);
}

#[test]
fn every_region_is_open_again_within_five_days_whenever_it_is_asked() {
    let year = (0..366).map(|day| utc("2026-11-23T00:00:00Z") + Duration::days(day));
    let days: Vec<Instant> = year.collect();
    for region in regions::all() {
        for automated in [false, true] {
            // Each of its zones: a lead's own decides between them.
            for zone in region.zones() {
                let place = Place {
                    zone: *zone,
                    region: Some(region),
                };
                let rules = rules_at(&[place], automated);
                for now in &days {
                    match all_open(&rules, *now, |(rule, zone), at| rule.opening(at, *zone)) {
                        Opening::OpenUntil(_) => {}
                        Opening::ClosedUntil(then) => assert!(
                            then - *now < Duration::days(5),
                            "{} in {zone} at {now}: {then}",
                            region.code()
                        ),
                    }
                }
            }
        }
    }
}

#[test]
fn a_toll_free_number_is_called_when_it_may_be_called_everywhere() {
    // Winter: 08:00 in Guam to 18:00 in Rhode Island; a Monday evening there, and no Sunday.
    let Opening::ClosedUntil(open) = opening("+18005550100", "2026-01-10T00:00:00Z", false) else {
        panic!("open");
    };
    assert_eq!(open, utc("2026-01-12T22:00:00Z"));
    open_until("+18005550100", "2026-01-12T22:00:00Z", "2026-01-12T23:00:00Z");
    // With a zone of its own it is called when any state of that zone may be.
    let own = zones::key_of(&"+18005550100".parse().unwrap(), Some(America::Los_Angeles));
    let rules = rules_at(&places::of_key(&own), false);
    let west = |now: &str| all_open(&rules, utc(now), |(rule, zone), at| rule.opening(at, *zone));
    assert_eq!(
        west("2026-07-06T16:00:00Z"),
        Opening::OpenUntil(utc("2026-07-07T03:00:00Z"))
    );
}
