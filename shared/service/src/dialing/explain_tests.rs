//! When a lead may be dialled, by tables of what the rules look at.

use chrono::Duration;
use chrono_tz::Tz;
use trunkline_domain::{
    Campaign, CampaignId, ImportId, Lead, Priority, RetryPolicy, TenantId, Usd, UserId, hours::CallingHours,
    id::derived, tenant::Tenant, zones,
};
use trunkline_store::{
    Slot,
    dialing::{capacity::MediaCapacity, dnc::DncEntry, number::Number},
};

use super::*;
use crate::dialing::permit::Permit;

/// A Monday, 07:00 in New York and 04:00 in Los Angeles.
const NOW: &str = "2026-01-05T12:00:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn campaign() -> Campaign {
    let now = at(NOW);
    Campaign {
        id: CampaignId(derived("campaign")),
        tenant: TenantId(derived("tenant")),
        created_by: UserId(derived("user")),
        name: "Spring".to_owned(),
        description: None,
        voice_agent: None,
        group: None,
        caller_id: None,
        state: CampaignState::Active,
        start_time: None,
        end_time: None,
        hours: None,
        retry_policy: RetryPolicy::default(),
        max_concurrent_calls: 10,
        ring_timeout_s: 30,
        amd_enabled: false,
        voicemail_message_url: None,
        record_calls: false,
        phone_numbers: Vec::new(),
        shards: 1,
        launched_at: None,
        ended_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn lead(phone: &str) -> Lead {
    let now = at(NOW);
    let phone: trunkline_domain::E164 = phone.parse().unwrap();
    Lead {
        id: LeadId(derived("lead")),
        tenant: TenantId(derived("tenant")),
        campaign: CampaignId(derived("campaign")),
        zone_key: zones::key_of(&phone, None),
        phone,
        first_name: None,
        last_name: None,
        email: None,
        country: None,
        kind: None,
        timezone: None,
        priority: Priority::Normal,
        custom_fields: serde_json::Map::new(),
        notes: None,
        status: LeadStatus::Pending,
        attempts: 0,
        unsent: false,
        due_at: Some(now - Duration::days(1)),
        last_call_at: None,
        import: ImportId(derived("import")),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// A lead in New York that nothing keeps from being dialled, where no law's window is kept to.
fn facts() -> Facts {
    let campaign = campaign();
    let slot = Slot {
        open: true,
        ..Slot::closed(&campaign, 0)
    };
    let tenant = Tenant {
        id: campaign.tenant,
        country: None,
        may_dial: true,
        countries: Vec::new(),
        daily_cap: None,
        created_at: at(NOW),
    };
    Facts {
        now: at(NOW),
        lead: lead("+12125550100"),
        campaign,
        slot: Some(slot),
        permit: Some(Permit {
            tenant,
            spent: Usd::ZERO,
        }),
        capacity: MediaCapacity { places: 10 },
        media_used: 0,
        number: Number::default(),
        dnc: None,
        legal_windows: false,
    }
}

fn hours(start_min: u16, end_min: u16) -> CallingHours {
    CallingHours {
        start_min,
        end_min,
        timezone: None,
        days: Vec::new(),
    }
}

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

/// A change of the facts, the rules that then do not allow it, and when it may be dialled.
type Row = (
    &'static str,
    fn(&mut Facts),
    &'static [Rule],
    Option<&'static str>,
);

const ROWS: [Row; 26] = [
    (
        "a draft",
        |f| f.campaign.state = CampaignState::Draft,
        &[Rule::CampaignState],
        None,
    ),
    (
        "a paused one",
        |f| f.campaign.state = CampaignState::Paused,
        &[Rule::CampaignState],
        None,
    ),
    (
        "a shard that is closed",
        |f| {
            f.slot = Some(Slot {
                open: false,
                cap: 1,
                budget_micros: 1_000_000,
                ..Slot::default()
            })
        },
        &[Rule::CampaignState],
        None,
    ),
    (
        "one that waits for its start",
        |f| {
            f.campaign.state = CampaignState::Scheduled;
            f.campaign.start_time = Some(at("2026-01-06T10:00:00Z"));
        },
        &[Rule::CampaignState],
        Some("2026-01-06T10:00:00Z"),
    ),
    (
        "one whose start has come, which the tick has not seen",
        |f| {
            f.campaign.state = CampaignState::Scheduled;
            f.campaign.start_time = Some(at("2026-01-05T11:59:59Z"));
        },
        &[Rule::CampaignState],
        Some(NOW),
    ),
    (
        "an expired campaign",
        |f| f.campaign.end_time = Some(at(NOW)),
        &[Rule::CampaignEnd, Rule::CallingWindow],
        None,
    ),
    (
        "an ungranted tenant",
        |f| grant(f).tenant.may_dial = false,
        &[Rule::TenantGrant],
        None,
    ),
    (
        "a tenant that is gone",
        |f| f.permit = None,
        &[Rule::TenantGrant, Rule::DailySpend, Rule::Country],
        None,
    ),
    (
        "a day that is spent",
        |f| {
            grant(f).tenant.daily_cap = Some(Usd::from_micros(1_000_000));
            grant(f).spent = Usd::from_micros(500_001);
        },
        &[Rule::DailySpend],
        Some("2026-01-06T00:00:00Z"),
    ),
    (
        "a cap below one call",
        |f| grant(f).tenant.daily_cap = Some(Usd::from_micros(499_999)),
        &[Rule::DailySpend],
        None,
    ),
    (
        "another country",
        |f| grant(f).tenant.countries = vec!["44".to_owned()],
        &[Rule::Country],
        None,
    ),
    (
        "a lead in a call",
        |f| {
            f.lead.status = LeadStatus::Calling;
            f.lead.due_at = None;
        },
        &[Rule::LeadStatus, Rule::PlannedAttempt],
        None,
    ),
    (
        "a lead that is done",
        |f| {
            f.lead.status = LeadStatus::Completed;
            f.lead.due_at = None;
        },
        &[Rule::LeadStatus, Rule::PlannedAttempt],
        None,
    ),
    (
        "a planned retry",
        |f| {
            f.lead.attempts = 1;
            f.lead.due_at = Some(at("2026-01-05T12:30:00Z"));
        },
        &[Rule::PlannedAttempt],
        Some("2026-01-05T12:30:00Z"),
    ),
    ("a mark for good", |f| mark(f, None), &[Rule::DoNotCall], None),
    (
        "a mark with an end",
        |f| mark(f, Some(at("2026-03-01T00:00:00Z"))),
        &[Rule::DoNotCall],
        Some("2026-03-01T00:00:00Z"),
    ),
    (
        "a number in another call",
        |f| f.number.in_flight = Some(trunkline_domain::CallId(derived("another"))),
        &[Rule::InAnotherCall],
        None,
    ),
    (
        "a number in its gap",
        |f| f.number.next_ok_at = Some(at("2026-01-05T12:00:40Z")),
        &[Rule::MinimumGap],
        Some("2026-01-05T12:00:40Z"),
    ),
    // Hours: New York is at -5 in winter.
    (
        "a campaign before its hours",
        |f| f.campaign.hours = Some(hours(9 * 60, 17 * 60)),
        &[Rule::CallingWindow],
        Some("2026-01-05T14:00:00Z"),
    ),
    (
        "an overnight window, in the morning after",
        |f| f.campaign.hours = Some(hours(22 * 60, 6 * 60)),
        &[Rule::CallingWindow],
        Some("2026-01-06T03:00:00Z"),
    ),
    (
        "a window with 30 s left, too short for a ring",
        |f| {
            f.campaign.hours = Some(hours(6 * 60, 7 * 60));
            f.now = at("2026-01-05T11:59:30Z");
        },
        &[Rule::CallingWindow],
        Some("2026-01-06T11:00:00Z"),
    ),
    (
        "a retry later than today's window",
        |f| {
            f.campaign.hours = Some(hours(7 * 60, 9 * 60));
            f.lead.due_at = Some(at("2026-01-05T20:00:00Z"));
        },
        &[Rule::PlannedAttempt],
        Some("2026-01-06T12:00:00Z"),
    ),
    (
        "a campaign that ends before its window opens",
        |f| {
            f.campaign.hours = Some(hours(9 * 60, 17 * 60));
            f.campaign.end_time = Some(at("2026-01-05T14:00:00Z"));
        },
        &[Rule::CallingWindow],
        None,
    ),
    (
        "the night before the clocks go forward (2026-03-08)",
        |f| {
            f.campaign.hours = Some(hours(9 * 60, 17 * 60));
            f.now = at("2026-03-08T03:00:00Z");
        },
        &[Rule::CallingWindow],
        Some("2026-03-08T13:00:00Z"),
    ),
    (
        "a number anywhere in the United States, by law",
        |f| {
            f.lead = lead("+18005550100");
            f.legal_windows = true;
            f.now = at("2026-01-05T16:00:00Z");
        },
        &[Rule::CallingWindow],
        // It must be 08:00 in Guam too, where that is Tuesday.
        Some("2026-01-05T22:00:00Z"),
    ),
    (
        "two zones, by law",
        |f| {
            f.lead = lead("+12083030100");
            f.legal_windows = true;
        },
        &[Rule::CallingWindow],
        Some("2026-01-05T16:00:00Z"),
    ),
];

fn grant(facts: &mut Facts) -> &mut Permit {
    facts.permit.as_mut().unwrap()
}

fn mark(facts: &mut Facts, until: Option<Instant>) {
    facts.number.dnc = true;
    facts.dnc = Some(DncEntry {
        expires_at: until,
        ..DncEntry::lasting(facts.lead.tenant, &facts.lead.phone, "speech", facts.now)
    });
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
        [Rule::FreeCalls, Rule::MediaCapacity, Rule::Budget]
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
