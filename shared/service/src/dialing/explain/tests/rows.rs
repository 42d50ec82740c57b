//! What keeps a lead from being dialled, and until when: a row for each rule and its edges.

use trunkline_domain::{CampaignState, Instant, LeadStatus, Usd, id::derived};
use trunkline_store::{Slot, dialing::dnc::DncEntry};

use super::super::{Facts, Rule};
use super::facts::{NOW, at, hours, lead, room};
use crate::dialing::permit::Permit;

/// A change of the facts, the rules that then do not allow it, and when it may be dialled.
pub(super) type Row = (
    &'static str,
    fn(&mut Facts),
    &'static [Rule],
    Option<&'static str>,
);

pub(super) const ROWS: [Row; 27] = [
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
        "human agents of whom none is at work",
        |f| f.people = Some(room(0, 0, 0)),
        &[Rule::HumanAgents, Rule::FreeHumanAgent],
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
