//! Every filter of VoiceERA's lists of calls and recordings, and how these are put together.

use chrono::{Duration, DurationRound};
use trunkline_domain::{Instant, page::PageQuery};
use trunkline_service::{
    calls::{CallFilter, CallSort, CallsQuery, Period},
    listing::Sort,
};

use crate::seed;

/// A list as a client names it, and what it asks for: a page of 10.
pub(crate) fn all(now: Instant) -> Vec<(&'static str, CallsQuery)> {
    let hour = now.duration_trunc(Duration::hours(1)).unwrap();
    let week = Period {
        from: Some(hour - Duration::days(7)),
        before: Some(hour),
    };
    let odd = Period {
        from: week.from.map(|from| from + Duration::seconds(77)),
        before: None,
    };
    let any = CallFilter::default;
    let agent = || CallFilter {
        voice_agent: Some(seed::agent(0)),
        ..any()
    };
    let campaign = || CallFilter {
        campaign: Some(seed::campaign(0)),
        ..any()
    };
    let both = || CallFilter {
        campaign: Some(seed::campaign(0)),
        ..agent()
    };
    let phone = || CallFilter {
        phone: Some("+14155550199".parse().unwrap()),
        ..any()
    };
    let status = |status, filter: CallFilter| CallFilter {
        status: Some(status),
        ..filter
    };
    let recorded = |filter: CallFilter| CallFilter {
        recorded: true,
        ..filter
    };
    let of = |period, filter: CallFilter| CallFilter { period, ..filter };
    let mut all: Vec<(&'static str, CallsQuery)> = [
        ("call-logs", any()),
        ("call-logs?agent_id", agent()),
        ("call-logs?campaign_id", campaign()),
        ("call-logs?agent_id&campaign_id", both()),
        ("call-logs?phone_number", phone()),
        ("call-logs?status=completed", status("completed", any())),
        ("call-logs?status=busy", status("busy", any())),
        (
            "call-logs?status=cancelled, of which there are none",
            status("cancelled", any()),
        ),
        ("call-logs?status=ringing", status("ringing", any())),
        (
            "call-logs?agent_id&status=completed",
            status("completed", agent()),
        ),
        (
            "call-logs?campaign_id&status=completed",
            status("completed", campaign()),
        ),
        (
            "call-logs?agent_id&campaign_id&status=completed",
            status("completed", both()),
        ),
        (
            "call-logs?phone_number&status=completed",
            status("completed", phone()),
        ),
        ("call-logs of seven days", of(week, any())),
        ("call-logs from inside a quarter of an hour", of(odd, any())),
        ("call-logs?agent_id of seven days", of(week, agent())),
        ("call-logs?campaign_id of seven days", of(week, campaign())),
        (
            "call-logs?status=busy of seven days",
            of(week, status("busy", any())),
        ),
        (
            "call-logs?campaign_id&status=busy of seven days",
            of(week, status("busy", campaign())),
        ),
        ("call-recordings", recorded(any())),
        ("call-recordings?agent_id", recorded(agent())),
        ("call-recordings?campaign_id", recorded(campaign())),
        ("call-recordings?agent_id&campaign_id", recorded(both())),
        ("call-recordings of seven days", of(week, recorded(any()))),
        (BOUNDED[0], of(week, both())),
        (BOUNDED[1], recorded(status("completed", any()))),
    ]
    .into_iter()
    .map(|(name, filter)| (name, query(filter, 0, None)))
    .collect();
    all.push(("call-logs?skip=30", query(any(), 30, None)));
    all.push((BOUNDED[2], query(any(), 0, Some(CallSort::Duration))));
    all
}

/// Those whose cost grows with the number of calls until it is bounded; see ARCHITECTURE.md.
pub(crate) const BOUNDED: [&str; 3] = [
    "call-logs?agent_id&campaign_id of seven days",
    "call-recordings?status=completed",
    "call-logs?sort=-duration",
];

fn query(filter: CallFilter, skip: u32, sort: Option<CallSort>) -> CallsQuery {
    let sort = sort.map(|field| Sort {
        field,
        descending: true,
    });
    CallsQuery {
        filter,
        sorts: sort.into_iter().collect(),
        page: PageQuery {
            skip,
            limit: 10,
            cursor: None,
        },
    }
}
