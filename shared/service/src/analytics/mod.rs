//! Figures over many calls, from counters: the same cost at any number of calls.
//!
//! Counters know tenant, campaign and voice agent, each alone, by the quarter of an hour. What else is asked is
//! counted call by call, up to [`COUNTED`]; beyond that the question is refused, and the error says what
//! would be answered.

mod dispositions;
mod figures;
mod moods;
mod owners;
mod phrases;
mod question;
mod tally;
mod times;

use trunkline_auth::Principal;
use trunkline_domain::{Error, Role, TenantId, counters::CALLS};
use trunkline_store::Period;

use crate::Ctx;

pub use dispositions::{CallSummary, summary};
pub use figures::Figures;
pub use moods::{Emotion, Sentiment, emotions, sentiment};
pub use owners::{OwnerFigures, agents, campaigns};
pub use phrases::{PHRASES_MAX, PhraseCount, top_phrases};
pub use question::{DAYS_DEFAULT, DAYS_MAX, Question};
pub use tally::COUNTED;
pub use times::{DayFigures, HourFigures, daily, hourly};

use figures::NAMES;

/// The period of a question, and about how many calls it is about: never less than are over.
pub(crate) async fn size(ctx: &Ctx, tenant: TenantId, asked: &Question) -> Result<(Period, i64), Error> {
    let span = asked.span(ctx.now())?;
    let count = async |asked: Question| {
        // Full quarters of an hour that the period lies in: no call need be read for it.
        let sums = tally::whole(ctx, tenant, &asked, span.widened(), &[CALLS]).await?;
        Ok::<_, Error>(sums.get(CALLS))
    };
    let of_campaign = Question {
        voice_agent: None,
        ..*asked
    };
    let of_agent = Question {
        campaign: None,
        ..*asked
    };
    let calls = match asked.scope() {
        Some(_) => count(*asked).await?,
        None => count(of_campaign).await?.min(count(of_agent).await?),
    };
    Ok((span.period(), calls))
}

/// The figures of all calls that the question is about.
///
/// # Errors
/// [`Error::Invalid`] for a period that is too long, or a question that counters cannot answer about
/// too many calls.
pub async fn calls(ctx: &Ctx, who: &Principal, asked: &Question) -> Result<Figures, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    let sums = tally::whole(ctx, who.tenant, asked, span, &NAMES).await?;
    Ok(Figures::of(&sums))
}
