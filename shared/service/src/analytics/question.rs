//! What a question about calls is about.

use chrono::{Duration, TimeDelta};
use chrono_tz::Tz;
use trunkline_domain::{CampaignId, Error, Instant, VoiceAgentId};
use trunkline_store::{
    CallFilter, Period, Scope,
    counters::quarters::{quarter, quarter_of},
};

/// Days that a question without dates is about.
pub const DAYS_DEFAULT: u32 = 30;
/// Days that a question may be about: a leap year.
pub const DAYS_MAX: u32 = 366;

/// Which calls a question is about: those made in a period, of a campaign, of an AI agent, of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Of this campaign.
    pub campaign: Option<CampaignId>,
    /// Of this agent.
    pub voice_agent: Option<VoiceAgentId>,
    /// From this instant on; none: `days` before the end.
    pub from: Option<Instant>,
    /// Up to, not including, this instant; none: now.
    pub until: Option<Instant>,
    /// How many days, where there is no beginning; none: [`DAYS_DEFAULT`].
    pub days: Option<u32>,
    /// In which days and hours are counted.
    pub timezone: Tz,
}

/// A period with both its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Its first instant.
    pub(super) from: Instant,
    /// The first one after it.
    pub(super) before: Instant,
}

impl Question {
    /// The period, ended where the present quarter of an hour ends: nothing is later.
    pub(super) fn span(&self, now: Instant) -> Result<Span, Error> {
        let days = self.days.unwrap_or(DAYS_DEFAULT);
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(Error::invalid("days", format!("must be from 1 to {DAYS_MAX}")));
        }
        let present = quarter_of(now) + quarter();
        let back = TimeDelta::days(i64::from(days));
        let from = self
            .from
            .unwrap_or_else(|| quarter_of(self.until.unwrap_or(now) - back));
        let before = self.until.unwrap_or(present).min(present);
        // An hour more, for a year in which a clock was put back.
        if before - from > Duration::days(i64::from(DAYS_MAX)) + Duration::hours(1) {
            let what =
                format!("at most {DAYS_MAX} days at once: give a later start_date or an earlier end_date");
            return Err(Error::invalid("start_date", what));
        }
        Ok(Span { from, before })
    }

    /// The counters that know the answer; none when none do.
    pub(super) fn scope(&self) -> Option<Scope> {
        match (self.campaign, self.voice_agent) {
            (None, None) => Some(Scope::Tenant),
            (Some(campaign), None) => Some(Scope::Campaign(campaign)),
            (None, Some(agent)) => Some(Scope::VoiceAgent(agent)),
            (Some(_), Some(_)) => None,
        }
    }

    /// The calls of a part of the period.
    pub(super) fn filter(&self, span: Span) -> CallFilter {
        CallFilter {
            campaign: self.campaign,
            voice_agent: self.voice_agent,
            period: span.period(),
            ..CallFilter::default()
        }
    }
}

impl Span {
    /// The full quarters of an hour that it lies in.
    pub(super) fn widened(self) -> Self {
        let end = quarter_of(self.before);
        Self {
            from: quarter_of(self.from),
            before: if end == self.before { end } else { end + quarter() },
        }
    }

    pub(super) fn period(self) -> Period {
        Period {
            from: Some(self.from),
            before: Some(self.before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn asked() -> Question {
        Question {
            campaign: None,
            voice_agent: None,
            from: None,
            until: None,
            days: None,
            timezone: Tz::UTC,
        }
    }

    #[test]
    fn without_dates_it_is_the_last_thirty_days_by_full_quarters() {
        let span = asked().span(at("2026-11-22T10:20:00Z")).unwrap();
        assert_eq!(
            (span.from, span.before),
            (at("2026-10-23T10:15:00Z"), at("2026-11-22T10:30:00Z"))
        );
    }

    #[test]
    fn days_count_back_from_the_end_that_is_given() {
        let asked = Question {
            until: Some(at("2026-11-01T00:00:00Z")),
            days: Some(7),
            ..asked()
        };
        let span = asked.span(at("2026-11-22T10:20:00Z")).unwrap();
        assert_eq!(
            (span.from, span.before),
            (at("2026-10-25T00:00:00Z"), at("2026-11-01T00:00:00Z"))
        );
    }

    #[test]
    fn too_long_a_period_says_how_long_it_may_be() {
        let now = at("2026-11-22T10:20:00Z");
        for days in [0, 367, 4_000_000_000] {
            let asked = Question {
                days: Some(days),
                ..asked()
            };
            assert!(asked.span(now).unwrap_err().to_string().contains("from 1 to 366"));
        }
        let asked = Question {
            from: Some(at("2020-01-01T00:00:00Z")),
            ..asked()
        };
        assert!(
            asked
                .span(now)
                .unwrap_err()
                .to_string()
                .contains("366 days at once")
        );
    }
}
