//! Whose window is open: a campaign's own hours, else the legal ones of the called party's zone.

use chrono::Duration;
use chrono_tz::Tz;
use trunkline_domain::{
    Campaign, Instant,
    hours::{CallingHours, LegalWindow, Opening, all_open, legal_window},
    zones,
};

/// How far [`next_callable`] looks ahead: every window opens once a week, or never.
const HORIZON: Duration = Duration::days(15);

/// Which of the zone keys may be dialled now, and when that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// The keys whose window is open, and stays open for a ring and a little more.
    pub open: Vec<String>,
    /// When another key opens.
    pub next_opening: Option<Instant>,
}

/// The hours that a party is called in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours<'a> {
    /// The campaign's own.
    Own(&'a CallingHours),
    /// Those of the law.
    Legal(LegalWindow),
    /// The campaign has none of its own, and this deployment keeps to no law's.
    Always,
}

/// Judges every zone key of a campaign.
#[must_use]
pub fn windows(campaign: &Campaign, keys: &[String], legal: bool, now: Instant) -> Windows {
    let mut found = Windows {
        open: Vec::new(),
        next_opening: None,
    };
    for key in keys {
        let opening = opening(campaign, &zones::of_key(key), legal, now);
        match opening {
            Opening::OpenUntil(_) if lasts(campaign, opening, now) => found.open.push(key.clone()),
            // The end of a window is no opening; what comes after it is found when it is over.
            Opening::OpenUntil(next) | Opening::ClosedUntil(next) => {
                found.next_opening = Some(earlier(found.next_opening, next));
            }
        }
    }
    found
}

/// Whether one party may be called now, by its zones.
#[must_use]
pub fn opening(campaign: &Campaign, zones: &[Tz], legal: bool, now: Instant) -> Opening {
    let hours = hours(campaign, zones, legal).opening(zones, now);
    match (hours, campaign.end_time) {
        (Opening::OpenUntil(_), Some(_)) if campaign.is_over(now) => {
            Opening::ClosedUntil(now + Duration::days(1))
        }
        (Opening::OpenUntil(until), Some(end)) => Opening::OpenUntil(until.min(end)),
        (other, _) => other,
    }
}

/// Whether a window is open and stays so for long enough to dial: a phone that starts to ring just
/// before the end would be answered after it.
#[must_use]
pub fn lasts(campaign: &Campaign, opening: Opening, now: Instant) -> bool {
    let margin = Duration::seconds(i64::from(campaign.ring_timeout_s) + 5);
    matches!(opening, Opening::OpenUntil(end) if end - now > margin)
}

/// The first instant, from then on, at which a party may be dialled by its window; none: the
/// campaign ends before it, or its zones are never open at the same time for long enough.
#[must_use]
pub fn next_callable(campaign: &Campaign, zones: &[Tz], legal: bool, from: Instant) -> Option<Instant> {
    let mut at = from;
    for _ in 0..64 {
        if campaign.is_over(at) || at - from > HORIZON {
            return None;
        }
        let opening = opening(campaign, zones, legal, at);
        if lasts(campaign, opening, at) {
            return Some(at);
        }
        let (Opening::OpenUntil(next) | Opening::ClosedUntil(next)) = opening;
        at = next;
    }
    None
}

/// The hours that hold for a party of these zones.
#[must_use]
pub fn hours<'a>(campaign: &'a Campaign, zones: &[Tz], legal: bool) -> Hours<'a> {
    match &campaign.hours {
        Some(own) => Hours::Own(own),
        None if legal => Hours::Legal(legal_window(zones)),
        None => Hours::Always,
    }
}

impl Hours<'_> {
    /// Whether they are open now in all of these zones, and when that changes.
    #[must_use]
    pub fn opening(&self, zones: &[Tz], now: Instant) -> Opening {
        match self {
            Self::Own(own) => all_open(zones, now, |zone, at| own.opening(at, zone)),
            Self::Legal(law) => law.opening(now, zones),
            Self::Always => Opening::OpenUntil(now + Duration::days(1)),
        }
    }
}

fn earlier(known: Option<Instant>, new: Instant) -> Instant {
    known.map_or(new, |known| known.min(new))
}
