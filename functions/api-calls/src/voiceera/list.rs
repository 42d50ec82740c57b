//! Lists of calls: all, a campaign's, an agent's, a day's.

use axum::extract::State;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_domain::{CallStatus, CampaignId, Error, VoiceAgentId};
use trunkline_http::{
    DateRange, List, Member, Paging, PathId, PathText, Query, Reply, Result, SortKey, choose, phone_filter,
    read_time, sort_keys,
};
use trunkline_service::{
    Ctx,
    calls::{self, CallFilter, CallsQuery, Period, SORTS},
    listing,
};
use uuid::Uuid;

use super::body::CallBody;

/// Newest first, unless told otherwise.
const NEWEST: SortKey = SortKey {
    field: "created_at",
    descending: true,
};

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filters {
    /// Of this campaign.
    campaign_id: Option<Uuid>,
    /// Of this AI agent.
    agent_id: Option<Uuid>,
    /// `scheduled`, `queued`, `ringing`, `in_progress`, `completed`, `no_answer`, `busy`, `failed` or `cancelled`.
    status: Option<String>,
    /// To this number, E.164.
    phone_number: Option<String>,
    /// A field, `-` before one that goes down: `-created_at`; other fields for up to 10,000 calls.
    sort: Option<String>,
    /// `asc` or `desc`, for the fields without a sign.
    order: Option<String>,
}

impl Filters {
    fn query(self, dates: &DateRange, page: &Paging) -> Result<CallsQuery> {
        let words = CallStatus::WORDS.map(|word| (word, word));
        let keys = sort_keys(
            self.sort.as_deref(),
            self.order.as_deref(),
            &SORTS.map(|sort| sort.0),
            NEWEST,
        )?;
        let filter = CallFilter {
            campaign: self.campaign_id.map(CampaignId),
            voice_agent: self.agent_id.map(VoiceAgentId),
            phone: self
                .phone_number
                .as_deref()
                .map(|text| phone_filter("phone_number", text))
                .transpose()?,
            status: self
                .status
                .as_deref()
                .map(|word| choose("status", word, &words))
                .transpose()?,
            recorded: false,
            period: Period {
                from: dates.from,
                before: dates.until,
            },
        };
        let sorts = listing::by_name(keys.into_iter().map(|key| (key.field, key.descending)), &SORTS);
        Ok(CallsQuery {
            filter,
            sorts,
            page: page.0.clone(),
        })
    }
}

pub(super) async fn all(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let found = calls::list(&ctx, &by, &filters.query(&dates, &page)?).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

pub(super) async fn of_campaign(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<CampaignId>,
    Query(filters): Query<Filters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let found = calls::list_of_campaign(&ctx, &by, id, filters.query(&dates, &page)?).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

pub(super) async fn of_agent(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<VoiceAgentId>,
    Query(filters): Query<Filters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let found = calls::list_of_agent(&ctx, &by, id, filters.query(&dates, &page)?).await?;
    Ok(Reply::new(List::of(found.map(CallBody::from), &page.0)))
}

/// The calls of a day, in `timezone` or UTC.
pub(super) async fn of_date(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(date): PathText,
    Query(filters): Query<Filters>,
    dates: DateRange,
    page: Paging,
) -> Result<Reply<List<CallBody>>> {
    let day = DateRange {
        from: None,
        until: None,
        ..dates
    };
    let mut asked = filters.query(&day, &page)?;
    asked.filter.period = whole_day(&date, &day)?;
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
