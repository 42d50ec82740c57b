//! Summing up: full quarters of an hour from counters, what is left of others call by call.

use std::collections::BTreeMap;

use trunkline_domain::{Call, Error, Instant, TenantId};
use trunkline_store::{
    Period, Sums,
    counters::quarters::{quarter, quarter_of},
};

use crate::Ctx;

use super::question::{Question, Span};

/// How many calls are counted one by one.
pub const COUNTED: u32 = 10_000;

/// The sums of all that is asked, by name.
pub(super) async fn whole(
    ctx: &Ctx,
    tenant: TenantId,
    asked: &Question,
    span: Span,
    names: &[&'static str],
) -> Result<Sums, Error> {
    let sums = grouped(ctx, tenant, asked, span, names, |_| ()).await?;
    Ok(sums.into_values().next().unwrap_or_default())
}

/// The sums of groups of quarters of an hour; `group` is asked for a quarter's beginning.
pub(super) async fn grouped<K: Ord + Clone + Send>(
    ctx: &Ctx,
    tenant: TenantId,
    asked: &Question,
    span: Span,
    names: &[&'static str],
    group: impl Fn(Instant) -> K + Sync,
) -> Result<BTreeMap<K, Sums>, Error> {
    let (inner, edges) = match asked.scope() {
        Some(scope) => {
            let (inner, edges) = parts(span);
            (Some((scope, inner)), edges)
        }
        None => (None, vec![span]),
    };
    let mut all = match inner {
        Some((scope, period)) => ctx.store.sums_by(tenant, scope, period, names, &group).await?,
        None => BTreeMap::new(),
    };
    for edge in edges {
        for call in counted_calls(ctx, tenant, asked, edge).await? {
            all.entry(group(quarter_of(call.created_at)))
                .or_default()
                .add_call(&call);
        }
    }
    Ok(all)
}

/// The calls of a period, while there are not too many to count them.
pub(super) async fn counted_calls(
    ctx: &Ctx,
    tenant: TenantId,
    asked: &Question,
    span: Span,
) -> Result<Vec<Call>, Error> {
    if span.from >= span.before {
        return Ok(Vec::new());
    }
    let calls = ctx.store.all_calls(tenant, &asked.filter(span), COUNTED).await?;
    calls.ok_or_else(|| too_many(asked))
}

fn too_many(asked: &Question) -> Error {
    if asked.scope().is_none() {
        let what = format!(
            "with agent_id calls are counted one by one, up to {COUNTED}, and there are more to look through: give one of the two, or a shorter period"
        );
        return Error::invalid("campaign_id", what);
    }
    let what = format!(
        "the period begins or ends inside a quarter of an hour with more than {COUNTED} calls: give dates, or times at :00, :15, :30 or :45"
    );
    Error::invalid("start_date", what)
}

/// The full quarters of an hour in a period, and what is left before and after them.
fn parts(span: Span) -> (Period, Vec<Span>) {
    let begin = quarter_of(span.from);
    let first = if begin == span.from {
        begin
    } else {
        begin + quarter()
    };
    let last = quarter_of(span.before);
    if first > last {
        let none = Period {
            from: Some(first),
            before: Some(first),
        };
        return (none, vec![span]);
    }
    let inner = Period {
        from: Some(first),
        before: Some(last),
    };
    let edges = [(span.from, first), (last, span.before)];
    let edges = edges
        .into_iter()
        .filter(|(from, before)| from < before)
        .map(|(from, before)| Span { from, before });
    (inner, edges.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(second: i64) -> Instant {
        chrono::DateTime::from_timestamp(1_780_000_000 + second, 0).unwrap()
    }

    proptest! {
        #[test]
        fn the_parts_are_the_period_and_only_edges_are_counted_one_by_one(from in 0..20_000_i64, length in 1..20_000_i64) {
            let span = Span { from: instant(from), before: instant(from + length) };
            let (inner, edges) = parts(span);
            let (first, last) = (inner.from.unwrap(), inner.before.unwrap());
            prop_assert!(first == quarter_of(first) && last == quarter_of(last) || first == last);
            let in_parts = |at: Instant| {
                usize::from(first <= at && at < last)
                    + edges.iter().filter(|edge| edge.from <= at && at < edge.before).count()
            };
            for second in (-1_000..length + 1_000).step_by(61).chain([0, length - 1, length, -1]) {
                let at = instant(from + second);
                let inside = span.from <= at && at < span.before;
                prop_assert_eq!(in_parts(at), usize::from(inside), "{}", at);
            }
            prop_assert!(edges.iter().all(|edge| edge.before - edge.from < quarter()));
        }
    }
}
