//! Lists of calls: all, a campaign's, an agent's, a day's.

use axum::extract::State;
use chrono::NaiveDate;
use trunkline_domain::{CampaignId, Error, VoiceAgentId};
use trunkline_http::{
    DateRange, List, Member, Paging, PathId, PathText, Query, Reply, Result, read_time, wire::CallFilters,
};
use trunkline_service::{
    Ctx,
    calls::{self, Period},
};

use super::body::CallBody;

pub(super) async fn all(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<CallFilters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let found = calls::list(&ctx, &by, &filters.query(&dates, &page.0)?).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

pub(super) async fn of_campaign(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
    Query(filters): Query<CallFilters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let found = calls::list_of_campaign(&ctx, &by, id, filters.query(&dates, &page.0)?).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

pub(super) async fn of_agent(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
    Query(filters): Query<CallFilters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let found = calls::list_of_agent(&ctx, &by, id, filters.query(&dates, &page.0)?).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

/// The calls of a day, in `timezone` or UTC; narrower bounds narrow it.
pub(super) async fn of_date(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(date): PathText,
    Query(filters): Query<CallFilters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let mut asked = filters.query(&dates, &page.0)?;
    asked.filter.period = within(whole_day(&date, &dates)?, asked.filter.period);
    let found = calls::list(&ctx, &by, &asked).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

fn whole_day(date: &str, dates: &DateRange) -> Result<Period> {
    let day = date.parse::<NaiveDate>().ok();
    let days = day.and_then(|day| Some((day, day.succ_opt()?)));
    let (day, next) =
        days.ok_or_else(|| Error::invalid("date", format!("`{date}` is not a date such as 2024-01-29")))?;
    let start = |day: NaiveDate| read_time("date", &day.to_string(), dates.timezone);
    Ok(Period {
        from: Some(start(day)?),
        before: Some(start(next)?),
    })
}

/// What is in both.
fn within(day: Period, bounds: Period) -> Period {
    Period {
        from: day.from.max(bounds.from),
        before: match (day.before, bounds.before) {
            (Some(day), Some(bound)) => Some(day.min(bound)),
            (day, bound) => day.or(bound),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    #[test]
    fn a_day_is_as_long_as_it_is_in_its_zone() {
        let dates = DateRange {
            from: None,
            until: None,
            timezone: Tz::America__New_York,
        };
        let day = whole_day("2026-03-08", &dates).unwrap();
        assert_eq!(day.from, Some("2026-03-08T05:00:00Z".parse().unwrap()));
        assert_eq!(day.before, Some("2026-03-09T04:00:00Z".parse().unwrap()));
        assert!(whole_day("2026-02-30", &dates).is_err() && whole_day("today", &dates).is_err());
    }
}
