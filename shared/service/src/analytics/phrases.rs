//! What callers talked about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use trunkline_auth::Principal;
use trunkline_domain::{Error, Role};

use crate::Ctx;

use super::{
    figures::percent,
    moods::MOODS,
    question::Question,
    tally::{self, counted_calls},
};

/// The most phrases of one answer.
pub const PHRASES_MAX: u32 = 100;

/// How often a phrase came up.
#[derive(Debug, Clone, PartialEq)]
pub struct PhraseCount {
    /// In small letters.
    pub phrase: String,
    /// In how many calls, about.
    pub count: i64,
    /// In percent of the analysed calls.
    pub frequency: f64,
}

/// The most frequent phrases of the calls that the question is about: approximate, from UTC days, of
/// each of which 200 phrases are kept in each of eight parts.
///
/// # Errors
/// As of [`super::calls`].
pub async fn top_phrases(
    ctx: &Ctx,
    who: &Principal,
    asked: &Question,
    limit: u32,
) -> Result<Vec<PhraseCount>, Error> {
    who.require(Role::User)?;
    let span = asked.span(ctx.now())?;
    if span.from >= span.before {
        return Ok(Vec::new());
    }
    let (counts, analysed) = match asked.scope() {
        Some(scope) => {
            let last = (span.before - Duration::milliseconds(1)).date_naive();
            let counts = ctx
                .store
                .phrase_counts(who.tenant, scope, span.from.date_naive(), last);
            let sums = tally::whole(ctx, who.tenant, asked, span, &MOODS);
            let (counts, sums) = futures::join!(counts, sums);
            let sums = sums?;
            (counts?, MOODS.iter().map(|name| sums.get(name)).sum())
        }
        None => {
            let calls = counted_calls(ctx, who.tenant, asked, span).await?;
            let analyses: Vec<_> = calls.iter().filter_map(|call| call.analysis.as_ref()).collect();
            let mut counts: BTreeMap<String, i64> = BTreeMap::new();
            for analysis in &analyses {
                let once: BTreeSet<String> = analysis.key_phrases.iter().map(|p| p.to_lowercase()).collect();
                for phrase in once {
                    *counts.entry(phrase).or_default() += 1;
                }
            }
            (counts, i64::try_from(analyses.len()).unwrap_or(i64::MAX))
        }
    };
    let mut all: Vec<(String, i64)> = counts.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let counted = all.into_iter().map(|(phrase, count)| PhraseCount {
        frequency: percent(count, analysed).min(100.0),
        phrase,
        count,
    });
    Ok(counted.collect())
}
