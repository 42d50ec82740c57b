//! Whose window is open: a campaign's own hours, else the legal ones of the called party's zone.

use chrono::Duration;
use chrono_tz::Tz;
use trunkline_domain::{
    Campaign, Instant,
    hours::{Opening, all_open, legal_window},
    zones,
};

/// Which of the zone keys may be dialled now, and when that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// The keys whose window is open, and stays open for a ring and a little more.
    pub open: Vec<String>,
    /// When another key opens.
    pub next_opening: Option<Instant>,
}

/// Judges every zone key of a campaign.
#[must_use]
pub fn windows(campaign: &Campaign, keys: &[String], legal: bool, now: Instant) -> Windows {
    let mut found = Windows {
        open: Vec::new(),
        next_opening: None,
    };
    // A phone that starts to ring just before the end would be answered after it.
    let margin = Duration::seconds(i64::from(campaign.ring_timeout_s) + 5);
    for key in keys {
        match opening(campaign, &zones::of_key(key), legal, now) {
            Opening::OpenUntil(end) if end - now > margin => found.open.push(key.clone()),
            // The end of a window is no opening; what comes after it is found when it is over.
            Opening::OpenUntil(end) => found.next_opening = Some(earlier(found.next_opening, end)),
            Opening::ClosedUntil(start) => found.next_opening = Some(earlier(found.next_opening, start)),
        }
    }
    found
}

/// Whether one party may be called now, by its zones.
#[must_use]
pub fn opening(campaign: &Campaign, zones: &[Tz], legal: bool, now: Instant) -> Opening {
    let always = Opening::OpenUntil(now + Duration::days(1));
    let hours = match &campaign.hours {
        Some(hours) => all_open(zones, now, |zone, at| hours.opening(at, zone)),
        None if legal => legal_window(zones).opening(now, zones),
        None => always,
    };
    match (hours, campaign.end_time) {
        (Opening::OpenUntil(_), Some(end)) if end <= now => Opening::ClosedUntil(now + Duration::days(1)),
        (Opening::OpenUntil(until), Some(end)) => Opening::OpenUntil(until.min(end)),
        (other, _) => other,
    }
}

fn earlier(known: Option<Instant>, new: Instant) -> Instant {
    known.map_or(new, |known| known.min(new))
}
