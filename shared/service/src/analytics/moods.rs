//! How callers felt.

use trunkline_auth::Principal;
use trunkline_domain::{
    Error, Role,
    counters::{EMOTIONS, NEGATIVE, NEUTRAL, POSITIVE},
};

use crate::Ctx;

use super::{figures::percent, question::Question, tally};

/// The moods of analysed calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sentiment {
    /// Calls in a good mood.
    pub positive: i64,
    /// Calls in no particular mood.
    pub neutral: i64,
    /// Calls in a bad mood.
    pub negative: i64,
}

impl Sentiment {
    /// Positive, neutral and negative in percent.
    #[must_use]
    pub fn shares(&self) -> [f64; 3] {
        let all = self.positive + self.neutral + self.negative;
        [self.positive, self.neutral, self.negative].map(|part| percent(part, all))
    }
}

/// The moods of the calls that the question is about.
///
/// # Errors
/// As of [`super::calls`].
pub async fn sentiment(ctx: &Ctx, who: &Principal, asked: &Question) -> Result<Sentiment, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    let sums = tally::whole(ctx, who.tenant, asked, span, &MOODS).await?;
    Ok(Sentiment {
        positive: sums.get(POSITIVE),
        neutral: sums.get(NEUTRAL),
        negative: sums.get(NEGATIVE),
    })
}

/// The sums of moods.
pub(super) const MOODS: [&str; 3] = [POSITIVE, NEUTRAL, NEGATIVE];

/// How often an emotion was shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emotion {
    /// Which.
    pub name: &'static str,
    /// In how many calls.
    pub count: i64,
    /// In percent of all that were shown.
    pub share: f64,
}

/// The emotions shown in the calls that the question is about, the most frequent first.
///
/// # Errors
/// As of [`super::calls`].
pub async fn emotions(ctx: &Ctx, who: &Principal, asked: &Question) -> Result<Vec<Emotion>, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    let names = EMOTIONS.map(|(_, counter)| counter);
    let sums = tally::whole(ctx, who.tenant, asked, span, &names).await?;
    let all: i64 = names.iter().map(|name| sums.get(name)).sum();
    let shown = EMOTIONS.iter().map(|(name, counter)| (*name, sums.get(counter)));
    let mut shown: Vec<Emotion> = shown
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| Emotion {
            name,
            count,
            share: percent(count, all),
        })
        .collect();
    shown.sort_by_key(|emotion| std::cmp::Reverse(emotion.count));
    Ok(shown)
}
