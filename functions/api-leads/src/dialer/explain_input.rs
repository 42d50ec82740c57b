//! What each rule looked at.

use chrono::SecondsFormat;
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::{Instant, Usd, dial::MIN_GAP, hours::Opening, places::Place, zones};
use trunkline_http::Seconds;
use trunkline_service::dialing::{
    place::RESERVE,
    rules::{Facts, Rule, dials},
    window,
};
use uuid::Uuid;

use super::explain_law::LawBody;

/// What a rule looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Input {
    /// Of `campaign_state`.
    CampaignState {
        /// `draft`, `scheduled`, `active`, `paused`, `completed` or `cancelled`.
        state: &'static str,
        /// Whether its dialer is let loose.
        dials: bool,
        start_time: Option<Seconds>,
    },
    /// Of `campaign_end`.
    CampaignEnd { end_time: Option<Seconds> },
    /// Of `free_calls`.
    FreeCalls {
        /// Calls at once that the lead's part of the campaign may make.
        at_once: i64,
        /// Of these, under way.
        under_way: i64,
    },
    /// Of `human_agents`.
    HumanAgents {
        /// The group that takes the campaign's calls; null: an AI agent does, or nobody was named.
        agent_group_id: Option<Uuid>,
        /// Calls that they could take now.
        free: u32,
        /// How many of them are in a call.
        talking: u32,
    },
    /// Of `free_human_agent`.
    FreeHumanAgent {
        /// `progressive` or `predictive`.
        pacing: &'static str,
        /// Calls that ring for them, those of other campaigns included.
        ringing: i64,
        /// How many more may; null: no human agent is waited for.
        may_dial: Option<u32>,
    },
    /// Of `tenant_grant`.
    TenantGrant { may_dial: bool },
    /// Of `daily_spend`.
    DailySpend {
        /// Dollars a UTC day; null: no limit, and what was spent is not asked for.
        daily_cap: Option<f64>,
        /// Dollars of this day, with what is set aside for calls under way.
        spent: Option<f64>,
        /// Dollars that are set aside for a call until its price is known.
        next_call: f64,
    },
    /// Of `media_capacity`.
    MediaCapacity {
        /// Conversations at once that all media servers can carry.
        places: i64,
        /// Of these, taken.
        used: i64,
    },
    /// Of `calling_window`.
    CallingWindow(Box<CallingWindow>),
    /// Of `lead_status`.
    LeadStatus {
        /// `pending`, `calling`, `completed`, `failed` or `dnc`.
        status: &'static str,
    },
    /// Of `planned_attempt`.
    PlannedAttempt {
        /// Null when none is planned.
        due_at: Option<Seconds>,
        /// Begun so far.
        attempts: u32,
        max_attempts: u32,
    },
    /// Of `country`.
    Country {
        /// E.164.
        phone: String,
        /// Calling codes that the tenant was granted; empty: all.
        granted: Vec<String>,
    },
    /// Of `budget`.
    Budget {
        /// Dollars that the lead's part of the campaign may still spend.
        left: f64,
        /// Dollars that are set aside for a call until its price is known.
        next_call: f64,
    },
    /// Of `do_not_call`.
    DoNotCall {
        marked: bool,
        /// How the wish came.
        source: Option<String>,
        since: Option<Seconds>,
        /// Null: for good.
        expires_at: Option<Seconds>,
    },
    /// Of `in_another_call`.
    InAnotherCall {
        /// The call that it is in.
        call_id: Option<Uuid>,
    },
    /// Of `minimum_gap`.
    MinimumGap {
        /// Seconds from the end of one call of the number to the next, whatever campaign's of the tenant.
        gap_seconds: i64,
        /// The number is not dialled before; null when it never was.
        not_before: Option<Seconds>,
    },
}

/// Whose hours hold, and how they stand in each zone that the number may be in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallingWindow {
    /// `campaign`: its own hours; `law`: those of the places where the party may be; `campaign_and_law`: both, open together;
    /// `none`: the campaign has no hours, and this deployment keeps to no law's.
    hours_of: &'static str,
    /// `HH:MM:SS` of the campaign's local day; an end before the start is on the next day; null: the campaign has no hours of its own.
    start: Option<String>,
    /// `HH:MM:SS`, not included; `24:00:00` is midnight.
    end: Option<String>,
    /// Monday is 0; empty: every day.
    days: Vec<u8>,
    /// The campaign's zone for its hours; null: the called party's.
    timezone: Option<&'static str>,
    /// What the law says; null: this deployment keeps to none.
    law: Option<LawBody>,
    /// Where the zones come from: `lead` (its own), `number` (its prefix) or `unknown` (UTC is taken).
    zones_by: &'static str,
    /// Several zones, or several places of different law, fit: the window must be open in all of them.
    ambiguous: bool,
    /// A window is not used in its last seconds: a phone would be answered after it.
    rings_seconds: u32,
    zones: Vec<Zone>,
}

/// How the hours stand in a zone.
#[derive(Debug, Serialize, JsonSchema)]
struct Zone {
    /// IANA zone.
    timezone: &'static str,
    /// RFC 3339 with the zone's offset.
    local_time: String,
    open: bool,
    /// Null where closed.
    open_until: Option<Seconds>,
    /// Null where open.
    closed_until: Option<Seconds>,
}

impl Input {
    pub(super) fn of(facts: &Facts, rule: Rule) -> Self {
        let Facts {
            lead, campaign, slot, ..
        } = facts;
        let tenant = facts.permit.as_ref().map(|permit| &permit.tenant);
        let next_call = RESERVE.dollars();
        match rule {
            Rule::CampaignState => Self::CampaignState {
                state: campaign.state.as_str(),
                dials: slot.as_ref().is_some_and(|slot| dials(campaign, slot)),
                start_time: campaign.start_time.map(Seconds),
            },
            Rule::CampaignEnd => Self::CampaignEnd {
                end_time: campaign.end_time.map(Seconds),
            },
            Rule::FreeCalls => Self::FreeCalls {
                at_once: slot.as_ref().map_or(0, |slot| slot.cap),
                under_way: slot.as_ref().map_or(0, |slot| slot.used),
            },
            Rule::HumanAgents => Self::HumanAgents {
                agent_group_id: campaign.people().map(|group| group.0),
                free: facts.people.map_or(0, |room| room.people.free),
                talking: facts.people.map_or(0, |room| room.people.talking),
            },
            Rule::FreeHumanAgent => Self::FreeHumanAgent {
                pacing: campaign.pacing.as_str(),
                ringing: facts.people.map_or(0, |room| room.people.ringing.calls),
                may_dial: facts.people.map(|room| room.more),
            },
            Rule::TenantGrant => Self::TenantGrant {
                may_dial: tenant.is_some_and(|tenant| tenant.may_dial),
            },
            Rule::DailySpend => {
                let cap = tenant.and_then(|tenant| tenant.daily_cap);
                let spent = facts.permit.as_ref().map(|permit| permit.spent);
                Self::DailySpend {
                    daily_cap: cap.map(|cap| cap.dollars()),
                    spent: cap.and(spent).map(|spent| spent.dollars()),
                    next_call,
                }
            }
            Rule::MediaCapacity => Self::MediaCapacity {
                places: facts.capacity.places,
                used: facts.media_used,
            },
            Rule::CallingWindow => Self::CallingWindow(Box::new(CallingWindow::of(facts))),
            Rule::LeadStatus => Self::LeadStatus {
                status: lead.status.as_str(),
            },
            Rule::PlannedAttempt => Self::PlannedAttempt {
                due_at: lead.due_at.map(Seconds),
                attempts: lead.attempts,
                max_attempts: campaign.retry_policy.max_attempts,
            },
            Rule::Country => Self::Country {
                phone: lead.phone.to_string(),
                granted: tenant.map(|tenant| tenant.countries.clone()).unwrap_or_default(),
            },
            Rule::Budget => Self::Budget {
                left: slot
                    .as_ref()
                    .map_or(0.0, |slot| Usd::from_micros(slot.budget_micros).dollars()),
                next_call,
            },
            Rule::DoNotCall => Self::DoNotCall {
                marked: facts.number.dnc,
                source: facts.dnc.as_ref().map(|entry| entry.source.clone()),
                since: facts.dnc.as_ref().map(|entry| Seconds(entry.created_at)),
                expires_at: facts.dnc.as_ref().and_then(|entry| entry.expires_at).map(Seconds),
            },
            Rule::InAnotherCall => Self::InAnotherCall {
                call_id: facts.number.in_flight.map(|call| call.0),
            },
            Rule::MinimumGap => Self::MinimumGap {
                gap_seconds: MIN_GAP.num_seconds(),
                not_before: facts.number.next_ok_at.map(Seconds),
            },
        }
    }
}

impl CallingWindow {
    fn of(facts: &Facts) -> Self {
        let Facts { lead, campaign, .. } = facts;
        let (judged, places) = (facts.zones(), facts.places());
        let own = campaign.hours.as_ref();
        let law = facts.legal_windows.then(|| LawBody::of(facts, &places));
        let hours_of = match (own, &law) {
            (Some(_), Some(_)) => "campaign_and_law",
            (Some(_), None) => "campaign",
            (None, Some(_)) => "law",
            (None, None) => "none",
        };
        let zones_by = match (&lead.timezone, zones::of_number(&lead.phone)) {
            (Some(_), _) => "lead",
            (None, []) => "unknown",
            (None, [_, ..]) => "number",
        };
        Self {
            hours_of,
            start: own.map(|own| clock(own.start_min)),
            end: own.map(|own| clock(own.end_min)),
            days: own.map(|own| own.days.clone()).unwrap_or_default(),
            timezone: own.and_then(|own| own.timezone).map(Tz::name),
            law,
            zones_by,
            ambiguous: places.len() > 1,
            rings_seconds: campaign.ring_timeout_s,
            zones: judged
                .iter()
                .map(|zone| Zone::of(facts, &places, *zone))
                .collect(),
        }
    }
}

impl Zone {
    fn of(facts: &Facts, places: &[Place], zone: Tz) -> Self {
        let there: Vec<Place> = places
            .iter()
            .filter(|place| place.zone == zone)
            .copied()
            .collect();
        let hours = window::hours(&facts.campaign, &there, facts.legal_windows);
        let (until, closed) = match hours.opening(facts.now) {
            Opening::OpenUntil(end) => (Some(end), None),
            Opening::ClosedUntil(start) => (None, Some(start)),
        };
        Self {
            timezone: zone.name(),
            local_time: local(facts.now, zone),
            open: until.is_some(),
            open_until: until.map(Seconds),
            closed_until: closed.map(Seconds),
        }
    }
}

/// An instant as a clock in this zone shows it.
pub(super) fn local(at: Instant, zone: Tz) -> String {
    at.with_timezone(&zone)
        .to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A minute of the day, as campaigns write their hours.
pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}:00", minute / 60, minute % 60)
}
