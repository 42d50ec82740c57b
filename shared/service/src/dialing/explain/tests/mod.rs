//! When a lead may be dialled, by tables of what the rules look at.

use chrono::Duration;
use chrono_tz::Tz;
use trunkline_domain::zones;
use trunkline_store::Slot;

use super::*;
use facts::{NOW, at, facts, hours, lead, room};
use rows::ROWS;

pub(in crate::dialing) mod facts;
mod rows;

/// The rules that do not allow it.
fn wrong(explanation: &Explanation) -> Vec<Rule> {
    let wrong = explanation.findings.iter().filter(|finding| !finding.allows());
    wrong.map(|finding| finding.rule).collect()
}

#[test]
fn what_nothing_stands_in_the_way_of_may_be_dialled_now() {
    let explained = judge(&facts());
    assert_eq!(wrong(&explained), []);
    assert!(explained.may_be_dialled);
    assert_eq!(explained.next_dial_at, Some(at(NOW)));
    let order: Vec<Rule> = explained.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(order, Rule::ALL);
}

#[test]
fn each_rule_is_told_and_only_time_gives_an_instant() {
    for (what, change, rules, next) in ROWS {
        let mut facts = facts();
        change(&mut facts);
        let explained = judge(&facts);
        assert_eq!(wrong(&explained), rules, "{what}");
        assert_eq!(explained.next_dial_at, next.map(at), "{what}: {explained:#?}");
        assert!(!explained.may_be_dialled, "{what}");
        assert_eq!(explained.not_by_time.is_empty(), next.is_some(), "{what}");
    }
}

#[test]
fn at_the_told_instant_it_may_be_dialled_and_a_second_before_it_may_not() {
    for (what, change, _, next) in ROWS {
        // What the clock's tick does then is not done here: it starts a campaign, lifts a mark, begins a day.
        let ticks = ["start", "mark", "spent"].iter().any(|word| what.contains(word));
        let Some(next) = next.map(at).filter(|_| !ticks) else {
            continue;
        };
        let mut facts = facts();
        change(&mut facts);
        facts.now = next;
        assert!(judge(&facts).may_be_dialled, "{what}: {:#?}", judge(&facts));
        facts.now = next - Duration::seconds(1);
        assert!(!judge(&facts).may_be_dialled, "{what}");
        assert_eq!(judge(&facts).next_dial_at, Some(next), "{what}");
    }
}

#[test]
fn room_is_told_and_takes_no_permission_away() {
    let mut facts = facts();
    facts.media_used = 10;
    facts.people = Some(room(0, 7, 0));
    facts.slot = Some(Slot {
        open: true,
        cap: 1,
        used: 1,
        budget_micros: 499_999,
        ..Slot::default()
    });
    let explained = judge(&facts);
    assert_eq!(
        wrong(&explained),
        [
            Rule::FreeCalls,
            Rule::FreeHumanAgent,
            Rule::MediaCapacity,
            Rule::Budget
        ]
    );
    assert!(explained.may_be_dialled);
}

#[test]
fn what_ends_a_campaign_too_early_is_told_apart_from_zones_that_never_meet() {
    let mut early = facts();
    early.campaign.hours = Some(hours(9 * 60, 17 * 60));
    early.lead.due_at = Some(at("2026-01-05T23:00:00Z"));
    early.campaign.end_time = Some(at("2026-01-06T10:00:00Z"));
    early.now = at("2026-01-05T15:00:00Z");
    assert_eq!(judge(&early).not_by_time, [Rule::CampaignEnd]);
    let mut never = facts();
    never.campaign.hours = Some(hours(9 * 60, 10 * 60));
    never.lead = lead("+12083030100");
    assert_eq!(judge(&never).not_by_time, [Rule::CallingWindow]);
    // With a zone of its own it is dialled.
    never.lead.zone_key = zones::key_of(&never.lead.phone, Some(Tz::America__Boise));
    assert_eq!(judge(&never).next_dial_at, Some(at("2026-01-05T16:00:00Z")));
}

#[test]
fn its_own_unsent_call_holds_no_number_against_a_lead() {
    let mut facts = facts();
    facts.number.in_flight = Some(trunkline_domain::CallId::of_attempt(facts.lead.id, 1));
    assert!(judge(&facts).may_be_dialled);
}
