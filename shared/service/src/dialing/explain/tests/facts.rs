//! A lead that nothing keeps from being dialled, which each test then changes.

use chrono::Duration;
use trunkline_domain::{
    Campaign, CampaignId, CampaignState, ImportId, Instant, Lead, LeadId, RetryPolicy, TenantId, Usd, UserId,
    campaign::{Fallback, WAIT_S},
    hours::CallingHours,
    id::{GroupId, derived},
    pacing::Pacing,
    tenant::Tenant,
};
use trunkline_store::{
    Slot,
    dialing::{
        capacity::MediaCapacity,
        number::Number,
        people::{Bound, Ringing},
    },
};

use super::super::Facts;
use crate::dialing::{
    pacing::{People, Room},
    permit::Permit,
};

/// A Monday, 07:00 in New York and 04:00 in Los Angeles.
pub(super) const NOW: &str = "2026-01-05T12:00:00Z";

pub(in crate::dialing) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(in crate::dialing) fn campaign() -> Campaign {
    let now = at(NOW);
    Campaign {
        id: CampaignId(derived("campaign")),
        tenant: TenantId(derived("tenant")),
        created_by: UserId(derived("user")),
        name: "Spring".to_owned(),
        description: None,
        voice_agent: None,
        group: None,
        pacing: Pacing::default(),
        wait_s: WAIT_S,
        fallback: Fallback::default(),
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

pub(super) fn lead(phone: &str) -> Lead {
    let now = at(NOW);
    let (id, import) = (LeadId(derived("lead")), ImportId(derived("import")));
    Lead {
        due_at: Some(now - Duration::days(1)),
        ..Lead::waiting(&campaign(), id, import, phone.parse().unwrap(), now)
    }
}

/// A lead in New York that nothing keeps from being dialled, where no law's window is kept to.
pub(super) fn facts() -> Facts {
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
        people: None,
        capacity: MediaCapacity { places: 10 },
        media_used: 0,
        number: Number::default(),
        dnc: None,
        legal_windows: false,
    }
}

/// Human agents: how many are free and in a call, and how many phones more may ring for them.
pub(super) fn room(free: u32, talking: u32, more: u32) -> Room {
    Room {
        more,
        bound: Bound {
            group: GroupId(derived("group")),
            most: i64::from(more),
            taken: 0,
        },
        people: People {
            free,
            talking,
            ringing: Ringing::default(),
        },
    }
}

pub(in crate::dialing) fn hours(start_min: u16, end_min: u16) -> CallingHours {
    CallingHours {
        start_min,
        end_min,
        timezone: None,
        days: Vec::new(),
    }
}
