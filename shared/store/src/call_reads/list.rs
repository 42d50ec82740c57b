//! Lists of calls: one index in time order, filtered while reading where it does not answer by itself, then the rows.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures::future::try_join;
use trunkline_domain::{
    Call, CallId, TenantId,
    page::{Page, PageQuery},
};

use crate::{
    Result, Store, StoreError,
    item::{Item, s, text},
};

use super::{CallFilter, CallOrder, CallText, call_id, cursor::Place, filter::Plan};

/// Queries at most for one list; each reads up to 1 MB, about 3,000 entries.
const QUERIES: usize = 20;
/// Entries that a query looks at when a filter may drop most of them.
const FILTERED: u64 = 1_000;

/// Index entries, as far as one list had to read.
pub(super) struct Entries {
    pub(super) ids: Vec<CallId>,
    /// Where the list goes on; none at its end.
    pub(super) next: Option<Place>,
    /// How many matched in all, when the whole list was read.
    all: Option<u64>,
}

impl Store {
    /// A page of a tenant's calls, with what was said on each. With a filter that few calls match, a page may hold fewer than
    /// `limit` and still have a `next_cursor`: the list is read in bounded steps.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor that is not of such a list; when the store does not answer.
    pub async fn list_calls(
        &self,
        tenant: TenantId,
        filter: &CallFilter,
        order: CallOrder,
        page: &PageQuery,
    ) -> Result<Page<(Call, Option<CallText>)>> {
        let found = Box::pin(self.page_of(tenant, filter, order, page)).await?;
        let mut items = self.calls_with_texts(tenant, &found.items).await?;
        items.retain(|(call, _)| filter.fits(call));
        Ok(with(found, items))
    }

    /// As [`Self::list_calls`], without what was said.
    ///
    /// # Errors
    /// As of [`Self::list_calls`].
    pub async fn list_calls_alone(
        &self,
        tenant: TenantId,
        filter: &CallFilter,
        order: CallOrder,
        page: &PageQuery,
    ) -> Result<Page<Call>> {
        let found = Box::pin(self.page_of(tenant, filter, order, page)).await?;
        let mut items = self.calls_by_id(tenant, &found.items).await?;
        items.retain(|call| filter.fits(call));
        Ok(with(found, items))
    }

    /// The calls of a page by their ids, and how many there are.
    async fn page_of(
        &self,
        tenant: TenantId,
        filter: &CallFilter,
        order: CallOrder,
        page: &PageQuery,
    ) -> Result<Page<CallId>> {
        let plan = filter.plan(tenant);
        let (entries, counted) = try_join(
            Box::pin(self.entries(&plan, filter, order, page)),
            Box::pin(self.total_of_calls(tenant, filter)),
        )
        .await?;
        // Whoever has seen the whole list knows better than counters that were read beside it.
        let (total, total_is_lower_bound) = entries.all.map_or(counted, |all| (all, false));
        Ok(Page {
            items: entries.ids,
            total,
            total_is_lower_bound,
            next_cursor: entries.next.map(|place| place.write()),
        })
    }

    /// All calls that match, newest first, for sorting by what no index sorts by.
    /// `None`: there are more than `most`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn all_calls(
        &self,
        tenant: TenantId,
        filter: &CallFilter,
        most: u32,
    ) -> Result<Option<Vec<Call>>> {
        let page = PageQuery {
            skip: 0,
            limit: most,
            cursor: None,
        };
        let entries = self
            .entries(&filter.plan(tenant), filter, CallOrder::Newest, &page)
            .await?;
        if entries.next.is_some() {
            return Ok(None);
        }
        let mut calls = self.calls_by_id(tenant, &entries.ids).await?;
        calls.retain(|call| filter.fits(call));
        Ok(Some(calls))
    }

    pub(super) async fn entries(
        &self,
        plan: &Plan,
        filter: &CallFilter,
        order: CallOrder,
        page: &PageQuery,
    ) -> Result<Entries> {
        let mut place = match &page.cursor {
            Some(cursor) => Some(Place::read(cursor).ok_or(StoreError::Cursor)?),
            None => None,
        };
        if filter.period.is_empty() {
            return Ok(Entries {
                ids: Vec::new(),
                next: None,
                all: Some(0),
            });
        }
        let mut skip = if place.is_some() { 0 } else { u64::from(page.skip) };
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let from_the_start = place.is_none();
        let mut ids = Vec::new();
        let mut matched = 0_u64;
        let mut last_taken = None;
        for _ in 0..QUERIES {
            // One entry more than is wanted tells whether there is a next page.
            let missing = u64::try_from(wanted.saturating_sub(ids.len()))
                .unwrap_or(u64::MAX)
                .saturating_add(1);
            let look = skip
                .saturating_add(missing)
                .max(if plan.filters() { FILTERED } else { 1 });
            let query = self
                .call_query(plan, filter)
                .scan_index_forward(order == CallOrder::Oldest);
            let query = query
                .limit(i32::try_from(look).unwrap_or(i32::MAX))
                .set_exclusive_start_key(
                    place
                        .as_ref()
                        .map(|place| place.start_key(plan.index, &plan.scope)),
                );
            let found = query.send().await.map_err(StoreError::from_sdk)?;
            for entry in found.items() {
                if ids.len() == wanted {
                    return Ok(Entries {
                        ids,
                        next: last_taken.or(place),
                        all: None,
                    });
                }
                matched += 1;
                if skip > 0 {
                    skip -= 1;
                } else {
                    ids.push(call_id(entry)?);
                    last_taken = Some(place_of(entry, plan.index)?);
                }
            }
            match found.last_evaluated_key() {
                Some(last) => place = Some(place_of(last, plan.index)?),
                None => {
                    return Ok(Entries {
                        ids,
                        next: None,
                        all: from_the_start.then_some(matched),
                    });
                }
            }
        }
        Ok(Entries {
            ids,
            next: place,
            all: None,
        })
    }

    /// The query of a filter, without order and place.
    pub(super) fn call_query(&self, plan: &Plan, filter: &CallFilter) -> QueryFluentBuilder {
        let (first, last) = filter.keys();
        // Bounds that cross hold nothing, which DynamoDB refuses to hear: no key is above `~`.
        let (first, last) = if first > last {
            ("~".to_owned(), "~".to_owned())
        } else {
            (first, last)
        };
        let index = plan.index;
        let query = self
            .db
            .query()
            .table_name(&self.tables.calls)
            .index_name(index)
            .key_condition_expression(format!(
                "{index}_pk = :scope AND {index}_sk BETWEEN :first AND :last"
            ))
            .expression_attribute_values(":scope", s(plan.scope.clone()))
            .expression_attribute_values(":first", s(first))
            .expression_attribute_values(":last", s(last));
        plan.filtered(query)
    }
}

/// The same page with other items.
fn with<T>(page: Page<CallId>, items: Vec<T>) -> Page<T> {
    Page {
        items,
        total: page.total,
        total_is_lower_bound: page.total_is_lower_bound,
        next_cursor: page.next_cursor,
    }
}

impl Plan {
    /// Whether the index alone does not answer it.
    pub(super) fn filters(&self) -> bool {
        self.begins.is_some() || !self.contains.is_empty()
    }

    /// The query, with what the index does not tell apart by itself.
    pub(super) fn filtered(&self, mut query: QueryFluentBuilder) -> QueryFluentBuilder {
        let mut tests = Vec::new();
        if let Some(begins) = &self.begins {
            tests.push("begins_with(f, :begins)".to_owned());
            query = query.expression_attribute_values(":begins", s(begins.clone()));
        }
        for (at, part) in self.contains.iter().enumerate() {
            tests.push(format!("contains(f, :part{at})"));
            query = query.expression_attribute_values(format!(":part{at}"), s(part.clone()));
        }
        if tests.is_empty() {
            query
        } else {
            query.filter_expression(tests.join(" AND "))
        }
    }
}

fn place_of(entry: &Item, index: &str) -> Result<Place> {
    let place = text(entry, &format!("{index}_sk")).and_then(Place::of);
    place.ok_or_else(|| StoreError::Corrupt(format!("an entry of index {index} has no place")))
}
