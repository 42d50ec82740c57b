//! Calls as people ask for them: one, many, what was said, how many; and the writes that are not
//! the dialer's: notes, what came after the call, deletion.

mod after;
mod cursor;
mod delete;
mod filter;
mod list;
#[cfg(test)]
mod tests;
mod text;
mod total;
mod transcription;
mod walk;
#[cfg(test)]
mod write_tests;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use trunkline_domain::{Call, CallId, TenantId};

use crate::{
    Result, Store, StoreError,
    item::{Item, key, read},
    keys,
};

pub use after::AfterCall;
pub use filter::{CallFilter, CallOrder};
pub use text::CallText;
pub(crate) use transcription::track;

impl Store {
    /// A call of this tenant, read consistently.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn call(&self, tenant: TenantId, id: CallId) -> Result<Option<Call>> {
        Ok(self
            .call_unchecked(id)
            .await?
            .filter(|call| call.tenant == tenant))
    }

    /// A call of whatever tenant, read consistently: for what the carrier says, which names no tenant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn call_unchecked(&self, id: CallId) -> Result<Option<Call>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.calls)
            .consistent_read(true);
        let get = get.set_key(Some(key(keys::call(id), META)));
        let got = get.send().await.map_err(StoreError::from_sdk)?;
        got.item.map(read).transpose()
    }

    /// These calls, in this order; those that are gone, or another tenant's, are left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn calls_by_id(&self, tenant: TenantId, ids: &[CallId]) -> Result<Vec<Call>> {
        let rows = self.parts_of_calls(ids, &[META]).await?;
        let calls: Vec<Call> = rows.into_iter().map(read).collect::<Result<_>>()?;
        Ok(calls.into_iter().filter(|call| call.tenant == tenant).collect())
    }

    /// As [`Self::calls_by_id`], each with what was said on it, read in the same request.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn calls_with_texts(
        &self,
        tenant: TenantId,
        ids: &[CallId],
    ) -> Result<Vec<(Call, Option<CallText>)>> {
        let rows = self.parts_of_calls(ids, &[META, TEXT]).await?;
        let (texts, calls): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|row| crate::item::text(row, "SK") == Some(TEXT));
        let mut texts: HashMap<CallId, CallText> = texts
            .into_iter()
            .map(|row| Ok((call_id(&row)?, read(row)?)))
            .collect::<Result<_>>()?;
        let calls: Vec<Call> = calls.into_iter().map(read).collect::<Result<_>>()?;
        let of_tenant = calls.into_iter().filter(|call| call.tenant == tenant);
        Ok(of_tenant
            .map(|call| {
                let text = texts.remove(&call.id);
                (call, text)
            })
            .collect())
    }

    /// These parts of calls, in this order, some batches at once.
    async fn parts_of_calls(&self, ids: &[CallId], parts: &[&str]) -> Result<Vec<Item>> {
        let wanted: Vec<Item> = ids
            .iter()
            .flat_map(|id| parts.iter().map(|part| key(keys::call(*id), *part)))
            .collect();
        let batches: Vec<Vec<Item>> = wanted.chunks(BATCH).map(<[_]>::to_vec).collect();
        let batches = stream::iter(batches)
            .map(|batch| async move { self.batch_get(&self.tables.calls, batch).await })
            .buffered(BATCHES);
        let rows: Vec<Vec<Item>> = batches.try_collect().await?;
        Ok(rows.concat())
    }
}

/// Rows that one batch reads, by DynamoDB's limit.
const BATCH: usize = 100;
/// Batches at once.
const BATCHES: usize = 4;
/// Sort key of a call's row.
const META: &str = "META";
/// Sort key of the row that holds all that was said.
const TEXT: &str = "TEXT";
/// Sort key of the last wish to transcribe its recording again.
const AGAIN: &str = "AGAIN";

/// The id in a row's or an index entry's key.
fn call_id(row: &Item) -> Result<CallId> {
    let id = row.get("PK").and_then(|pk| AttributeValue::as_s(pk).ok());
    let id = id.and_then(|pk| pk.strip_prefix("C#")?.parse().ok());
    id.ok_or_else(|| StoreError::Corrupt("a call's key has no id".to_owned()))
}
