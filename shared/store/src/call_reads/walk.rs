//! All calls of a filter, oldest first, however many: page after page, without a total.

use futures::{StreamExt, TryStreamExt, stream};
use trunkline_domain::{Call, TenantId, page::PageQuery};

use crate::{Result, Store};

use super::{CallFilter, CallOrder};

/// Calls that one batch reads.
const BATCH: usize = 100;
/// Batches at once.
const BATCHES: usize = 4;

impl Store {
    /// The calls after a place, oldest first, and the place after them; none at the end. Calls that
    /// come meanwhile come last.
    ///
    /// # Errors
    /// [`crate::StoreError::Cursor`] for what is no such place; when the store does not answer.
    pub async fn walk_calls(
        &self,
        tenant: TenantId,
        filter: &CallFilter,
        after: Option<&str>,
        most: u32,
    ) -> Result<(Vec<Call>, Option<String>)> {
        let page = PageQuery {
            skip: 0,
            limit: most,
            cursor: after.map(str::to_owned),
        };
        let plan = filter.plan(tenant);
        let entries = self.entries(&plan, filter, CallOrder::Oldest, &page).await?;
        let batches: Vec<Vec<_>> = entries.ids.chunks(BATCH).map(<[_]>::to_vec).collect();
        let batches = stream::iter(batches)
            .map(|ids| async move { self.calls_by_id(tenant, &ids).await })
            .buffered(BATCHES);
        let calls: Vec<Vec<Call>> = batches.try_collect().await?;
        let mut calls: Vec<Call> = calls.into_iter().flatten().collect();
        calls.retain(|call| filter.fits(call));
        Ok((calls, entries.next.map(|place| place.write())))
    }
}
