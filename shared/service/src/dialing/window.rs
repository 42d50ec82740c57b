//! When a party may be called: where a campaign's own hours and the law of every place that the party may be in are open together.

use chrono::Duration;
use chrono_tz::Tz;
use trunkline_domain::{
    Campaign, Instant,
    hours::{CallingHours, Opening, all_open},
    law::{self, Rule},
    places::{self, Place},
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

/// The windows that a party is called in: all of them must be open. None: it is called at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours<'a>(Vec<Window<'a>>);

/// One window, and the zone of its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window<'a> {
    /// The campaign's own.
    Own(&'a CallingHours, Tz),
    /// A law's.
    Law(&'static Rule, Tz),
}

/// Judges every zone key of a campaign.
#[must_use]
pub fn windows(campaign: &Campaign, keys: &[String], legal: bool, now: Instant) -> Windows {
    let mut found = Windows {
        open: Vec::new(),
        next_opening: None,
    };
    for key in keys {
        let opening = opening(campaign, &places::of_key(key), legal, now);
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

/// Whether the leads of a key may be dialled now: what a round found open may be over when a lead's turn comes.
#[must_use]
pub fn is_open(campaign: &Campaign, key: &str, legal: bool, now: Instant) -> bool {
    lasts(campaign, opening(campaign, &places::of_key(key), legal, now), now)
}

/// Whether one party may be called now, by its places.
#[must_use]
pub fn opening(campaign: &Campaign, places: &[Place], legal: bool, now: Instant) -> Opening {
    within(campaign, &hours(campaign, places, legal), now)
}

/// Whether a window is open and stays so for long enough to dial: a phone that starts to ring just
/// before the end would be answered after it.
#[must_use]
pub fn lasts(campaign: &Campaign, opening: Opening, now: Instant) -> bool {
    let margin = Duration::seconds(i64::from(campaign.ring_timeout_s) + 5);
    matches!(opening, Opening::OpenUntil(end) if end - now > margin)
}

/// The first instant, from then on, at which a party may be dialled by its window; none: the
/// campaign ends before it, or its windows are never open at the same time for long enough.
#[must_use]
pub fn next_callable(campaign: &Campaign, places: &[Place], legal: bool, from: Instant) -> Option<Instant> {
    let hours = hours(campaign, places, legal);
    let mut at = from;
    for _ in 0..64 {
        if campaign.is_over(at) || at - from > HORIZON {
            return None;
        }
        let opening = within(campaign, &hours, at);
        if lasts(campaign, opening, at) {
            return Some(at);
        }
        let (Opening::OpenUntil(next) | Opening::ClosedUntil(next)) = opening;
        at = next;
    }
    None
}

/// The hours that hold for a party of these places.
#[must_use]
pub fn hours<'a>(campaign: &'a Campaign, places: &[Place], legal: bool) -> Hours<'a> {
    let mut all: Vec<Window<'a>> = Vec::new();
    for place in places {
        let own = campaign.hours.as_ref();
        let own = own.map(|own| Window::Own(own, own.timezone.unwrap_or(place.zone)));
        all.extend(own.filter(|own| !all.contains(own)));
    }
    if legal {
        let rules = law::rules_at(places, automated(campaign)).into_iter();
        all.extend(rules.map(|(rule, zone)| Window::Law(rule, zone)));
    }
    Hours(all)
}

/// Whether a machine talks in a campaign's calls, of which laws may say more.
#[must_use]
pub fn automated(campaign: &Campaign) -> bool {
    campaign.voice_agent.is_some() || campaign.fallback.voice_agent().is_some()
}

impl Hours<'_> {
    /// Whether all are open now, and when that changes.
    #[must_use]
    pub fn opening(&self, now: Instant) -> Opening {
        all_open(&self.0, now, Window::opening)
    }

    /// Those that are closed now, with when each opens.
    pub fn closed(&self, now: Instant) -> impl Iterator<Item = (Window<'_>, Instant)> {
        self.0.iter().filter_map(move |window| match window.opening(now) {
            Opening::OpenUntil(_) => None,
            Opening::ClosedUntil(then) => Some((*window, then)),
        })
    }
}

impl Window<'_> {
    fn opening(&self, now: Instant) -> Opening {
        match self {
            Self::Own(hours, zone) => hours.opening(now, *zone),
            Self::Law(rule, zone) => rule.opening(now, *zone),
        }
    }
}

/// The hours, until the campaign ends.
fn within(campaign: &Campaign, hours: &Hours<'_>, now: Instant) -> Opening {
    match (hours.opening(now), campaign.end_time) {
        (Opening::OpenUntil(_), Some(_)) if campaign.is_over(now) => {
            Opening::ClosedUntil(now + Duration::days(1))
        }
        (Opening::OpenUntil(until), Some(end)) => Opening::OpenUntil(until.min(end)),
        (other, _) => other,
    }
}

fn earlier(known: Option<Instant>, new: Instant) -> Instant {
    known.map_or(new, |known| known.min(new))
}

#[cfg(test)]
mod tests;
