//! Figures by the hour of the day and by the day, in the asker's zone.

use chrono::{Duration, NaiveDate, Timelike};
use trunkline_auth::Principal;
use trunkline_domain::{Error, Role};

use crate::Ctx;

use super::{
    figures::{Figures, NAMES},
    question::Question,
    tally,
};

/// The figures of one hour of the day, over all days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourFigures {
    /// From 0 to 23.
    pub hour: u32,
    /// Its figures.
    pub figures: Figures,
}

/// The figures of the 24 hours of the day.
///
/// # Errors
/// As of [`super::calls`].
pub async fn hourly(ctx: &Ctx, who: &Principal, asked: &Question) -> Result<Vec<HourFigures>, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    let zone = asked.timezone;
    let hours = tally::grouped(ctx, who.tenant, asked, span, &NAMES, |at| {
        at.with_timezone(&zone).hour()
    })
    .await?;
    let figures = |hour| hours.get(&hour).map(Figures::of).unwrap_or_default();
    Ok((0..24)
        .map(|hour| HourFigures {
            hour,
            figures: figures(hour),
        })
        .collect())
}

/// The figures of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayFigures {
    /// Which.
    pub date: NaiveDate,
    /// Its figures.
    pub figures: Figures,
}

/// The figures of each day of the period, those without a call too, oldest first.
///
/// # Errors
/// As of [`super::calls`].
pub async fn daily(ctx: &Ctx, who: &Principal, asked: &Question) -> Result<Vec<DayFigures>, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    if span.from >= span.before {
        return Ok(Vec::new());
    }
    let day = |at: trunkline_domain::Instant| at.with_timezone(&asked.timezone).date_naive();
    let days = tally::grouped(ctx, who.tenant, asked, span, &NAMES, day).await?;
    let last = day(span.before - Duration::milliseconds(1));
    let all = day(span.from).iter_days().take_while(|date| *date <= last);
    let figures = |date| days.get(&date).map(Figures::of).unwrap_or_default();
    Ok(all
        .map(|date| DayFigures {
            date,
            figures: figures(date),
        })
        .collect())
}
