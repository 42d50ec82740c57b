//! What callers felt and talked about.

use axum::extract::State;
use http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::Error;
use trunkline_http::{DateRange, Member, Query, Reply, Result};
use trunkline_service::{
    Ctx,
    analytics::{self, PHRASES_MAX},
};

use super::{figures::Items, filters::Filters};

/// Phrases in an answer, unless asked otherwise.
const PHRASES_DEFAULT: u32 = 10;
/// Says that counts of phrases are approximate, since their body is the documented array alone.
const APPROXIMATE: HeaderName = HeaderName::from_static("x-approximate");

/// The moods of analysed calls.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SentimentBody {
    #[schemars(example = 850)]
    positive: i64,
    #[schemars(example = 300)]
    neutral: i64,
    #[schemars(example = 100)]
    negative: i64,
    #[schemars(example = 68.0)]
    positive_percentage: f64,
    #[schemars(example = 24.0)]
    neutral_percentage: f64,
    #[schemars(example = 8.0)]
    negative_percentage: f64,
}

/// How often an emotion was shown.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EmotionBody {
    #[schemars(example = &"satisfied")]
    emotion: &'static str,
    /// In so many calls.
    #[schemars(example = 420)]
    count: i64,
    /// Of all that were shown.
    #[schemars(example = 33.6)]
    percentage: f64,
}

/// How often a phrase came up, approximately: 200 phrases are kept of each day, in each of eight parts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PhraseBody {
    #[schemars(example = &"billing issue")]
    phrase: String,
    /// In so many calls.
    #[schemars(example = 234)]
    count: i64,
    /// In percent of the analysed calls.
    #[schemars(example = 18.7)]
    frequency: f64,
}

/// How many phrases.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Limit {
    /// Phrases to answer; 1 to 100, 10 unless given.
    limit: Option<u32>,
}

pub(super) async fn sentiment(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
) -> Result<Reply<SentimentBody>> {
    let moods = analytics::sentiment(&ctx, &by, &filters.question(&dates)).await?;
    let [positive_percentage, neutral_percentage, negative_percentage] = moods.shares();
    Ok(Reply::new(SentimentBody {
        positive: moods.positive,
        neutral: moods.neutral,
        negative: moods.negative,
        positive_percentage,
        neutral_percentage,
        negative_percentage,
    }))
}

pub(super) async fn emotions(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
) -> Result<Reply<Items<EmotionBody>>> {
    let shown = analytics::emotions(&ctx, &by, &filters.question(&dates)).await?;
    let items = shown.into_iter().map(|emotion| EmotionBody {
        emotion: emotion.name,
        count: emotion.count,
        percentage: emotion.share,
    });
    Ok(Reply::new(Items {
        items: items.collect(),
    }))
}

pub(super) async fn phrases(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    Query(Limit { limit }): Query<Limit>,
    dates: DateRange,
) -> Result<Reply<Vec<PhraseBody>>> {
    let limit = limit.unwrap_or(PHRASES_DEFAULT);
    if !(1..=PHRASES_MAX).contains(&limit) {
        return Err(Error::invalid("limit", format!("must be from 1 to {PHRASES_MAX}")).into());
    }
    let found = analytics::top_phrases(&ctx, &by, &filters.question(&dates), limit).await?;
    let found = found.into_iter().map(|counted| PhraseBody {
        phrase: counted.phrase,
        count: counted.count,
        frequency: counted.frequency,
    });
    let says = HeaderValue::from_static("counts may be low: 200 phrases a day and part are kept");
    Ok(Reply::bare(found.collect()).header(APPROXIMATE, says))
}
