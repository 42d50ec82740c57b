//! All calls of a filter, oldest first, however many: page after page, without a total.

use trunkline_domain::{Call, TenantId, page::PageQuery};

use crate::{Result, Store};

use super::{CallFilter, CallOrder};

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
        let mut calls = self.calls_by_id(tenant, &entries.ids).await?;
        calls.retain(|call| filter.fits(call));
        Ok((calls, entries.next.map(|place| place.write())))
    }
}
